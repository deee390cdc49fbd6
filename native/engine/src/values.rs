// SPDX-License-Identifier: Apache-2.0
//! Rewrites one value, whatever carries the address: serialized PHP, JSON, HTML, base64, text.

use memchr::memmem;

use crate::addresses::{self, Site, Targets};
use crate::finder::Finder;
use crate::hits::Cursor;
use crate::spool::Buffer;
use crate::tally::Tally;
use crate::tokens::{self, Broken};
use crate::{base64, islands, json_keys, paced, serialized};

/// Values within values: real sites reach three or four. Each level costs a few stack frames.
const MOST_NESTED: usize = 64;

/// The compiled mapping of some pairs of addresses.
pub struct Rewriter {
    /// The addresses that are looked for.
    pub sources: Vec<Site>,
    /// The targets as addresses that are looked for, to tell what is no residual.
    pub wanted: Vec<Site>,
    /// What each source becomes.
    pub targets: Vec<Targets>,
    /// Searches for names, one of which is in every value that a source address is in.
    pub plain: Vec<Finder>,
    /// Searches for what the names look like inside base64.
    pub coded: Vec<memmem::Finder<'static>>,
    /// Whether base64 texts are rewritten, too; else what is left in them is counted.
    pub decodes: bool,
    /// Searches for what begins a hex literal.
    pub openings: [Finder; 2],
}

/// Gives the searches for what begins a hex literal.
pub fn openings() -> [Finder; 2] {
    [Finder::new(b"0x"), Finder::new(b"x'")]
}

impl Rewriter {
    /// Tells quickly whether bytes can hold a source address that is to be rewritten.
    pub fn concerns(&self, data: &[u8]) -> bool {
        self.plain.iter().any(|name| name.find(data, 0).is_some())
            || (self.decodes && self.is_coded(data))
    }

    /// Tells quickly whether bytes can hold a source address in base64.
    pub fn is_coded(&self, data: &[u8]) -> bool {
        let is_there = |text| paced::find_text(data, text).is_some();
        self.coded.iter().any(is_there)
    }

    /// How short the shortest of the searched texts is.
    pub fn shortest(&self) -> usize {
        let coded = self.coded.iter().map(|text| text.needle().len());
        self.plain
            .iter()
            .map(Finder::width)
            .chain(coded)
            .min()
            .unwrap_or(0)
    }

    /// Rewrites one decoded column value; tells whether it has changed, and only then writes it.
    pub fn value(
        &self,
        data: &[u8],
        out: &mut Buffer,
        tally: &mut Tally,
        place: &dyn Fn() -> String,
    ) -> bool {
        tally.values += 1;
        if !self.concerns(data) {
            tally.encoded += base64::total(self, data, out.room());
            return false;
        }
        let mark = out.len();
        if tokens::looks(data) {
            self.proven(data, out, tally);
        } else {
            self.any_text(data, out, 0, tally);
        }
        self.conclude(data, out, mark, tally, place)
    }

    /// Rewrites the content of a text file; tells whether it has changed, and then writes it.
    pub fn text(
        &self,
        data: &[u8],
        out: &mut Buffer,
        tally: &mut Tally,
        place: &dyn Fn() -> String,
    ) -> bool {
        if !self.concerns(data) {
            tally.encoded += base64::total(self, data, out.room());
            return false;
        }
        let mark = out.len();
        self.any_text(data, out, 0, tally);
        self.conclude(data, out, mark, tally, place)
    }

    /// Counts the source addresses in the bytes; one that is a target as well is none.
    pub fn residuals(&self, data: &[u8]) -> u64 {
        let (mut count, mut done, mut from) = (0, 0, 0);
        let mut hits = Cursor::plain(self);
        while let Some(hit) = hits.next(data, from) {
            from = hit + 1;
            if let Some(found) = addresses::at(&self.sources, data, hit, done) {
                done = found.span.end;
                from = from.max(done);
                let is_target = addresses::at(&self.wanted, data, hit, found.span.start).is_some();
                count += u64::from(!is_target);
            }
        }
        count
    }

    fn conclude(
        &self,
        old: &[u8],
        out: &mut Buffer,
        mark: usize,
        tally: &mut Tally,
        place: &dyn Fn() -> String,
    ) -> bool {
        let new = &out.as_slice()[mark..];
        let changed = !paced::same(new, old);
        tally.rewritten += u64::from(changed);
        tally.encoded += base64::total(self, new, out.room());
        let left = self.residuals(new);
        if left > 0 {
            tally.leave(&place(), left);
        }
        if !changed {
            out.truncate(mark);
        }
        changed
    }

    /// Rewrites serialized data and reads the result again: the proof is not taken on trust.
    fn proven(&self, data: &[u8], out: &mut Buffer, tally: &mut Tally) {
        let mark = out.len();
        let was_valid = self.serialized(data, out, 0, tally);
        let new = &out.as_slice()[mark..];
        let mut is_valid = if paced::same(new, data) {
            was_valid
        } else {
            tokens::valid(new)
        };
        if was_valid && !is_valid {
            tally.unsupported += 1;
            out.truncate(mark);
            out.extend(data);
            is_valid = true;
        }
        tally.serialized += u64::from(was_valid);
        tally.invalid_before += u64::from(!was_valid);
        tally.invalid_after += u64::from(!is_valid);
    }

    /// Writes a value within a value, rewritten if it has to be.
    pub fn carrier(&self, data: &[u8], out: &mut Buffer, depth: usize, tally: &mut Tally) {
        if self.concerns(data) {
            self.inner(data, out, depth, tally);
        } else {
            out.extend(data);
        }
    }

    /// Writes a value within a value, in which a name is known to stand.
    pub fn inner(&self, data: &[u8], out: &mut Buffer, depth: usize, tally: &mut Tally) {
        if depth > MOST_NESTED {
            tally.unsupported += 1;
            out.extend(data);
        } else if tokens::looks(data) {
            self.serialized(data, out, depth, tally);
        } else {
            self.any_text(data, out, depth, tally);
        }
    }

    /// Writes serialized data rewritten; tells whether it was valid: if not, it is text.
    fn serialized(&self, data: &[u8], out: &mut Buffer, depth: usize, tally: &mut Tally) -> bool {
        let begin = tokens::start(data);
        let end = match serialized::rewrite(self, data, begin, out, depth, tally) {
            Ok(end) => end,
            Err(Broken::TooDeep) => {
                tally.unsupported += 1;
                out.extend(data);
                return false;
            }
            Err(Broken::Malformed) => {
                self.plain(data, out, depth, tally);
                return false;
            }
        };
        // PHP reads the token and overlooks what follows; WordPress takes the whole for text.
        if self.concerns(&data[end..]) {
            self.any_text(&data[end..], out, depth, tally);
        } else {
            out.extend(&data[end..]);
        }
        true
    }

    fn any_text(&self, data: &[u8], out: &mut Buffer, depth: usize, tally: &mut Tally) {
        if depth > MOST_NESTED || !islands::possible(self, data) {
            self.plain(data, out, depth, tally);
            return;
        }
        let mut done = 0;
        for name in json_keys::kept(self, data, out.room()) {
            tally.unsupported += 1;
            islands::rewrite(self, &data[done..name.start], out, depth, tally);
            done = name.end;
            out.extend(&data[name]);
        }
        islands::rewrite(self, &data[done..], out, depth, tally);
    }

    /// Writes text with its addresses replaced, and those in base64 if that is wanted.
    pub fn plain(&self, data: &[u8], out: &mut Buffer, depth: usize, tally: &mut Tally) {
        if !self.decodes {
            self.replace(data, out);
            return;
        }
        let mut new = Buffer::new(out.room());
        self.replace(data, &mut new);
        base64::replace(self, new.as_slice(), out, depth, tally);
    }

    /// Writes text with its addresses replaced.
    pub fn replace(&self, data: &[u8], out: &mut Buffer) {
        let (mut done, mut from) = (0, 0);
        let mut hits = Cursor::plain(self);
        while let Some(hit) = hits.next(data, from) {
            from = hit + 1;
            if let Some(found) = addresses::at(&self.sources, data, hit, done) {
                out.extend_run(data, done..found.span.start);
                let target = self.targets[found.site].of(data, &found);
                target.write(data, &found, out);
                done = found.span.end;
                from = from.max(done);
            }
        }
        out.extend(&data[done..]);
    }
}
