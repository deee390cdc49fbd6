// SPDX-License-Identifier: Apache-2.0
//! Knows how SQL dumps write values: where a literal ends, what it means, how it is written anew.

use memchr::{memchr, memchr2, memchr3};

use crate::bytes::starts;
use crate::spelling::{self, Spelling};
use crate::spool::Buffer;

/// The escapes that dumps are made of, the backslash itself apart: sign and letter.
const COMMON: [(u8, u8); 7] = [
    (b'"', b'"'),
    (b'\'', b'\''),
    (b'\n', b'n'),
    (b'\r', b'r'),
    (0, b'0'),
    (b'\t', b't'),
    (0x1a, b'Z'),
];

/// One way to read string literals: with backslash escapes, or without them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Whether a backslash escapes what follows it.
    pub backslashes: bool,
}

impl Dialect {
    /// Gives the place behind the quoted string at a place; nothing if it does not end.
    pub fn string_end(self, data: &[u8], at: usize) -> Option<usize> {
        let quote = data[at];
        let mut from = at + 1;
        loop {
            let rest = data.get(from..)?;
            let place = from
                + if self.backslashes {
                    memchr2(quote, b'\\', rest)?
                } else {
                    memchr(quote, rest)?
                };
            if data[place] == b'\\' && self.backslashes {
                if place + 1 >= data.len() {
                    return None;
                }
                from = place + 2;
            } else if data.get(place + 1) == Some(&quote) {
                from = place + 2;
            } else {
                return Some(place + 1);
            }
        }
    }

    /// Writes what a literal's inner bytes mean, unless they mean themselves.
    pub fn decode(self, quote: u8, raw: &[u8], out: &mut Buffer) -> bool {
        let next = |from: usize| match self.backslashes {
            true => memchr2(quote, b'\\', &raw[from..]),
            false => memchr(quote, &raw[from..]),
        };
        let (mut done, mut at) = (0, 0);
        while let Some(found) = next(at) {
            let place = at + found;
            let sign = match raw.get(place + 1) {
                None => break,
                Some(&sign) => sign,
            };
            at = place + 1;
            if raw[place] != quote {
                at = place + 2;
                out.extend(&raw[done..place]);
                if sign == b'%' || sign == b'_' {
                    out.push(b'\\');
                }
                out.push(meaning(sign));
                done = at;
            } else if sign == quote {
                at = place + 2;
                out.extend(&raw[done..place + 1]);
                done = at;
            }
        }
        if done == 0 {
            return false;
        }
        out.extend(&raw[done..]);
        true
    }

    /// Writes bytes as a quoted literal, with the escapes that an old literal uses.
    ///
    /// `raw` are the old literal's inner bytes and `old` is what they mean.
    pub fn encode(self, quote: u8, new: &[u8], raw: &[u8], old: &[u8], out: &mut Buffer) {
        out.push(quote);
        let is_plain = |text: &[u8]| match self.backslashes {
            true => memchr2(quote, b'\\', text).is_none(),
            false => memchr(quote, text).is_none(),
        };
        if is_plain(raw) && is_plain(new) {
            out.extend(new);
        } else {
            let ways = self.ways(quote, raw, new);
            if ways.write_is(old, raw) {
                ways.write(new, out);
            } else {
                spelling::encode(&Quoted { quote, dialect: self }, new, raw, out);
            }
        }
        out.push(quote);
    }

    /// Collects the escapes that the old literal shows, if each sign is written in one way.
    fn ways(self, quote: u8, raw: &[u8], new: &[u8]) -> Ways {
        let mut ways = Ways { signs: Vec::new(), wanted: [false; 256] };
        let mut has_escaped_quote = false;
        if self.backslashes {
            ways.add(b'\\', b"\\\\");
            let seen = letters(raw);
            for (sign, letter) in COMMON {
                if seen[letter as usize] {
                    ways.add(sign, &[b'\\', letter]);
                }
            }
            has_escaped_quote = seen[quote as usize];
        }
        let doubled = [quote, quote];
        if !self.backslashes || memchr::memmem::find(raw, &doubled).is_some() {
            ways.add(quote, &doubled);
        } else if !has_escaped_quote && memchr(quote, new).is_some() {
            ways.add(quote, &[b'\\', quote]);
        }
        ways
    }
}

fn meaning(letter: u8) -> u8 {
    match letter {
        b'0' => 0,
        b'b' => 8,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'Z' => 0x1a,
        other => other,
    }
}

/// Tells which bytes stand behind a backslash, wherever it stands.
fn letters(raw: &[u8]) -> [bool; 256] {
    let mut seen = [false; 256];
    for place in memchr::memchr_iter(b'\\', raw) {
        if let Some(&letter) = raw.get(place + 1) {
            seen[letter as usize] = true;
        }
    }
    seen
}

/// What each byte is written as; bytes without an entry stand for themselves.
struct Ways {
    signs: Vec<(u8, Vec<u8>)>,
    wanted: [bool; 256],
}

impl Ways {
    /// Adds a replacement behind the earlier ones: it sees what they have written.
    fn add(&mut self, sign: u8, escape: &[u8]) {
        let mut is_new = true;
        for (known, text) in &mut self.signs {
            is_new = is_new && *known != sign;
            if text.contains(&sign) {
                let pieces = text.iter().map(|&byte| if byte == sign { escape.to_vec() } else { vec![byte] });
                *text = pieces.flatten().collect();
            }
        }
        if is_new {
            self.signs.push((sign, escape.to_vec()));
            self.wanted[sign as usize] = true;
        }
    }

    /// Gives the place of the next byte that is written as something else.
    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = &text[from..];
        let sign = |number: usize| self.signs[number].0;
        let found = match self.signs.len() {
            1 => memchr(sign(0), rest),
            2 => memchr2(sign(0), sign(1), rest),
            3 => memchr3(sign(0), sign(1), sign(2), rest),
            _ => rest.iter().position(|&byte| self.wanted[byte as usize]),
        };
        found.map(|place| from + place)
    }

    fn escape(&self, sign: u8) -> &[u8] {
        self.signs.iter().find(|(known, _)| *known == sign).map_or(&[], |(_, text)| text)
    }

    /// Tells whether `text`, written in these ways, is `raw`.
    fn write_is(&self, text: &[u8], raw: &[u8]) -> bool {
        let (mut at, mut done) = (0, 0);
        while let Some(place) = self.next(text, done) {
            let escape = self.escape(text[place]);
            let end = at + (place - done);
            if raw.get(at..end) != Some(&text[done..place]) || !starts(raw, end, escape) {
                return false;
            }
            at = end + escape.len();
            done = place + 1;
        }
        raw.get(at..) == Some(&text[done..])
    }

    fn write(&self, text: &[u8], out: &mut Buffer) {
        let mut done = 0;
        while let Some(place) = self.next(text, done) {
            out.extend(&text[done..place]);
            out.extend(self.escape(text[place]));
            done = place + 1;
        }
        out.extend(&text[done..]);
    }
}

/// The inside of a quoted literal, sign by sign.
struct Quoted {
    quote: u8,
    dialect: Dialect,
}

impl Spelling for Quoted {
    fn escape(&self, raw: &[u8], at: usize) -> Option<usize> {
        let next = *raw.get(at + 1)?;
        let escapes = self.dialect.backslashes && raw[at] == b'\\';
        (escapes || (raw[at] == self.quote && next == self.quote)).then(|| 2)
    }

    fn read(&self, escape: &[u8]) -> Vec<u8> {
        match escape {
            [b'\\', b'%'] | [b'\\', b'_'] if self.dialect.backslashes => escape.to_vec(),
            [b'\\', letter] if self.dialect.backslashes => vec![meaning(*letter)],
            _ => vec![self.quote],
        }
    }

    fn needed(&self) -> &[(Vec<u8>, Vec<u8>)] {
        crate::needed::quoted(self.quote, self.dialect.backslashes)
    }

    fn next(&self, raw: &[u8], from: usize) -> Option<usize> {
        let rest = raw.get(from..)?;
        memchr2(self.quote, b'\\', rest).map(|found| from + found)
    }
}

/// Gives the bytes of `0x…` or `X'…'`; nothing if it is a number of odd length.
pub fn unhex(literal: &[u8]) -> Option<Vec<u8>> {
    let digits = &literal[2..literal.len() - hex_tail(literal)];
    if digits.len() % 2 != 0 {
        return None;
    }
    let value = |digit: u8| (digit as char).to_digit(16).map_or(0, |value| value as u8);
    Some(digits.chunks(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect())
}

/// Writes bytes as a hex literal of the old one's form and case.
pub fn write_hex(data: &[u8], like: &[u8], out: &mut Buffer) {
    let upper = like[2..].iter().any(|byte| (b'A'..=b'F').contains(byte));
    let signs: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    out.extend(&like[..2]);
    for byte in data {
        out.extend(&[signs[(byte >> 4) as usize], signs[(byte & 15) as usize]]);
    }
    out.extend(&like[like.len() - hex_tail(like)..]);
}

fn hex_tail(literal: &[u8]) -> usize {
    usize::from(literal[0] != b'0')
}
