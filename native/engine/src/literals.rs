// SPDX-License-Identifier: Apache-2.0
//! Knows how SQL dumps write values: where a literal ends, what it means, how it is written anew.

use memchr::memchr;

use crate::marks::Set;
use crate::paced;
use crate::spool::Buffer;

/// The escapes that dumps are made of, the backslash itself apart: sign and letter.
pub const COMMON: [(u8, u8); 7] = [
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
        let rest = &data[at + 1..];
        let mut next = 0;
        for place in self.signs_of(quote).places(rest) {
            if place < next {
                continue;
            }
            let follower = rest.get(place + 1);
            if rest[place] == quote && follower != Some(&quote) {
                return Some(at + 1 + place + 1);
            }
            follower?;
            next = place + 2;
        }
        None
    }

    /// Gives what has a meaning of its own inside a quoted string.
    fn signs_of(self, quote: u8) -> Set {
        let mut set = Set::of(quote);
        if self.backslashes {
            set.add(b'\\');
        }
        set
    }

    /// Writes what a literal's inner bytes mean, unless they mean themselves; tells their manner.
    pub fn decode(self, quote: u8, raw: &[u8], out: &mut Buffer) -> Manner {
        let mut manner = Manner::default();
        let (mut done, mut at) = (0, 0);
        for place in self.signs_of(quote).places(raw) {
            if place < at {
                continue;
            }
            let sign = match raw.get(place + 1) {
                None => break,
                Some(&sign) => sign,
            };
            at = place + 2;
            // A sign that stands for itself goes along with what follows it.
            if raw[place] != quote {
                out.extend_run(raw, done..place);
                done = place + 1;
                if !manner.note(sign, raw.get(place + 2)) {
                    if sign == b'%' || sign == b'_' {
                        out.push(b'\\');
                    }
                    out.push(meaning(sign));
                    done = at;
                }
            } else if sign == quote {
                manner.doubled = true;
                out.extend_run(raw, done..place);
                done = place + 1;
            } else {
                at = place + 1;
            }
        }
        if done > 0 {
            manner.is_escaped = true;
            out.extend(&raw[done..]);
        }
        manner
    }

    /// Writes bytes as a quoted literal, with the escapes that an old literal uses.
    ///
    /// `raw` are the old literal's inner bytes, `old` is what they mean and `manner` how they say
    /// it.
    pub fn encode(
        self,
        quote: u8,
        new: &[u8],
        (raw, old, manner): (&[u8], &[u8], Manner),
        out: &mut Buffer,
    ) {
        out.push(quote);
        let doubles = manner.doubled || !self.backslashes;
        match self
            .signs(quote, new, manner)
            .filter(|set| set.count(old) == raw.len() - old.len())
        {
            Some(set) => {
                let mut done = 0;
                for place in set.places(new) {
                    out.extend_run(new, done..place);
                    let sign = new[place];
                    done = place;
                    if sign == quote && doubles {
                        out.push(quote);
                    } else {
                        out.push(b'\\');
                        if let Some(letter) = letter(sign) {
                            out.push(letter);
                            done = place + 1;
                        }
                    }
                }
                out.extend(&new[done..]);
            }
            None => self.encode_slowly(quote, new, (raw, old), out),
        }
        out.push(quote);
    }

    /// Gives the signs that are escaped, if a literal of this manner escapes each in one way.
    ///
    /// It does if it has as many escapes as its meaning has such signs, which is how much longer
    /// than its meaning it is.
    fn signs(self, quote: u8, new: &[u8], manner: Manner) -> Option<Set> {
        let has_escaped_quote = manner.has(quote);
        if manner.is_odd || (manner.doubled && has_escaped_quote) {
            return None;
        }
        if !self.backslashes {
            return Some(Set::of(quote));
        }
        let mut set = Set::of(b'\\');
        for (sign, letter) in COMMON {
            if manner.has(letter) {
                set.add(sign);
            }
        }
        if manner.doubled
            || (!has_escaped_quote && paced::find(new, |part| memchr(quote, part)).is_some())
        {
            set.add(quote);
        }
        Some(set)
    }
}

/// How a literal writes what it means.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// It has escapes at all; else it means itself.
    pub is_escaped: bool,
    letters: u8,
    doubled: bool,
    is_odd: bool,
}

impl Manner {
    /// Of a literal that is all escapes: one in hex digits.
    pub const ESCAPED: Manner = Manner {
        is_escaped: true,
        letters: 0,
        doubled: false,
        is_odd: false,
    };

    /// Notes a backslash escape; tells whether its letter stands for itself.
    fn note(&mut self, letter: u8, next: Option<&u8>) -> bool {
        if letter == b'\\' {
            // The reference looks for escapes wherever they seem to stand: behind this one, too.
            self.letters |= next.map_or(0, |&next| bit(next));
            return true;
        }
        self.letters |= bit(letter);
        self.is_odd |= bit(letter) == 0;
        letter == b'"' || letter == b'\''
    }

    fn has(self, letter: u8) -> bool {
        self.letters & bit(letter) != 0
    }
}

/// Gives each common letter a bit of its own, and other bytes none.
fn bit(letter: u8) -> u8 {
    match letter {
        b'"' => 1,
        b'\'' => 2,
        b'n' => 4,
        b'r' => 8,
        b'0' => 16,
        b't' => 32,
        b'Z' => 64,
        _ => 0,
    }
}

/// Gives the letter that a sign is escaped with, unless that is the sign itself.
fn letter(sign: u8) -> Option<u8> {
    COMMON
        .iter()
        .find(|(known, letter)| *known == sign && known != letter)
        .map(|pair| pair.1)
}

/// Gives what a letter behind a backslash means.
pub fn meaning(letter: u8) -> u8 {
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
