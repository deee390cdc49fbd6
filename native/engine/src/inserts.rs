// SPDX-License-Identifier: Apache-2.0
//! Changes the rows of one INSERT: rewrites values, honours protected places, asks the host.

use std::ops::Range;
use std::sync::Arc;

use crate::fields::{self, Field, Form};
use crate::literals::{self, Dialect};
use crate::scan::Scan;
use crate::spool::{Buffer, Room};
use crate::table::{Host, Shown, Table};
use crate::tally::Tally;
use crate::values::Rewriter;

/// The INSERT that is passing: its table, and what has come of its rows.
pub struct Insert {
    /// Where its rows belong.
    pub table: Arc<Table>,
    /// How its strings are read.
    pub dialect: Dialect,
    /// What stands before the rows, as long as no row has been written.
    pub head: Option<Vec<u8>>,
    /// What stood before the first row.
    pub first_lead: Option<Vec<u8>>,
    /// How many values a row has that needs no look.
    pub width: u64,
    /// How many rows were not dropped.
    pub kept: u64,
}

/// What becomes of a row.
pub enum Fate {
    /// It stays as it is.
    Same,
    /// It is written anew.
    New,
    /// It is dropped.
    Dropped,
}

/// Room for one row's work, used again for the next.
pub struct Bench {
    /// The row as it is to be written, if it is to be written anew.
    pub row: Buffer,
    fields: Vec<Field>,
    meaning: Buffer,
    value: Buffer,
}

impl Bench {
    /// Begins with nothing.
    pub fn new(room: &Arc<Room>) -> Self {
        Bench {
            row: Buffer::new(room),
            fields: Vec::new(),
            meaning: Buffer::new(room),
            value: Buffer::new(room),
        }
    }

    /// Gives large buffers back.
    pub fn tidy(&mut self) {
        self.row.tidy();
        self.meaning.tidy();
        self.value.tidy();
    }
}

impl Insert {
    /// Counts a row that needs no look.
    pub fn pass_by(&mut self, raw: &[u8], bench: &mut Bench, tally: &mut Tally) {
        if self.width == 0 {
            self.width = match self.table.columns.len() {
                0 => {
                    fields::parse(raw, self.dialect, &mut bench.fields);
                    bench.fields.len() as u64
                }
                columns => columns as u64,
            };
        }
        tally.values += self.width;
        self.kept += 1;
    }

    /// Rewrites the row at a span of the stretch that is scanned.
    pub fn change<H: Host>(
        &mut self,
        data: &[u8],
        span: Range<usize>,
        scan: &mut Scan<'_>,
        work: (&Rewriter, &mut Bench, &mut Tally, &mut H),
    ) -> Result<Fate, H::Error> {
        let (rewriter, bench, tally, host) = work;
        let raw = &data[span.clone()];
        let is_whole = fields::parse(raw, self.dialect, &mut bench.fields);
        let mut part = Tally { values: bench.fields.len() as u64, ..Tally::default() };
        let mut changes = Vec::new();
        bench.row.truncate(0);
        let mut done = 0;
        if is_whole {
            let mut low = span.start;
            for at in 0..bench.fields.len() {
                let field = bench.fields[at];
                let high = span.start + field.high;
                let touched = scan.next(low).map_or(false, |place| place < high);
                low = high;
                if !touched || !self.rewrites(raw, at, rewriter, bench, &mut part) {
                    continue;
                }
                if self.table.hooked {
                    let mut token = Buffer::new(bench.row.room());
                    let (old, new) = (&bench.meaning, &bench.value);
                    write(raw, field, self.dialect, (old, new), &mut token);
                    changes.push((at, token.as_slice().to_vec()));
                } else {
                    bench.row.extend(&raw[done..field.low]);
                    let (old, new) = (&bench.meaning, &bench.value);
                    write(raw, field, self.dialect, (old, new), &mut bench.row);
                    done = field.high;
                }
            }
        } else if scan.next(span.start).map_or(false, |place| place < span.end) {
            part.unsupported += 1;
        }
        if self.table.hooked && is_whole {
            let backslashes = self.dialect.backslashes;
            let shown =
                Shown { table: &self.table, raw, fields: &bench.fields, changes, backslashes };
            let wanted = match host.row(shown)? {
                None => return Ok(Fate::Dropped),
                Some(wanted) => wanted,
            };
            for (at, token) in wanted {
                let field = bench.fields[at];
                bench.row.extend(&raw[done..field.low]);
                bench.row.extend(&token);
                done = field.high;
            }
        }
        tally.merge(&part);
        self.kept += 1;
        if done == 0 {
            return Ok(Fate::Same);
        }
        bench.row.extend(&raw[done..]);
        Ok(Fate::New)
    }

    /// Rewrites one value into the bench; tells whether it has changed.
    fn rewrites(
        &self,
        raw: &[u8],
        at: usize,
        rewriter: &Rewriter,
        bench: &mut Bench,
        part: &mut Tally,
    ) -> bool {
        bench.meaning.truncate(0);
        bench.value.truncate(0);
        let field = bench.fields[at];
        if !mean(raw, field, self.dialect, &mut bench.meaning) {
            part.unsupported += 1; // an address inside an expression
            return false;
        }
        if self.is_protected(raw, at, bench) {
            part.protected += u64::from(rewriter.residuals(bench.meaning.as_slice()) > 0);
            return false;
        }
        part.values -= 1; // the rewriter counts it
        let place = || self.table.place(at);
        rewriter.value(bench.meaning.as_slice(), &mut bench.value, part, &place)
    }

    fn is_protected(&self, raw: &[u8], at: usize, bench: &Bench) -> bool {
        let fields = &bench.fields;
        if self.table.protected.contains(&at) {
            return true;
        }
        let (key, names) = match &self.table.keyed {
            Some((key, value, names)) if at == *value && *key < fields.len() => (*key, names),
            _ => return false,
        };
        let mut name = Buffer::new(bench.row.room());
        let field = fields[key];
        let means = match field.form {
            Form::Raw => {
                name.extend(&raw[field.low..field.high]);
                !name.as_slice().eq_ignore_ascii_case(b"NULL")
            }
            _ => mean(raw, field, self.dialect, &mut name),
        };
        means && names.iter().any(|known| known == name.as_slice())
    }
}

/// Writes what a literal means; tells whether it is one, and one that means bytes.
fn mean(raw: &[u8], field: Field, dialect: Dialect, out: &mut Buffer) -> bool {
    let body = &raw[field.body..field.high];
    match field.form {
        Form::Raw => false,
        Form::Text => {
            let inner = &body[1..body.len() - 1];
            if !dialect.decode(body[0], inner, out) {
                out.extend(inner);
            }
            true
        }
        Form::Hex => match literals::unhex(body) {
            None => false,
            Some(bytes) => {
                out.extend(&bytes);
                true
            }
        },
    }
}

/// Writes a new value in the form of the old one.
fn write(raw: &[u8], field: Field, dialect: Dialect, change: (&Buffer, &Buffer), out: &mut Buffer) {
    let body = &raw[field.body..field.high];
    out.extend(&raw[field.low..field.body]);
    let (old, new) = (change.0.as_slice(), change.1.as_slice());
    match field.form {
        Form::Hex => literals::write_hex(new, body, out),
        _ => {
            let inner = &body[1..body.len() - 1];
            dialect.encode(body[0], new, inner, old, out);
        }
    }
}
