// SPDX-License-Identifier: Apache-2.0
//! Finds serialized data inside other text: in JSON strings, attributes, queries, or bare.
//!
//! Addresses elsewhere in the text are replaced in place; inside serialized data that would make
//! the byte counts wrong, so each such island is walked on its own.

use std::ops::Range;

use memchr::memchr3;

use crate::bytes::{digits, skip_space, starts};
use crate::coded::{Entities, Json, Percent};
use crate::hits::Cursor;
use crate::spelling::{self, Spelling};
use crate::spool::Buffer;
use crate::tally::Tally;
use crate::tokens::{self, Nobody};
use crate::values::Rewriter;

/// A failed attempt may read the whole text: hostile text offers any number of beginnings.
const MOST_FAILURES: usize = 200;
/// As much of a token as says whether it is one.
const HEAD: usize = 24;

fn is_kind(byte: u8) -> bool {
    b"aOCsS".contains(&byte)
}

/// Tells whether a text may hold serialized data at all.
pub fn possible(data: &[u8]) -> bool {
    memchr::memchr2_iter(b':', b'%', data)
        .any(|at| at > 0 && is_kind(data[at - 1]) && hint(data, at))
}

fn hint(data: &[u8], at: usize) -> bool {
    if data[at] == b'%' {
        return coded_head(data, at).is_some();
    }
    let end = match digits(data, at + 1) {
        Some(end) if data.get(end) == Some(&b':') => end + 1,
        _ => return false,
    };
    let sign = end
        + data[end..]
            .iter()
            .take_while(|&&byte| byte == b'\\')
            .count();
    match data.get(sign) {
        Some(b'"' | b'{') => true,
        Some(b'&') => sign == end,
        _ => false,
    }
}

/// Gives the place behind `%3A`, digits, `%3A` and `%`.
fn coded_head(data: &[u8], at: usize) -> Option<usize> {
    let colon = |at: usize| starts(data, at, b"%3a") || starts(data, at, b"%3A");
    if !colon(at) {
        return None;
    }
    let end = digits(data, at + 3)?;
    (colon(end) && data.get(end + 3) == Some(&b'%')).then(|| end + 4)
}

/// Gives the end of what announces an island at a place.
fn announced(data: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|place| data[place]);
    match data[at] {
        b'"' if before != Some(b'\\') => {
            let inside = skip_space(data, at + 1);
            let is_list = matches!(data.get(inside), Some(b'[' | b'{'));
            (is_list || opens(data, inside, b"\\{&")).then(|| at + 1)
        }
        b'\'' => opens(data, skip_space(data, at + 1), b"{&").then(|| at + 1),
        kind if is_kind(kind) => {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if data.get(at + 1) == Some(&b'%') {
                let is_begin = before.map_or(true, |byte| !word(byte) && byte != b'%');
                let end = coded_head(data, at + 1).filter(|_| is_begin)?;
                let quote = [b"22", b"7b", b"7B"]
                    .iter()
                    .any(|text| starts(data, end, *text));
                return quote.then(|| end + 2);
            }
            let is_begin = before.map_or(true, |byte| !word(byte) && byte != b'\\');
            let behind: &[u8] = if kind == b'a' { b":{" } else { b":\"" };
            if !is_begin || data.get(at + 1) != Some(&b':') {
                return None;
            }
            let end = digits(data, at + 2)?;
            starts(data, end, behind).then(|| end + 2)
        }
        _ => None,
    }
}

/// Tells whether a letter, a count and one of some signs stand at a place.
fn opens(data: &[u8], at: usize, signs: &[u8]) -> bool {
    if !data.get(at).map_or(false, |&byte| is_kind(byte)) || data.get(at + 1) != Some(&b':') {
        return false;
    }
    match digits(data, at + 2) {
        Some(end) if data.get(end) == Some(&b':') => {
            data.get(end + 1).map_or(false, |byte| signs.contains(byte))
        }
        _ => false,
    }
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
        let sign = |byte: &&u8| byte.is_ascii_alphanumeric() || b"%+._~*!()-".contains(byte);
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

    /// Changes a JSON string that is, or somewhere holds, serialized data.
    fn literal(&mut self, at: usize, new: &mut Buffer) -> Option<Range<usize>> {
        let end = json_end(self.data, at)?;
        if !self.hits.within(self.data, at, end) {
            return None;
        }
        let raw = &self.data[at + 1..end - 1];
        let mut old = Buffer::new(new.room());
        spelling::decode(&Json, raw, &mut old);
        if !possible(old.as_slice()) {
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
fn json_end(data: &[u8], at: usize) -> Option<usize> {
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
