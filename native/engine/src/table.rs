// SPDX-License-Identifier: Apache-2.0
//! Describes the table of an INSERT, and whom to ask about it.

use crate::alarms::Alarms;
use crate::fields::Field;

/// A table, as the reference resolved it.
pub struct Table {
    /// By which the host knows it again.
    pub number: usize,
    /// Its name without quotes.
    pub name: String,
    /// Its columns; none if nothing has told them.
    pub columns: Vec<String>,
    /// Whole columns that are left alone, by place.
    pub protected: Vec<usize>,
    /// The column whose value decides about another one, that other one, and the values.
    pub keyed: Option<(usize, usize, Vec<Vec<u8>>)>,
    /// Whether rows are to be shown to the host.
    pub hooked: bool,
    /// Which rows: those with an alarm, or all.
    pub alarms: Option<Alarms>,
}

impl Table {
    /// Names the place of a value for the report.
    pub fn place(&self, at: usize) -> String {
        match self.columns.get(at) {
            Some(column) => format!("{}.{}", self.name, column),
            None => format!("{}.column {}", self.name, at + 1),
        }
    }
}

/// Tokens to write instead of a row's own, by place.
pub type Changes = Vec<(usize, Vec<u8>)>;

/// A row that is shown to the host.
pub struct Shown<'a> {
    /// Where it belongs.
    pub table: &'a Table,
    /// The row as it stands in the dump.
    pub raw: &'a [u8],
    /// Where its values stand.
    pub fields: &'a [Field],
    /// The values that have been rewritten: their places and what is to be written.
    pub changes: Changes,
    /// Whether strings have backslash escapes.
    pub backslashes: bool,
}

/// Knows what the stream does not: it resolves tables, learns from statements, judges rows.
pub trait Host {
    /// What goes wrong with it.
    type Error;
    /// Resolves a table's name, as it is quoted, and its column list, if there is one.
    fn table(&mut self, name: &[u8], columns: Option<&[u8]>) -> Result<Table, Self::Error>;
    /// Reads a statement without and with what stands before it; tells whether strings have
    /// backslash escapes from here on.
    fn learn(&mut self, statement: &[u8], whole: &[u8]) -> Result<bool, Self::Error>;
    /// Gives the values to write, by place; nothing drops the row.
    fn row(&mut self, row: Shown<'_>) -> Result<Option<Changes>, Self::Error>;
}

/// Takes what has passed, piece by piece.
pub trait Sink {
    /// Takes a piece; `ends` says that a statement ends with it.
    fn put(&mut self, piece: &[u8], ends: bool);
}
