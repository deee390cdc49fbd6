// SPDX-License-Identifier: Apache-2.0
//! Passes a SQL dump through, changing the addresses in the rows of its INSERTs and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use crate::crew::Crew;
use crate::inserts::Bench;
use crate::literals::Dialect;
use crate::scan::Scan;
use crate::spool::{Buffer, Room};
use crate::statements;
use crate::step::{Pass, Step};
use crate::table::{Host, Sink};
use crate::tally::Tally;
use crate::values::Rewriter;

/// Why a dump is not complete.
#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    /// It ends inside an INSERT into a table.
    Insert(String),
    /// It ends inside another statement.
    Statement,
    /// Its first character says that it is in UTF-16: no statement of it has been found.
    Utf16,
    /// It is compressed: likewise.
    Gzip,
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
    first: Vec<u8>,
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
            row: Buffer::new(&room),
            crew: Crew::new(&room),
        };
        let held = Buffer::new(&room);
        let (tally, rows) = (Tally::default(), HashMap::new());
        Stream {
            tally,
            rows,
            rewriter,
            room,
            held,
            wanted: 1,
            pass,
            first: Vec::with_capacity(2),
        }
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
        let lacking = chunk.len().min(2 - self.first.len());
        self.first.extend_from_slice(&chunk[..lacking]);
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
        if !self.held.is_empty() {
            self.advance(host, sink)?;
        }
        match self.first.as_slice() {
            [0xff, 0xfe] | [0xfe, 0xff] => return Ok(Err(Cut::Utf16)),
            [0x1f, 0x8b] => return Ok(Err(Cut::Gzip)),
            _ => {}
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
        self.pass.row.tidy();
        self.wanted = self.held.len() + self.held.len() / 2 + 1;
        Ok(())
    }
}
