// SPDX-License-Identifier: Apache-2.0
//! Finds where the rows of an INSERT begin and end.

use std::ops::Range;

use crate::blocks;
use crate::bytes::skip_space;
use crate::literals::Dialect;
use crate::paced;
use crate::statements;

/// Parentheses within a row's own: a call within a call. More is no dump.
const DEEPEST: usize = 3;

/// Goes from row to row through one stretch of a dump.
pub struct Rows<'a> {
    data: &'a [u8],
    dialect: Dialect,
    /// Where the block begins that was looked at last; its signs left to be seen.
    block: usize,
    parentheses: u64,
    closing: u64,
    odd: u64,
    in_string: u64,
    in_escape: u64,
    /// Whether the block before ended in `-`.
    dash: u64,
    is_begun: bool,
}

/// What the looks at blocks have found.
enum End {
    At(usize),
    /// Something that only a reader byte by byte understands.
    Odd,
    /// The data ends before the row does.
    Open,
}

impl<'a> Rows<'a> {
    /// Begins in front of a row.
    pub fn new(data: &'a [u8], dialect: Dialect) -> Self {
        Rows {
            data,
            dialect,
            block: 0,
            parentheses: 0,
            closing: 0,
            odd: 0,
            in_string: 0,
            in_escape: 0,
            dash: 0,
            is_begun: false,
        }
    }

    /// Gives the row behind white space and a comma at a place, if it is complete.
    pub fn next(&mut self, at: usize) -> Option<Range<usize>> {
        let mut low = self.gap(at);
        if self.data.get(low) == Some(&b',') {
            low = self.gap(low + 1);
        }
        if self.data.get(low) != Some(&b'(') {
            return None;
        }
        if !self.is_begun {
            self.begin(low);
        }
        let end = match self.end(low) {
            End::At(end) => end,
            End::Open => return None,
            End::Odd => {
                self.is_begun = false;
                row_end(self.data, low, self.dialect)?
            }
        };
        Some(low..end)
    }

    /// Gives the place behind white space and comments; these are not among what blocks tell.
    fn gap(&mut self, at: usize) -> usize {
        let low = skip_space(self.data, at);
        let end = match self.data.get(low) {
            Some(b'-' | b'#' | b'/') => statements::gap(self.data, low),
            _ => low,
        };
        self.is_begun &= end == low;
        end
    }

    /// Looks at blocks from a place on, outside of any string.
    fn begin(&mut self, at: usize) {
        self.is_begun = true;
        self.in_string = 0;
        self.in_escape = 0;
        self.dash = 0;
        self.look(at);
    }

    fn look(&mut self, at: usize) {
        let signs = blocks::signs(self.data, at);
        let mut quotes = signs.quotes;
        if self.dialect.backslashes {
            quotes &= !blocks::escaped(signs.backslashes, &mut self.in_escape);
        }
        let outside = !blocks::between(quotes, &mut self.in_string);
        let backslashes = if self.dialect.backslashes {
            signs.backslashes
        } else {
            0
        };
        self.block = at;
        self.closing = signs.closing;
        self.parentheses = (signs.opening | signs.closing) & outside;
        // `/*` and `--` may begin a comment, which blocks cannot pass; so may `#`.
        let dashes = signs.dashes & (signs.dashes << 1 | self.dash);
        self.dash = signs.dashes >> (blocks::WIDTH - 1);
        self.odd = (signs.double_quotes | backslashes | signs.stars | dashes) & outside;
    }

    fn end(&mut self, low: usize) -> End {
        let mut depth = 0;
        loop {
            let both = self.parentheses | self.odd;
            if both == 0 {
                let next = self.block + blocks::WIDTH;
                if next >= self.data.len() {
                    return End::Open;
                }
                self.look(next);
                paced::at(next, blocks::WIDTH);
                continue;
            }
            let place = both.trailing_zeros() as usize;
            let bit = 1 << place;
            if self.odd & bit != 0 || self.block + place < low {
                return End::Odd;
            }
            self.parentheses &= !bit;
            if self.closing & bit == 0 {
                depth += 1;
                if depth > DEEPEST {
                    return End::Odd;
                }
            } else {
                depth -= 1;
                if depth == 0 {
                    return End::At(self.block + place + 1);
                }
            }
        }
    }
}

/// Gives the end of the row at a place, byte by byte; nothing if it is not complete, or no row.
pub fn row_end(data: &[u8], low: usize, dialect: Dialect) -> Option<usize> {
    let (mut at, mut depth) = (low, 0);
    loop {
        match data.get(at)? {
            b'\'' | b'"' => {
                at = dialect.string_end(data, at)?;
                continue;
            }
            b'-' | b'#' | b'/' => {
                at = statements::unit_end(data, at, dialect)?;
                continue;
            }
            b'(' => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
