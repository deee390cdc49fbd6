// SPDX-License-Identifier: Apache-2.0
//! Finds base64 texts that hold a wanted name, as some page builders store their content.

use std::ops::Range;

use crate::bytes::starts;
use crate::spool::Buffer;
use crate::tally::Tally;
use crate::values::Rewriter;

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SHORTEST: usize = 16;

/// Base64 text that stands in other text.
struct Run {
    /// Its signs, escaped slashes included.
    signs: Range<usize>,
    /// The place behind its padding.
    end: usize,
    /// How often it is padded.
    padding: usize,
}

/// Writes the data with every base64 text that holds a wanted one rewritten.
pub fn replace(
    rewriter: &Rewriter,
    data: &[u8],
    out: &mut Buffer,
    depth: usize,
    tally: &mut Tally,
) {
    let (mut done, mut at) = (0, 0);
    let mut put =
        |run: &Run, out: &mut Buffer| match changed(rewriter, data, run, out, depth, tally) {
            None => false,
            Some(new) => {
                out.extend(&data[done..run.signs.start]);
                out.extend(new.as_slice());
                done = run.end;
                true
            }
        };
    while let Some(run) = next(data, at..data.len(), is_any) {
        at = run.end;
        if !put(&run, out) && data[run.signs.clone()].iter().any(is_other) {
            // The other signs may as well separate a text from a word before it.
            let mut low = run.signs.start;
            while let Some(part) = next(data, low..run.end, is_usual) {
                low = part.end;
                put(&part, out);
            }
        }
    }
    out.extend(&data[done..]);
}

fn is_usual(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/".contains(byte)
}

/// Tells whether it is one of the signs that base64 for addresses writes for two others.
fn is_other(byte: &u8) -> bool {
    b"_-".contains(byte)
}

fn is_any(byte: &u8) -> bool {
    is_usual(byte) || is_other(byte)
}

/// Gives the next text within a span that is long enough to be base64.
fn next(data: &[u8], span: Range<usize>, is_sign: fn(&u8) -> bool) -> Option<Run> {
    let in_word = |at: usize| at > 0 && is_sign(&data[at - 1]) && data[at - 1] != b'/';
    let text = &data[..span.end];
    span.into_iter()
        .find_map(|at| (!in_word(at)).then(|| run(text, at, is_sign))?)
}

fn run(data: &[u8], at: usize, is_sign: fn(&u8) -> bool) -> Option<Run> {
    let (mut high, mut length) = (at, 0);
    loop {
        match data.get(high) {
            Some(byte) if is_sign(byte) => high += 1,
            Some(b'\\') if data.get(high + 1) == Some(&b'/') => high += 2,
            _ => break,
        }
        length += 1;
    }
    if length < SHORTEST {
        return None;
    }
    let equal: &[u8] = [&b"="[..], b"%3D", b"%3d"]
        .into_iter()
        .find(|text| starts(data, high, text))
        .unwrap_or(b"");
    let padding = match equal.len() {
        0 => 0,
        width => 1 + usize::from(starts(data, high + width, equal)),
    };
    let end = high + padding * equal.len();
    Some(Run {
        signs: at..high,
        end,
        padding,
    })
}

fn changed(
    rewriter: &Rewriter,
    data: &[u8],
    run: &Run,
    out: &Buffer,
    depth: usize,
    tally: &mut Tally,
) -> Option<Buffer> {
    let raw = &data[run.signs.clone()];
    let mut text: Vec<u8> = raw.iter().copied().filter(|&byte| byte != b'\\').collect();
    let is_for_addresses = text.iter().any(is_other);
    if is_for_addresses {
        if text.iter().any(|byte| b"+/".contains(byte)) {
            return None;
        }
        for sign in &mut text {
            *sign = usual(*sign);
        }
    }
    let wanted = &rewriter.coded;
    if !wanted.iter().any(|wanted| wanted.find(&text).is_some()) {
        return None;
    }
    // A text that goes on in the next line is not unpadded: it has not come to its end.
    let goes_on = matches!(data.get(run.end), Some(b'\r' | b'\n' | b'\\'));
    let is_bare = run.padding == 0 && text.len() % 4 > 1 && !goes_on;
    let padding = if is_bare {
        4 - text.len() % 4
    } else {
        run.padding
    };
    let old = decoded(&text, padding)?;
    let mut new = Buffer::new(out.room());
    rewriter.carrier(&old, &mut new, depth + 1, tally);
    if new.as_slice() == old.as_slice() {
        return None;
    }
    let equal: &[u8] = match run.padding {
        _ if is_bare => b"",
        0 => b"=",
        many => &data[run.signs.end..run.signs.end + (run.end - run.signs.end) / many],
    };
    let manner = Manner {
        is_for_addresses,
        escapes: text.len() != raw.len(),
        equal,
    };
    let mut coded = Buffer::new(out.room());
    manner.encode(new.as_slice(), &mut coded);
    Some(coded)
}

/// Gives the usual sign for one of base64 for addresses.
fn usual(sign: u8) -> u8 {
    match sign {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

fn value(byte: u8) -> Option<u32> {
    SIGNS
        .iter()
        .position(|&sign| sign == byte)
        .map(|value| value as u32)
}

/// Gives the meaning, if writing it again gives the same text.
fn decoded(signs: &[u8], padding: usize) -> Option<Vec<u8>> {
    if (signs.len() + padding) % 4 != 0 {
        return None;
    }
    let mut meaning = Vec::with_capacity(signs.len() / 4 * 3 + 3);
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

/// How a text writes base64.
struct Manner<'a> {
    is_for_addresses: bool,
    escapes: bool,
    equal: &'a [u8],
}

impl Manner<'_> {
    fn encode(&self, data: &[u8], out: &mut Buffer) {
        for group in data.chunks(3) {
            let mut bytes = [0; 4];
            bytes[1..=group.len()].copy_from_slice(group);
            let bits = u32::from_be_bytes(bytes);
            for place in 0..4 {
                if place > group.len() {
                    out.extend(self.equal);
                    continue;
                }
                let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
                match sign {
                    b'+' if self.is_for_addresses => out.push(b'-'),
                    b'/' if self.is_for_addresses => out.push(b'_'),
                    b'/' if self.escapes => out.extend(b"\\/"),
                    sign => out.push(sign),
                }
            }
        }
    }
}
