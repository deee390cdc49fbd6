// SPDX-License-Identifier: Apache-2.0
//! Finds serialized data inside other text: in JSON strings, attributes, queries, or bare.
//!
//! Addresses elsewhere in the text are replaced in place; inside serialized data that would make
//! the byte counts wrong, so each such island is walked on its own.

use std::ops::Range;

use memchr::memchr3;

use crate::announcing::{self, announced, is_kind};
use crate::coded::{Entities, Json, Percent};
use crate::hits::Cursor;
use crate::json_keys;
use crate::spelling::{self, Spelling};
use crate::spool::Buffer;
use crate::tally::Tally;
use crate::tokens::{self, Nobody};
use crate::values::Rewriter;

/// A failed attempt may read the whole text: hostile text offers any number of beginnings.
const MOST_FAILURES: usize = 200;
/// As much of a token as says whether it is one.
const HEAD: usize = 24;

/// Tells whether text may hold what cannot be changed in place.
pub fn possible(rewriter: &Rewriter, data: &[u8]) -> bool {
    announcing::possible(data) || json_keys::announced(rewriter, data)
}

/// Writes the text with each island rewritten by its meaning, and everything between as it is.
pub fn rewrite(
    rewriter: &Rewriter,
    data: &[u8],
    out: &mut Buffer,
    depth: usize,
    tally: &mut Tally,
) {
    let mut new = Buffer::new(out.room());
    let mut text = Text {
        rewriter,
        data,
        hits: Cursor::new(rewriter),
        depth,
        tally,
    };
    let (mut at, mut done, mut failures) = (0, 0, 0);
    while failures < MOST_FAILURES {
        let begin = match text.next_candidate(at) {
            None => break,
            Some(begin) => begin,
        };
        at = match announced(data, begin) {
            None => {
                at = begin + 1;
                continue;
            }
            Some(end) => end,
        };
        if begin < done {
            continue;
        }
        new.truncate(0);
        match text.island(begin, &mut new) {
            None => failures += 1,
            Some(span) => {
                text.between(done, span.start, out);
                out.extend(new.as_slice());
                done = span.end;
            }
        }
    }
    text.between(done, data.len(), out);
}

struct Text<'a> {
    rewriter: &'a Rewriter,
    data: &'a [u8],
    hits: Cursor<'a>,
    depth: usize,
    tally: &'a mut Tally,
}

impl Text<'_> {
    /// Gives the next place where an island may be announced.
    fn next_candidate(&self, from: usize) -> Option<usize> {
        let is_sign = |byte: &u8| matches!(byte, b'"' | b'\'') || is_kind(*byte);
        self.data
            .get(from..)?
            .iter()
            .position(is_sign)
            .map(|found| from + found)
    }

    fn between(&mut self, low: usize, high: usize, out: &mut Buffer) {
        self.rewriter
            .plain(&self.data[low..high], out, self.depth, self.tally);
    }

    fn island(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        if matches!(self.data[at], b'"' | b'\'') {
            return self
                .attribute(at, new)
                .or_else(|| self.literal(at, new))
                .or_else(|| self.token(at + 1, new));
        }
        match self.data[at + 1] {
            b'%' => self.query(at, new),
            _ => self.token(at, new),
        }
    }

    /// Changes an attribute that is serialized data, its quotes written as entities.
    fn attribute(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        let rest = &self.data[at + 1..];
        let end = at + 1 + memchr3(self.data[at], b'<', b'>', rest)?;
        if self.data[end] != self.data[at] {
            return None;
        }
        self.coded(at + 1..end, &Entities, new)
    }

    /// Changes the value in a query that is serialized data, percent-encoded.
    fn query(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        let sign = |byte: &&u8| byte.is_ascii_alphanumeric() || b"%+./_~*!()-".contains(byte);
        let length = self.data[at..].iter().take_while(sign).count();
        self.coded(at..at + length, &Percent, new)
    }

    fn coded(
        &mut self,
        span: Range<usize>,
        spelling: &dyn Spelling,
        new: &mut Buffer,
    ) -> Option<Range<usize>> {
        if !self.hits.within(self.data, span.start, span.end) {
            return None;
        }
        let raw = &self.data[span.clone()];
        let mut old = Buffer::new(new.room());
        spelling::decode(spelling, raw, &mut old);
        if !tokens::valid(old.as_slice()) {
            return None;
        }
        self.spelled(old.as_slice(), raw, spelling, new)
            .then_some(span)
    }

    /// Changes a JSON string that is, or somewhere holds, what cannot be changed in place.
    fn literal(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        let end = json_end(self.data, at)?;
        if !self.hits.within(self.data, at, end) {
            return None;
        }
        let raw = &self.data[at + 1..end - 1];
        let mut old = Buffer::new(new.room());
        spelling::decode(&Json, raw, &mut old);
        if !possible(self.rewriter, old.as_slice()) {
            return None;
        }
        new.push(b'"');
        if self.spelled(old.as_slice(), raw, &Json, new) {
            new.push(b'"');
            return Some(at..end);
        }
        new.truncate(0);
        None
    }

    /// Writes a meaning, rewritten, in the manner of the old text; tells whether that is possible.
    fn spelled(
        &mut self,
        old: &[u8],
        raw: &[u8],
        spelling: &dyn Spelling,
        new: &mut Buffer,
    ) -> bool {
        let mut meaning = Buffer::new(new.room());
        self.rewriter
            .carrier(old, &mut meaning, self.depth + 1, self.tally);
        let mark = new.len();
        let survives = spelling::faithful(spelling, meaning.as_slice(), raw, new);
        if !survives {
            new.truncate(mark);
        }
        survives
    }

    /// Changes serialized data that stands in the text as it is.
    fn token(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        let head = &self.data[at.min(self.data.len())..self.data.len().min(at + HEAD)];
        if !tokens::looks(head) {
            return None;
        }
        let end = tokens::walk(self.data, at, &mut Nobody).ok()?;
        if !self.hits.within(self.data, at, end) {
            return None;
        }
        self.rewriter
            .carrier(&self.data[at..end], new, self.depth + 1, self.tally);
        Some(at..end)
    }
}

/// Gives the place behind the JSON string at a place.
pub fn json_end(data: &[u8], at: usize) -> Option<usize> {
    if data[at] != b'"' {
        return None;
    }
    let mut from = at + 1;
    loop {
        let place = from + memchr::memchr2(b'"', b'\\', data.get(from..)?)?;
        if data[place] == b'"' {
            return Some(place + 1);
        }
        from = place + 2;
    }
}
