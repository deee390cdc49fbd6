// SPDX-License-Identifier: Apache-2.0
//! Passes what is complete of one stretch of a dump: statements and rows.

use std::collections::HashMap;
use std::sync::Arc;

use crate::crew::{Crew, Row};
use crate::inserts::{Bench, Fate, Insert, Stretch};
use crate::literals::Dialect;
use crate::rowscan::Rows;
use crate::scan::{Look, Scan};
use crate::spool::Buffer;
use crate::statements::{self, Delimiter};
use crate::table::{Host, Sink, Table};
use crate::tally::Tally;
use crate::telling;
use crate::values::Rewriter;

/// What is known between two statements or rows.
pub struct Pass {
    /// How strings are read.
    pub dialect: Dialect,
    /// What ends a statement.
    pub delimiter: Vec<u8>,
    /// The INSERT whose rows are passing.
    pub insert: Option<Insert>,
    /// Tables by the way they are written.
    pub tables: HashMap<Vec<u8>, Arc<Table>>,
    /// Room for a row that is shown.
    pub bench: Bench,
    /// A row that is shown, as it is to be written.
    pub row: Buffer,
    /// Who changes the other rows.
    pub crew: Crew,
}

/// One stretch of the dump on its way.
pub struct Step<'a, H: Host> {
    /// The bytes.
    pub data: &'a [u8],
    /// What changes values.
    pub rewriter: &'a Rewriter,
    /// What is counted.
    pub tally: &'a mut Tally,
    /// How many rows of each table have passed.
    pub rows: &'a mut HashMap<String, u64>,
    /// What is known from before.
    pub pass: &'a mut Pass,
    /// Who knows the rest.
    pub host: &'a mut H,
    /// Who takes what has passed.
    pub sink: &'a mut dyn Sink,
}

impl<H: Host> Step<'_, H> {
    /// Passes one statement, or the head of an INSERT; the same place if it is incomplete.
    pub fn statement(&mut self, at: usize) -> Result<usize, H::Error> {
        let data = self.data;
        let start = statements::trivia(data, at, self.pass.dialect);
        match statements::delimiter(data, start) {
            Delimiter::Open => return Ok(at),
            Delimiter::Set(text, end) => {
                self.pass.delimiter = data[text].to_vec();
                self.sink.put(&data[at..end], true);
                return Ok(end);
            }
            Delimiter::Other => {}
        }
        if let Some(head) = statements::insert(data, start) {
            let table = self.table(&data[head.table], head.columns.map(|span| &data[span]))?;
            self.begin(table, &data[at..head.end]);
            return Ok(head.end);
        }
        let end = match statements::end(data, at, self.pass.dialect, &self.pass.delimiter) {
            None => return Ok(at),
            Some(end) => end,
        };
        // Trivia may run on where the statement ends: a delimiter inside a comment.
        self.learn(&data[start.min(end)..end], &data[at..end])?;
        self.sink.put(&data[at..end], true);
        Ok(end)
    }

    /// Resolves a table, asking the host only once for each way to write it.
    fn table(&mut self, name: &[u8], columns: Option<&[u8]>) -> Result<Arc<Table>, H::Error> {
        let key = match columns {
            None => name.to_vec(),
            Some(columns) => [name, b"(", columns].concat(),
        };
        if let Some(table) = self.pass.tables.get(&key) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(self.host.table(name, columns)?);
        self.pass.tables.insert(key, Arc::clone(&table));
        Ok(table)
    }

    fn begin(&mut self, table: Arc<Table>, head: &[u8]) {
        if !self.rows.contains_key(&table.name) {
            self.rows.insert(table.name.clone(), 0);
        }
        if !table.hooked {
            self.sink.put(head, false);
        }
        self.pass.insert = Some(Insert {
            head: table.hooked.then(|| head.to_vec()),
            table,
            dialect: self.pass.dialect,
            first_lead: None,
            width: 0,
            kept: 0,
        });
    }

    /// Keeps what a statement says about later ones.
    fn learn(&mut self, statement: &[u8], whole: &[u8]) -> Result<(), H::Error> {
        if telling::is_telling(statement, whole) {
            self.pass.tables.clear();
            let backslashes = self.host.learn(statement, whole)?;
            self.pass.dialect = Dialect { backslashes };
        }
        let is_left = self.rewriter.concerns(telling::silent(statement, whole));
        self.tally.unsupported += u64::from(is_left);
        Ok(())
    }

    /// Passes the complete rows that are there, and the end of the statement.
    pub fn some_rows(
        &mut self,
        mut insert: Insert,
        at: usize,
        scan: &mut Scan<'_>,
    ) -> Result<usize, H::Error> {
        let data = self.data;
        let (passed, done) = if insert.table.hooked {
            self.shown_rows(&mut insert, at, scan)?
        } else {
            self.plain_rows(&mut insert, at, scan)
        };
        let end = self.end(done, insert.dialect);
        self.put(&data[passed..done]);
        let end = match end {
            None => {
                self.pass.insert = Some(insert);
                return Ok(done);
            }
            Some(end) => end,
        };
        let is_left = self.rewriter.concerns(&data[done..end]);
        self.tally.unsupported += u64::from(is_left);
        if let Some(count) = self.rows.get_mut(&insert.table.name) {
            *count += insert.kept;
        }
        if insert.head.is_none() {
            self.sink.put(&data[done..end], true);
        }
        Ok(end)
    }

    /// Passes complete rows; tells up to where they have been written, and where they end.
    fn plain_rows(
        &mut self,
        insert: &mut Insert,
        at: usize,
        scan: &mut Scan<'_>,
    ) -> (usize, usize) {
        let data = self.data;
        let mut rows = Rows::new(data, insert.dialect);
        let (mut passed, mut done) = (at, at);
        let mut touched = Vec::new();
        while let Some(row) = rows.next(done) {
            done = row.end;
            match scan.next(row.start).filter(|&place| place < row.end) {
                Some(first) => touched.push(Row::noted(row, first, scan)),
                None => insert.pass_by(&data[row], self.tally),
            }
        }
        insert.kept += touched.len() as u64;
        let (table, dialect) = (Arc::clone(&insert.table), insert.dialect);
        let stretch = Stretch {
            data,
            table: &table,
            dialect,
            rewriter: self.rewriter,
        };
        let sink = &mut self.sink;
        self.pass
            .crew
            .change(stretch, &touched, self.tally, |row, fate, new| {
                if fate == Fate::New {
                    sink.put(&data[passed..row.start], false);
                    sink.put(new, false);
                    passed = row.end;
                }
            });
        (passed, done)
    }

    /// Passes complete rows one by one, those that the host wants to see through its hands.
    fn shown_rows(
        &mut self,
        insert: &mut Insert,
        at: usize,
        scan: &mut Scan<'_>,
    ) -> Result<(usize, usize), H::Error> {
        let data = self.data;
        let mut rows = Rows::new(data, insert.dialect);
        let (mut passed, mut done) = (at, at);
        let (table, dialect) = (Arc::clone(&insert.table), insert.dialect);
        let stretch = Stretch {
            data,
            table: &table,
            dialect,
            rewriter: self.rewriter,
        };
        let mut watch = table.alarms.as_ref().map(|alarms| alarms.watch(data));
        while let Some(row) = rows.next(done) {
            let is_shown = watch.as_mut().map_or(true, |watch| watch.within(&row));
            let is_touched = scan.next(row.start).map_or(false, |place| place < row.end);
            if !is_shown && !is_touched && insert.head.is_none() {
                done = row.end;
                insert.pass_by(&data[row], self.tally);
                continue;
            }
            self.pass.row.truncate(0);
            let (bench, out) = (&mut self.pass.bench, &mut self.pass.row);
            let look = &mut Look::Search(scan);
            let fate = if is_shown {
                let work = (bench, out, &mut *self.tally, &mut *self.host);
                stretch.ask(row.clone(), look, work)?
            } else {
                stretch.change(row.clone(), look, bench, out, self.tally)
            };
            insert.kept += u64::from(fate != Fate::Dropped);
            if fate != Fate::Same || insert.head.is_some() {
                self.put(&data[passed..done]);
                self.replaced(insert, &data[done..row.start], fate, &data[row.clone()]);
                passed = row.end;
            }
            done = row.end;
        }
        Ok((passed, done))
    }

    fn put(&mut self, piece: &[u8]) {
        if !piece.is_empty() {
            self.sink.put(piece, false);
        }
    }

    /// Gives a changed row, with the comma that it needs.
    fn replaced(&mut self, insert: &mut Insert, lead: &[u8], fate: Fate, raw: &[u8]) {
        let first = insert.first_lead.get_or_insert_with(|| lead.to_vec());
        if fate == Fate::Dropped {
            return;
        }
        match insert.head.take() {
            None => self.sink.put(lead, false),
            Some(head) => {
                self.sink.put(&head, false);
                self.sink.put(first, false);
            }
        }
        let is_new = fate == Fate::New;
        self.sink.put(
            if is_new {
                self.pass.row.as_slice()
            } else {
                raw
            },
            false,
        );
    }

    /// Gives the place behind the statement that ends here; none if more rows may come.
    fn end(&self, at: usize, dialect: Dialect) -> Option<usize> {
        let start = statements::gap(self.data, at);
        match self.data.get(start) {
            None | Some(b',' | b'(') => None,
            Some(_) => statements::insert_end(self.data, at, dialect, &self.pass.delimiter),
        }
    }
}
