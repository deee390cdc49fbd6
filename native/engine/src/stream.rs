// SPDX-License-Identifier: Apache-2.0
//! Passes a SQL dump through, changing the addresses in the rows of its INSERTs and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use crate::inserts::{Bench, Fate, Insert};
use crate::literals::Dialect;
use crate::rowscan::Rows;
use crate::scan::Scan;
use crate::spool::{Buffer, Room};
use crate::statements::{self, Delimiter};
use crate::table::{Host, Sink, Table};
use crate::tally::Tally;
use crate::values::Rewriter;

/// Why a dump is not complete.
#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    /// It ends inside an INSERT into a table.
    Insert(String),
    /// It ends inside another statement.
    Statement,
}

/// Parses a dump pushed in any chunking: the same bytes come out, but for addresses.
pub struct Stream {
    /// What has been counted so far.
    pub tally: Tally,
    /// How many rows of each table have passed.
    pub rows: HashMap<String, u64>,
    rewriter: Arc<Rewriter>,
    room: Arc<Room>,
    held: Buffer,
    wanted: usize,
    pass: Pass,
}

/// What is known between two statements or rows.
struct Pass {
    dialect: Dialect,
    delimiter: Vec<u8>,
    insert: Option<Insert>,
    tables: HashMap<Vec<u8>, Arc<Table>>,
    bench: Bench,
}

impl Stream {
    /// Begins a dump; the room is for what is too large for memory.
    pub fn new(rewriter: Arc<Rewriter>, room: Arc<Room>) -> Self {
        let pass = Pass {
            dialect: Dialect { backslashes: true },
            delimiter: b";".to_vec(),
            insert: None,
            tables: HashMap::new(),
            bench: Bench::new(&room),
        };
        let held = Buffer::new(&room);
        let (tally, rows) = (Tally::default(), HashMap::new());
        Stream { tally, rows, rewriter, room, held, wanted: 1, pass }
    }

    /// The place where large values go.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// Takes a chunk; gives what can be passed on.
    pub fn push<H: Host>(
        &mut self,
        chunk: &[u8],
        host: &mut H,
        sink: &mut dyn Sink,
    ) -> Result<(), H::Error> {
        self.held.extend(chunk);
        // A giant row is tried again only after it has grown by half: linear work in all.
        if self.held.len() < self.wanted {
            return Ok(());
        }
        self.advance(host, sink)
    }

    /// Gives the end of the dump; what stands behind the last statement comes without being one.
    pub fn finish<H: Host>(
        &mut self,
        host: &mut H,
        sink: &mut dyn Sink,
    ) -> Result<Result<Vec<u8>, Cut>, H::Error> {
        if self.held.len() > 0 {
            self.advance(host, sink)?;
        }
        if let Some(insert) = &self.pass.insert {
            return Ok(Err(Cut::Insert(insert.table.name.clone())));
        }
        if !statements::is_trailer(self.held.as_slice()) {
            return Ok(Err(Cut::Statement));
        }
        let rest = self.held.as_slice().to_vec();
        self.held.truncate(0);
        Ok(Ok(rest))
    }

    /// Parses all complete units of what is held, keeps the rest.
    fn advance<H: Host>(&mut self, host: &mut H, sink: &mut dyn Sink) -> Result<(), H::Error> {
        let data = self.held.as_slice();
        let mut scan = Scan::new(data, &self.rewriter);
        let mut step = Step {
            data,
            rewriter: &self.rewriter,
            tally: &mut self.tally,
            rows: &mut self.rows,
            pass: &mut self.pass,
            host,
            sink,
        };
        let mut at = 0;
        while at < data.len() {
            let high = match step.pass.insert.take() {
                None => step.statement(at)?,
                Some(insert) => step.some_rows(insert, at, &mut scan)?,
            };
            if high == at {
                break;
            }
            at = high;
        }
        self.held.drain_front(at);
        self.pass.bench.tidy();
        self.wanted = self.held.len() + self.held.len() / 2 + 1;
        Ok(())
    }
}

/// One stretch of the dump on its way.
struct Step<'a, H: Host> {
    data: &'a [u8],
    rewriter: &'a Rewriter,
    tally: &'a mut Tally,
    rows: &'a mut HashMap<String, u64>,
    pass: &'a mut Pass,
    host: &'a mut H,
    sink: &'a mut dyn Sink,
}

impl<H: Host> Step<'_, H> {
    /// Passes one statement, or the head of an INSERT; the same place if it is incomplete.
    fn statement(&mut self, at: usize) -> Result<usize, H::Error> {
        let data = self.data;
        let start = statements::trivia(data, at);
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
        if statements::is_telling(statement, whole) {
            self.pass.tables.clear();
            if let Some(backslashes) = self.host.learn(statement, whole)? {
                self.pass.dialect = Dialect { backslashes };
            }
        }
        if statements::is_silent(statement) && self.rewriter.concerns(statement) {
            self.tally.unsupported += 1;
        }
        Ok(())
    }

    /// Passes the complete rows that are there, and the end of the statement.
    fn some_rows(
        &mut self,
        mut insert: Insert,
        at: usize,
        scan: &mut Scan<'_>,
    ) -> Result<usize, H::Error> {
        let data = self.data;
        let mut rows = Rows::new(data, insert.dialect);
        let (mut passed, mut done) = (at, at);
        while let Some(row) = rows.next(done) {
            let has_place = scan.next(row.start).map_or(false, |place| place < row.end);
            if !has_place && !insert.table.hooked {
                insert.pass_by(&data[row.clone()], &mut self.pass.bench, self.tally);
                done = row.end;
                continue;
            }
            let work = (self.rewriter, &mut self.pass.bench, &mut *self.tally, &mut *self.host);
            let fate = insert.change(data, row.clone(), scan, work)?;
            if !matches!(fate, Fate::Same) || insert.head.is_some() {
                let lead = done..row.start;
                self.put(&data[passed..done]);
                self.replaced(&mut insert, &data[lead], &fate, &data[row.clone()]);
                passed = row.end;
            }
            done = row.end;
        }
        let end = self.end(done, insert.dialect);
        self.put(&data[passed..done]);
        let end = match end {
            None => {
                self.pass.insert = Some(insert);
                return Ok(done);
            }
            Some(end) => end,
        };
        if let Some(count) = self.rows.get_mut(&insert.table.name) {
            *count += insert.kept;
        }
        if insert.head.is_none() {
            self.sink.put(&data[done..end], true);
        }
        Ok(end)
    }

    fn put(&mut self, piece: &[u8]) {
        if !piece.is_empty() {
            self.sink.put(piece, false);
        }
    }

    /// Gives a changed row, with the comma that it needs.
    fn replaced(&mut self, insert: &mut Insert, lead: &[u8], fate: &Fate, raw: &[u8]) {
        let first = insert.first_lead.get_or_insert_with(|| lead.to_vec());
        if matches!(fate, Fate::Dropped) {
            return;
        }
        match insert.head.take() {
            None => self.sink.put(lead, false),
            Some(head) => {
                self.sink.put(&head, false);
                self.sink.put(first, false);
            }
        }
        let is_new = matches!(fate, Fate::New);
        self.sink.put(if is_new { self.pass.bench.row.as_slice() } else { raw }, false);
    }

    /// Gives the place behind the statement that ends here; none if more rows may come.
    fn end(&self, at: usize, dialect: Dialect) -> Option<usize> {
        let start = crate::bytes::skip_space(self.data, at);
        match self.data.get(start) {
            None | Some(b',' | b'(') => None,
            Some(_) => statements::end(self.data, at, dialect, b";"),
        }
    }
}
