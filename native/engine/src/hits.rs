// SPDX-License-Identifier: Apache-2.0
//! Remembers where the names of the source stand next: most bytes are passed by this alone.

use crate::paced;
use crate::values::Rewriter;

/// Not searched yet.
const UNKNOWN: isize = -1;
/// Nowhere any more.
const NEVER: isize = isize::MAX;

/// The next places of all names in one run of bytes, which is looked through once, forwards.
pub struct Cursor<'a> {
    rewriter: &'a Rewriter,
    first: isize,
    others: Vec<isize>,
}

impl<'a> Cursor<'a> {
    /// Looks for what is to be rewritten: plain names, and their base64 forms if it is wanted.
    pub fn new(rewriter: &'a Rewriter) -> Self {
        let coded = if rewriter.decodes {
            rewriter.coded.len()
        } else {
            0
        };
        Cursor::of(rewriter, coded)
    }

    /// Looks for plain names and for their base64 forms.
    pub fn all(rewriter: &'a Rewriter) -> Self {
        Cursor::of(rewriter, rewriter.coded.len())
    }

    /// Looks for plain names only.
    pub fn plain(rewriter: &'a Rewriter) -> Self {
        Cursor::of(rewriter, 0)
    }

    fn of(rewriter: &'a Rewriter, coded: usize) -> Self {
        let others = vec![UNKNOWN; rewriter.plain.len() - 1 + coded];
        Cursor {
            rewriter,
            first: UNKNOWN,
            others,
        }
    }

    /// Gives the first place at `from` or behind it; calls come with ascending places.
    pub fn next(&mut self, data: &[u8], from: usize) -> Option<usize> {
        let low = from as isize;
        let told = |found: Option<usize>| found.map_or(NEVER, |place| place as isize);
        if self.first < low {
            self.first = told(self.rewriter.plain[0].find(data, from));
        }
        let mut nearest = self.first;
        let plain = self.rewriter.plain.len() - 1;
        for (number, place) in self.others.iter_mut().enumerate() {
            if *place < low {
                *place = told(if number < plain {
                    self.rewriter.plain[number + 1].find(data, from)
                } else {
                    let rest = data.get(from..).unwrap_or(&[]);
                    let text = &self.rewriter.coded[number - plain];
                    paced::find_text(rest, text).map(|found| found + from)
                });
            }
            nearest = nearest.min(*place);
        }
        (nearest != NEVER).then_some(nearest as usize)
    }

    /// Tells whether a name begins within a span.
    pub fn within(&mut self, data: &[u8], low: usize, high: usize) -> bool {
        self.next(data, low).map_or(false, |place| place < high)
    }
}
