// SPDX-License-Identifier: Apache-2.0
//! Writes a literal in the manner of one that escapes in more than one way, sign by sign.

use memchr::{memchr, memchr2, memchr3};

use crate::bytes::starts;
use crate::literals::{meaning, Dialect, COMMON};
use crate::spelling::{self, Spelling};
use crate::spool::Buffer;

impl Dialect {
    /// Writes what a literal of no simple manner would write.
    pub fn encode_slowly(
        self,
        quote: u8,
        new: &[u8],
        (raw, old): (&[u8], &[u8]),
        out: &mut Buffer,
    ) {
        let ways = self.ways(quote, raw, new);
        if ways.write_is(old, raw) {
            ways.write(new, out);
        } else {
            spelling::encode(
                &Quoted {
                    quote,
                    dialect: self,
                },
                new,
                raw,
                out,
            );
        }
    }

    /// Collects the escapes that the old literal shows, if each sign is written in one way.
    fn ways(self, quote: u8, raw: &[u8], new: &[u8]) -> Ways {
        let mut ways = Ways {
            signs: Vec::new(),
            wanted: [false; 256],
        };
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
                let pieces = text.iter().map(|&byte| {
                    if byte == sign {
                        escape.to_vec()
                    } else {
                        vec![byte]
                    }
                });
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
        self.signs
            .iter()
            .find(|(known, _)| *known == sign)
            .map_or(&[], |(_, text)| text)
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
        (escapes || (raw[at] == self.quote && next == self.quote)).then_some(2)
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
