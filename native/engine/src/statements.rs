// SPDX-License-Identifier: Apache-2.0
//! Recognises where the statements of a dump end, and which of them is an INSERT.

use std::ops::Range;

use memchr::memchr;

use crate::bytes::{is_space, skip_space, starts, starts_any_case};
use crate::literals::Dialect;

/// What stands in front of the rows of an INSERT.
pub struct Head {
    /// The table's name, as it is quoted.
    pub table: Range<usize>,
    /// What stands between the parentheses of the column list.
    pub columns: Option<Range<usize>>,
    /// Where the rows begin.
    pub end: usize,
}

fn line_end(data: &[u8], at: usize) -> Option<usize> {
    memchr(b'\n', &data[at..]).map(|found| at + found + 1)
}

fn block_end(data: &[u8], at: usize) -> Option<usize> {
    memchr::memmem::find(data.get(at + 2..)?, b"*/").map(|found| at + 2 + found + 2)
}

fn is_dashes(data: &[u8], at: usize) -> bool {
    starts(data, at, b"--") && data.get(at + 2).map_or(false, |&byte| is_space(byte))
}

/// Gives the place behind a comment; what an executable one holds is read as SQL: `*/` in a
/// string does not end it.
fn comment_end(data: &[u8], at: usize, dialect: Dialect) -> Option<usize> {
    let is_executable = starts(data, at, b"/*!") || starts(data, at, b"/*M!");
    if !is_executable {
        return block_end(data, at);
    }
    let mut at = at + 2;
    loop {
        if starts(data, at, b"*/") {
            return Some(at + 2);
        }
        at = any_end(data, at, dialect, block_end)?;
    }
}

/// Gives the place behind a string, a name, a comment or any other byte.
pub fn unit_end(data: &[u8], at: usize, dialect: Dialect) -> Option<usize> {
    any_end(data, at, dialect, |data, at| comment_end(data, at, dialect))
}

fn any_end(
    data: &[u8],
    at: usize,
    dialect: Dialect,
    comment: impl Fn(&[u8], usize) -> Option<usize>,
) -> Option<usize> {
    match data.get(at)? {
        b'\'' | b'"' => dialect.string_end(data, at),
        b'`' => Some(at + 2 + memchr(b'`', &data[at + 1..])?),
        b'/' if data.get(at + 1) == Some(&b'*') => comment(data, at),
        b'-' if is_dashes(data, at) => line_end(data, at + 2),
        b'#' => line_end(data, at),
        _ => Some(at + 1),
    }
}

/// Gives the place behind white space, NULs and comments, executable ones included.
pub fn trivia(data: &[u8], at: usize, dialect: Dialect) -> usize {
    let mut at = at;
    loop {
        at = inner_gap(data, at, dialect);
        at += match data.get(at) {
            Some(0) => 1,
            Some(0xef) if starts(data, at, b"\xef\xbb\xbf") => 3,
            _ => return at,
        };
    }
}

/// Gives the place behind white space and comments inside a row.
pub fn inner_gap(data: &[u8], at: usize, dialect: Dialect) -> usize {
    skipped(data, at, |at| comment_end(data, at, dialect))
}

/// Gives the place behind white space and comments between the words of an INSERT or its rows.
pub fn gap(data: &[u8], at: usize) -> usize {
    skipped(data, at, |at| block_end(data, at))
}

fn skipped(data: &[u8], at: usize, block: impl Fn(usize) -> Option<usize>) -> usize {
    let mut at = at;
    loop {
        at = skip_space(data, at);
        let end = match data.get(at) {
            Some(b'-') if is_dashes(data, at) => line_end(data, at + 2),
            Some(b'#') => line_end(data, at),
            Some(b'/') if starts(data, at, b"/*") => block(at),
            _ => None,
        };
        at = match end {
            None => return at,
            Some(end) => end,
        };
    }
}

/// A line that sets another end of statements.
pub enum Delimiter {
    /// It is none.
    Other,
    /// It has not come to its end.
    Open,
    /// The delimiter, and the place behind the line.
    Set(Range<usize>, usize),
}

/// Reads a `DELIMITER` line.
pub fn delimiter(data: &[u8], at: usize) -> Delimiter {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    if !starts_any_case(data, at, b"delimiter") || !is_blank(data.get(at + 9)) {
        return Delimiter::Other;
    }
    let mut low = at + 9;
    while is_blank(data.get(low)) {
        low += 1;
    }
    let length = data[low..]
        .iter()
        .take_while(|&&byte| !is_space(byte))
        .count();
    match line_end(data, low + length) {
        Some(end) if length > 0 => Delimiter::Set(low..low + length, end),
        _ => Delimiter::Open,
    }
}

/// Gives the place behind a statement; nothing if it is not complete.
pub fn end(data: &[u8], at: usize, dialect: Dialect, delimiter: &[u8]) -> Option<usize> {
    let mut at = at;
    loop {
        if data.get(at)? == &delimiter[0] && starts(data, at, delimiter) {
            return Some(at + delimiter.len());
        }
        at = unit_end(data, at, dialect)?;
    }
}

/// Gives the place behind what follows rows: it ends in a delimiter, and in `;` as well.
pub fn insert_end(data: &[u8], at: usize, dialect: Dialect, delimiter: &[u8]) -> Option<usize> {
    // Until the bytes are there, a `;` may be the begin of the delimiter.
    let wait = if delimiter[0] == b';' {
        delimiter.len()
    } else {
        1
    };
    let mut at = at;
    loop {
        if starts(data, at, delimiter) {
            return Some(at + delimiter.len());
        }
        if data.get(at)? == &b';' && at + wait <= data.len() {
            return Some(at + 1);
        }
        at = unit_end(data, at, dialect)?;
    }
}

/// Reads the head of an INSERT or REPLACE up to its rows.
pub fn insert(data: &[u8], at: usize) -> Option<Head> {
    let words: [&[u8]; 2] = [b"insert", b"replace"];
    let mut at = words.iter().find_map(|text| word(data, at, text))?;
    let modifiers: [&[u8]; 4] = [b"low_priority", b"delayed", b"high_priority", b"ignore"];
    while let Some(end) = modifiers.iter().find_map(|text| word(data, at, text)) {
        at = end;
    }
    let into = word(data, at, b"into");
    into.and_then(|end| into_table(data, end))
        .or_else(|| into_table(data, at))
}

/// Gives the place behind a whole word and the gap that follows it.
fn word(data: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    let end = at + text.len();
    let goes_on = |&byte: &u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (starts_any_case(data, at, text) && !data.get(end).map_or(false, goes_on))
        .then(|| gap(data, end))
}

fn into_table(data: &[u8], at: usize) -> Option<Head> {
    let mut table = at..name(data, at)?;
    let dot = skip_space(data, table.end);
    if data.get(dot) == Some(&b'.') {
        let low = skip_space(data, dot + 1);
        table = low..name(data, low)?;
    }
    let mut end = gap(data, table.end);
    let mut columns = None;
    if data.get(end) == Some(&b'(') {
        let high = columns_end(data, end + 1)?;
        columns = Some(end + 1..high);
        end = gap(data, high + 1);
    }
    if !starts_any_case(data, end, b"value") {
        return None;
    }
    end += 5 + usize::from(starts_any_case(data, end + 5, b"s"));
    end = gap(data, end);
    (data.get(end) == Some(&b'(')).then_some(Head {
        table,
        columns,
        end,
    })
}

/// Gives the end of a name, quoted or not.
fn name(data: &[u8], at: usize) -> Option<usize> {
    match data.get(at)? {
        b'`' => {
            let mut from = at + 1;
            loop {
                let place = from + memchr(b'`', data.get(from..)?)?;
                if data.get(place + 1) != Some(&b'`') {
                    return (place > at + 1).then(|| place + 1);
                }
                from = place + 2;
            }
        }
        b'"' => {
            let length = memchr(b'"', &data[at + 1..])?;
            (length > 0).then(|| at + 2 + length)
        }
        _ => {
            let sign = |byte: &&u8| {
                byte.is_ascii_alphanumeric() || b"_$-".contains(byte) || **byte >= 0x80
            };
            let length = data[at..].iter().take_while(sign).count();
            (length > 0).then(|| at + length)
        }
    }
}

/// Gives the place of the parenthesis that closes a column list.
fn columns_end(data: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        at = match data.get(at)? {
            b')' => return Some(at),
            b'(' | b';' => return None,
            b'-' if is_dashes(data, at) => line_end(data, at + 2)?,
            b'#' => line_end(data, at)?,
            b'/' if starts(data, at, b"/*") => block_end(data, at)?,
            &quote @ (b'`' | b'"') => at + 2 + memchr(quote, &data[at + 1..])?,
            _ => at + 1,
        };
    }
}

/// Tells whether bytes are nothing but what may stand behind the last statement.
pub fn is_trailer(data: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        let line = || line_end(data, at).map_or(data.len(), |end| end - 1);
        let blank = matches!(data.get(at + 9), Some(b' ' | b'\t'));
        at = match byte {
            0 => at + 1,
            _ if is_space(byte) => at + 1,
            b'-' if starts(data, at, b"--") => line(),
            b'#' => line(),
            b'/' if starts(data, at, b"/*") => match block_end(data, at) {
                None => return false,
                Some(end) => end,
            },
            b'd' | b'D' if starts_any_case(data, at, b"delimiter") && blank => line(),
            _ => return false,
        };
    }
    true
}
