// SPDX-License-Identifier: Apache-2.0
//! Changes the rows of one INSERT: rewrites values, honours protected places, asks the host.

use std::ops::Range;
use std::sync::Arc;

use crate::fields::{self, Field, Form};
use crate::hex;
use crate::literals::{Dialect, Manner};
use crate::scan::Look;
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
#[derive(Clone, Copy, PartialEq, Eq)]
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
    fields: Vec<Field>,
    meaning: Buffer,
    manner: Manner,
    value: Buffer,
}

impl Bench {
    /// Begins with nothing.
    pub fn new(room: &Arc<Room>) -> Self {
        Bench {
            fields: Vec::new(),
            meaning: Buffer::new(room),
            manner: Manner::default(),
            value: Buffer::new(room),
        }
    }

    /// Gives large buffers back.
    pub fn tidy(&mut self) {
        self.meaning.tidy();
        self.value.tidy();
    }
}

/// A stretch of rows of one table, and what changes them.
#[derive(Clone, Copy)]
pub struct Stretch<'a> {
    /// The bytes that the rows stand in.
    pub data: &'a [u8],
    /// Where they belong.
    pub table: &'a Table,
    /// How their strings are read.
    pub dialect: Dialect,
    /// What changes them.
    pub rewriter: &'a Rewriter,
}

impl Insert {
    /// Counts a row that needs no look.
    pub fn pass_by(&mut self, raw: &[u8], tally: &mut Tally) {
        if self.width == 0 {
            self.width = match self.table.columns.len() {
                0 => {
                    let mut fields = Vec::new();
                    fields::parse(raw, self.dialect, &mut fields);
                    fields.len() as u64
                }
                columns => columns as u64,
            };
        }
        tally.values += self.width;
        self.kept += 1;
    }
}

impl Stretch<'_> {
    /// Writes a row if it changes.
    pub fn change(
        &self,
        row: Range<usize>,
        look: &mut Look<'_, '_>,
        bench: &mut Bench,
        out: &mut Buffer,
        tally: &mut Tally,
    ) -> Fate {
        let raw = &self.data[row.clone()];
        let mut part = Tally::default();
        let mut done = 0;
        let fields = self.parse(row.clone(), look, bench, &mut part);
        let mut low = row.start;
        for at in 0..fields {
            let field = bench.fields[at];
            let high = row.start + field.high;
            if self.is_touched(low..high, look) && self.rewrites(raw, at, bench, &mut part) {
                out.extend(&raw[done..field.low]);
                self.write(raw, at, bench, out);
                done = field.high;
            }
            low = high;
        }
        tally.merge(&part);
        if done == 0 {
            return Fate::Same;
        }
        out.extend(&raw[done..]);
        Fate::New
    }

    /// Shows a row to the host, its values rewritten, and writes it if it is to change.
    pub fn ask<H: Host>(
        &self,
        row: Range<usize>,
        look: &mut Look<'_, '_>,
        work: (&mut Bench, &mut Buffer, &mut Tally, &mut H),
    ) -> Result<Fate, H::Error> {
        let (bench, out, tally, host) = work;
        let raw = &self.data[row.clone()];
        let mut part = Tally::default();
        let mut changes = Vec::new();
        let fields = self.parse(row.clone(), look, bench, &mut part);
        let mut low = row.start;
        for at in 0..fields {
            let high = row.start + bench.fields[at].high;
            if self.is_touched(low..high, look) && self.rewrites(raw, at, bench, &mut part) {
                let mut token = Buffer::new(out.room());
                self.write(raw, at, bench, &mut token);
                changes.push((at, token.as_slice().to_vec()));
            }
            low = high;
        }
        let mut done = 0;
        if fields > 0 {
            let backslashes = self.dialect.backslashes;
            let fields = &bench.fields;
            let shown = Shown {
                table: self.table,
                raw,
                fields,
                changes,
                backslashes,
            };
            let wanted = match host.row(shown)? {
                None => return Ok(Fate::Dropped),
                Some(wanted) => wanted,
            };
            for (at, token) in wanted {
                let field = bench.fields[at];
                out.extend(&raw[done..field.low]);
                out.extend(&token);
                done = field.high;
            }
        }
        tally.merge(&part);
        if done == 0 {
            return Ok(Fate::Same);
        }
        out.extend(&raw[done..]);
        Ok(Fate::New)
    }

    /// Splits a row on the bench; gives how many values can be read, which is all or none.
    fn parse(
        &self,
        row: Range<usize>,
        look: &mut Look<'_, '_>,
        bench: &mut Bench,
        part: &mut Tally,
    ) -> usize {
        let is_whole = fields::parse(&self.data[row.clone()], self.dialect, &mut bench.fields);
        part.values = bench.fields.len() as u64;
        if is_whole {
            return bench.fields.len();
        }
        part.unsupported += u64::from(self.is_touched(row, look));
        0
    }

    fn is_touched(&self, span: Range<usize>, look: &mut Look<'_, '_>) -> bool {
        look.next(span.start)
            .map_or(false, |place| place < span.end)
    }

    /// Rewrites one value into the bench; tells whether it has changed.
    fn rewrites(&self, raw: &[u8], at: usize, bench: &mut Bench, part: &mut Tally) -> bool {
        bench.meaning.truncate(0);
        bench.value.truncate(0);
        let field = bench.fields[at];
        bench.manner = match mean(raw, field, self.dialect, &mut bench.meaning) {
            None => {
                part.unsupported += 1; // an address inside an expression
                return false;
            }
            Some(manner) => manner,
        };
        let old = meaning(raw, field, bench.manner, &bench.meaning);
        if self.is_protected(raw, at, bench) {
            part.protected += u64::from(self.rewriter.residuals(old) > 0);
            return false;
        }
        part.values -= 1; // the rewriter counts it
        self.rewriter
            .value(old, &mut bench.value, part, &|| self.table.place(at))
    }

    fn is_protected(&self, raw: &[u8], at: usize, bench: &Bench) -> bool {
        if self.table.protected.contains(&at) {
            return true;
        }
        let (key, names) = match &self.table.keyed {
            Some((key, value, names)) if at == *value && *key < bench.fields.len() => (*key, names),
            _ => return false,
        };
        let field = bench.fields[key];
        if field.form == Form::Raw {
            // NULL is the name of nothing, and a number means its digits.
            let word = &raw[field.low..field.high];
            return !word.eq_ignore_ascii_case(b"NULL") && names.iter().any(|known| known == word);
        }
        let mut name = Buffer::new(bench.value.room());
        match mean(raw, field, self.dialect, &mut name) {
            None => false,
            Some(manner) => {
                let name = meaning(raw, field, manner, &name);
                names.iter().any(|known| known == name)
            }
        }
    }

    /// Writes the value on the bench in the form of the old one.
    fn write(&self, raw: &[u8], at: usize, bench: &Bench, out: &mut Buffer) {
        let field = bench.fields[at];
        let body = &raw[field.body..field.high];
        let old = meaning(raw, field, bench.manner, &bench.meaning);
        out.extend(&raw[field.low..field.body]);
        let new = bench.value.as_slice();
        match field.form {
            Form::Hex => hex::write_hex(new, old, body, out),
            _ => {
                let inner = &body[1..body.len() - 1];
                self.dialect
                    .encode(body[0], new, (inner, old, bench.manner), out);
            }
        }
    }
}

/// Writes what a literal means, unless it means itself; nothing if it means no bytes.
fn mean(raw: &[u8], field: Field, dialect: Dialect, out: &mut Buffer) -> Option<Manner> {
    let body = &raw[field.body..field.high];
    match field.form {
        Form::Raw => None,
        Form::Text => Some(dialect.decode(body[0], &body[1..body.len() - 1], out)),
        Form::Hex => {
            out.extend(&hex::unhex(body)?);
            Some(Manner::ESCAPED)
        }
    }
}

/// Gives what a literal means: what has been written of it, or its own inner bytes.
fn meaning<'a>(raw: &'a [u8], field: Field, manner: Manner, written: &'a Buffer) -> &'a [u8] {
    if manner.is_escaped {
        written.as_slice()
    } else {
        &raw[field.body + 1..field.high - 1]
    }
}
