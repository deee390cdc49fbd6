// SPDX-License-Identifier: Apache-2.0
//! Finds base64 texts that hold a wanted name, as some page builders store their content.

use std::ops::Range;
use std::sync::Arc;

use crate::bytes::starts;
use crate::paced;
use crate::spool::{Buffer, Room};
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
    /// What it is padded with.
    equal: &'static [u8],
}

/// Base64 text that could be read.
struct Text {
    run: Run,
    meaning: Buffer,
    is_for_addresses: bool,
    escapes: bool,
}

/// Writes the data with every base64 text that holds a wanted one rewritten.
pub fn replace(
    rewriter: &Rewriter,
    data: &[u8],
    out: &mut Buffer,
    depth: usize,
    tally: &mut Tally,
) {
    let mut done = 0;
    let room = Arc::clone(out.room());
    each(rewriter, data, &room, &mut |text| {
        let old = text.meaning.as_slice();
        let mut new = Buffer::new(&room);
        rewriter.carrier(old, &mut new, depth + 1, tally);
        if paced::same(new.as_slice(), old) {
            return false;
        }
        out.extend(&data[done..text.run.signs.start]);
        text.write(new.as_slice(), out);
        done = text.run.end;
        true
    });
    out.extend(&data[done..]);
}

/// Counts the source addresses in the base64 texts of the data.
pub fn total(rewriter: &Rewriter, data: &[u8], room: &Arc<Room>) -> u64 {
    let mut counted = 0;
    each(rewriter, data, room, &mut |text| {
        let more = rewriter.residuals(text.meaning.as_slice());
        counted += more;
        more > 0
    });
    counted
}

/// Offers every text that holds a wanted one, until it is of use.
fn each(rewriter: &Rewriter, data: &[u8], room: &Arc<Room>, offered: &mut dyn FnMut(Text) -> bool) {
    // Host names hold none of the signs that are escaped or written in two ways.
    if !rewriter.is_coded(data) {
        return;
    }
    let mut at = 0;
    while let Some(run) = next(data, at..data.len(), is_any) {
        let span = run.signs.start..run.end;
        at = span.end;
        let has_other = has(&data[run.signs.clone()], is_other);
        if read(rewriter, data, run, room).map_or(false, &mut *offered) || !has_other {
            continue;
        }
        // The other signs may as well separate a text from a word before it.
        let mut low = span.start;
        while let Some(part) = next(data, low..span.end, is_usual) {
            low = part.end;
            if let Some(text) = read(rewriter, data, part, room) {
                offered(text);
            }
        }
    }
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
    span.into_iter().find_map(|at| {
        paced::at(at, 1);
        (!in_word(at)).then(|| run(text, at, is_sign))?
    })
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
        paced::at(high, 1);
    }
    if length < SHORTEST {
        return None;
    }
    let mut width = 0;
    let mut equal: &[u8] = b"=";
    for text in [&b"="[..], b"%3D", b"%3d"] {
        if starts(data, high, text) {
            equal = text;
            width = text.len();
        }
    }
    let padding = match width {
        0 => 0,
        _ => 1 + usize::from(starts(data, high + width, equal)),
    };
    Some(Run {
        signs: at..high,
        end: high + padding * width,
        padding,
        equal,
    })
}

fn read(rewriter: &Rewriter, data: &[u8], mut run: Run, room: &Arc<Room>) -> Option<Text> {
    let raw = &data[run.signs.clone()];
    let is_for_addresses = has(raw, is_other);
    if !rewriter.is_coded(raw) || (is_for_addresses && has(raw, |byte| b"+/".contains(byte))) {
        return None;
    }
    let escapes = has(raw, |&byte| byte == b'\\');
    let signs = paced::parts(raw)
        .map(|part| part.iter().filter(|&&byte| byte != b'\\').count())
        .sum::<usize>();
    if run.padding == 0 && signs % 4 > 1 {
        // A text that goes on in the next line has not come to its end.
        if matches!(data.get(run.end), Some(b'\r' | b'\n' | b'\\')) {
            return None;
        }
        run.equal = b"";
        run.padding = 4 - signs % 4;
    }
    if (signs + run.padding) % 4 != 0 {
        return None;
    }
    let mut meaning = Buffer::new(room);
    decode(raw, &mut meaning)?;
    Some(Text {
        run,
        meaning,
        is_for_addresses,
        escapes,
    })
}

fn has(data: &[u8], sign: impl Fn(&u8) -> bool) -> bool {
    paced::find(data, |part| part.iter().position(&sign)).is_some()
}

fn value(sign: u8) -> Option<u32> {
    let usual = match sign {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let place = SIGNS.iter().position(|&known| known == usual);
    place.map(|value| value as u32)
}

/// Writes the meaning of some signs; nothing if writing it again would not give the same text.
fn decode(raw: &[u8], out: &mut Buffer) -> Option<()> {
    let (mut bits, mut many) = (0_u32, 0);
    for (at, &sign) in raw.iter().enumerate() {
        paced::at(at, 1);
        if sign == b'\\' {
            continue;
        }
        bits = bits << 6 | value(sign)?;
        many += 1;
        if many == 4 {
            out.extend(&bits.to_be_bytes()[1..]);
            (bits, many) = (0, 0);
        }
    }
    if many > 0 {
        let bytes = (bits << (6 * (4 - many))).to_be_bytes();
        // Bits that no byte takes must be zero.
        if bytes[many..].iter().any(|&byte| byte != 0) {
            return None;
        }
        out.extend(&bytes[1..many]);
    }
    Some(())
}

impl Text {
    /// Writes another meaning in the same manner.
    fn write(&self, new: &[u8], out: &mut Buffer) {
        for (number, group) in new.chunks(3).enumerate() {
            paced::at(3 * number, 3);
            let mut bytes = [0; 4];
            bytes[1..=group.len()].copy_from_slice(group);
            let bits = u32::from_be_bytes(bytes);
            for place in 0..4 {
                if place > group.len() {
                    out.extend(self.run.equal);
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
