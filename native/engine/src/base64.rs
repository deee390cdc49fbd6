// SPDX-License-Identifier: Apache-2.0
//! Finds base64 texts that hold a wanted name, as some page builders store their content.

use crate::spool::Buffer;
use crate::tally::Tally;
use crate::values::Rewriter;

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SHORTEST: usize = 16;

/// Writes the data with every base64 text that holds a wanted one rewritten.
pub fn replace(
    rewriter: &Rewriter,
    data: &[u8],
    out: &mut Buffer,
    depth: usize,
    tally: &mut Tally,
) {
    let (mut done, mut at) = (0, 0);
    while at < data.len() {
        let in_word = at > 0 && is_sign(data[at - 1]) && data[at - 1] != b'/';
        let end = match if in_word { None } else { run(data, at) } {
            None => {
                at += 1;
                continue;
            }
            Some(end) => end,
        };
        if let Some(new) = changed(rewriter, &data[at..end], out, depth, tally) {
            out.extend(&data[done..at]);
            out.extend(new.as_slice());
            done = end;
        }
        at = end;
    }
    out.extend(&data[done..]);
}

fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Gives the end of the base64 text at a place, if it is long enough to be one.
fn run(data: &[u8], at: usize) -> Option<usize> {
    let (mut end, mut signs) = (at, 0);
    loop {
        match data.get(end) {
            Some(&byte) if is_sign(byte) => end += 1,
            Some(b'\\') if data.get(end + 1) == Some(&b'/') => end += 2,
            _ => break,
        }
        signs += 1;
    }
    let padding = data[end..]
        .iter()
        .take(2)
        .take_while(|&&byte| byte == b'=')
        .count();
    (signs >= SHORTEST).then(|| end + padding)
}

fn changed(
    rewriter: &Rewriter,
    raw: &[u8],
    out: &Buffer,
    depth: usize,
    tally: &mut Tally,
) -> Option<Buffer> {
    let text: Vec<u8> = raw.iter().copied().filter(|&byte| byte != b'\\').collect();
    if !rewriter
        .coded
        .iter()
        .any(|wanted| wanted.find(&text).is_some())
    {
        return None;
    }
    let old = decoded(&text)?;
    let mut new = Buffer::new(out.room());
    rewriter.carrier(&old, &mut new, depth + 1, tally);
    if new.as_slice() == old.as_slice() {
        return None;
    }
    let mut coded = Buffer::new(out.room());
    encode(new.as_slice(), text.len() != raw.len(), &mut coded);
    Some(coded)
}

fn value(byte: u8) -> Option<u32> {
    SIGNS
        .iter()
        .position(|&sign| sign == byte)
        .map(|value| value as u32)
}

/// Gives the meaning, if writing it again gives the same text.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() % 4 != 0 {
        return None;
    }
    let padding = text
        .iter()
        .rev()
        .take(2)
        .take_while(|&&byte| byte == b'=')
        .count();
    let signs = &text[..text.len() - padding];
    let mut meaning = Vec::with_capacity(text.len() / 4 * 3);
    for group in signs.chunks(4) {
        let mut bits = 0;
        for &sign in group {
            bits = bits << 6 | value(sign)?;
        }
        let spare = 4 - group.len();
        bits <<= 6 * spare;
        let bytes = bits.to_be_bytes();
        // Bits that no byte takes must be zero, or the text would not come out the same.
        if bytes[4 - spare..].iter().any(|&byte| byte != 0) {
            return None;
        }
        meaning.extend_from_slice(&bytes[1..4 - spare]);
    }
    Some(meaning)
}

fn encode(data: &[u8], escapes: bool, out: &mut Buffer) {
    for group in data.chunks(3) {
        let mut bytes = [0; 4];
        bytes[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bytes);
        for place in 0..4 {
            if place > group.len() {
                out.push(b'=');
                continue;
            }
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            if sign == b'/' && escapes {
                out.push(b'\\');
            }
            out.push(sign);
        }
    }
}
