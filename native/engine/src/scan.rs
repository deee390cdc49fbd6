// SPDX-License-Identifier: Apache-2.0
//! Tells where in a stretch of a dump a source host may stand: most rows are passed by this alone.

use crate::finder::Finder;
use crate::hits::Cursor;
use crate::values::Rewriter;

/// The next places in one stretch, which is looked through once, forwards.
pub struct Scan<'a> {
    data: &'a [u8],
    names: Cursor<'a>,
    literals: [Literals<'a>; 2],
}

/// Where a source host may stand in one row.
pub enum Look<'a, 's> {
    /// At these places and no others.
    Known(&'a [usize]),
    /// Wherever it is found.
    Search(&'a mut Scan<'s>),
}

impl Look<'_, '_> {
    /// Gives the first place at `from` or behind it; calls come with ascending places.
    pub fn next(&mut self, from: usize) -> Option<usize> {
        match self {
            Look::Search(scan) => scan.next(from),
            Look::Known(places) => {
                while places.first().map_or(false, |&place| place < from) {
                    *places = &places[1..];
                }
                places.first().copied()
            }
        }
    }
}

/// Hex literals: a name written in digits shows in no search, so every long one is worth a look.
struct Literals<'a> {
    opening: &'a Finder,
    shortest: usize,
    next: Option<usize>,
    searched: bool,
}

impl<'a> Scan<'a> {
    /// Begins a stretch.
    pub fn new(data: &'a [u8], rewriter: &'a Rewriter) -> Self {
        let literals = |opening: &'a Finder| Literals {
            opening,
            shortest: 2 * rewriter.shortest(),
            next: None,
            searched: false,
        };
        let literals = [
            literals(&rewriter.openings[0]),
            literals(&rewriter.openings[1]),
        ];
        Scan {
            data,
            names: Cursor::all(rewriter),
            literals,
        }
    }

    /// Gives the first place at `from` or behind it; calls come with ascending places.
    pub fn next(&mut self, from: usize) -> Option<usize> {
        let mut nearest = self.names.next(self.data, from);
        for literals in &mut self.literals {
            let place = literals.next(self.data, from);
            nearest = match (nearest, place) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        nearest
    }
}

impl Literals<'_> {
    fn next(&mut self, data: &[u8], from: usize) -> Option<usize> {
        if self.searched && self.next.map_or(true, |place| place >= from) {
            return self.next;
        }
        self.searched = true;
        let mut at = from;
        self.next = loop {
            match self.opening.find(data, at) {
                None => break None,
                Some(place) if self.is_long(data, place + self.opening.width()) => {
                    break Some(place)
                }
                Some(place) => at = place + 1,
            }
        };
        self.next
    }

    fn is_long(&self, data: &[u8], at: usize) -> bool {
        match data.get(at..at + self.shortest) {
            Some(digits) => digits.iter().all(u8::is_ascii_hexdigit),
            None => false,
        }
    }
}
