// SPDX-License-Identifier: Apache-2.0
//! Splits a row of an INSERT into its values.

use crate::bytes::skip_space;
use crate::literals::Dialect;
use crate::statements::{inner_gap, unit_end};

/// How a value is written in the dump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `NULL`, a number, an expression.
    Raw,
    /// A quoted literal, perhaps behind an introducer such as `_binary`.
    Text,
    /// `0x…` or `X'…'`.
    Hex,
}

/// Where a value stands in its row.
#[derive(Clone, Copy)]
pub struct Field {
    /// The first byte, of the introducer if there is one.
    pub low: usize,
    /// The place behind it.
    pub high: usize,
    /// How it is written.
    pub form: Form,
    /// The first byte behind the introducer.
    pub body: usize,
}

/// Splits a row, parentheses included; tells whether it could be read to its end.
pub fn parse(raw: &[u8], dialect: Dialect, fields: &mut Vec<Field>) -> bool {
    fields.clear();
    let mut at = 1;
    while at < raw.len() {
        let low = inner_gap(raw, at, dialect);
        let field = match literal(raw, low, dialect) {
            Some(field) => field,
            None => {
                let high = expression_end(raw, low, dialect);
                Field {
                    low,
                    high,
                    form: Form::Raw,
                    body: low,
                }
            }
        };
        let end = inner_gap(raw, field.high, dialect);
        if !matches!(raw.get(end), Some(b',' | b')')) {
            return false;
        }
        fields.push(field);
        at = end + 1;
    }
    true
}

/// Reads a quoted or hex literal that is a whole value.
fn literal(raw: &[u8], low: usize, dialect: Dialect) -> Option<Field> {
    let plain = body(raw, low, low, dialect);
    plain.or_else(|| body(raw, low, introduced(raw, low)?, dialect))
}

/// Gives the place behind an introducer.
fn introduced(raw: &[u8], low: usize) -> Option<usize> {
    match raw.get(low)? {
        b'_' => {
            let name = raw[low + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            (name > 0).then(|| skip_space(raw, low + 1 + name))
        }
        b'n' | b'N' => (raw.get(low + 1) == Some(&b'\'')).then(|| low + 1),
        _ => None,
    }
}

fn body(raw: &[u8], low: usize, body: usize, dialect: Dialect) -> Option<Field> {
    let is_hex = |byte: &&u8| byte.is_ascii_hexdigit();
    let (form, high) = match (raw.get(body)?, raw.get(body + 1)) {
        (b'\'' | b'"', _) => (Form::Text, dialect.string_end(raw, body)?),
        (b'0', Some(b'x')) => (
            Form::Hex,
            body + 2 + raw[body + 2..].iter().take_while(is_hex).count(),
        ),
        (b'x' | b'X', Some(b'\'')) => {
            let end = body + 2 + raw[body + 2..].iter().take_while(is_hex).count();
            (raw.get(end) == Some(&b'\'')).then(|| (Form::Hex, end + 1))?
        }
        _ => return None,
    };
    let next = raw.get(inner_gap(raw, high, dialect));
    matches!(next, Some(b',' | b')')).then(|| Field {
        low,
        high,
        form,
        body,
    })
}

/// Gives the end of anything else: words, strings, calls, white space and comments between them.
fn expression_end(raw: &[u8], low: usize, dialect: Dialect) -> usize {
    let mut at = low;
    while let Some(&byte) = raw.get(at) {
        let gap = inner_gap(raw, at, dialect);
        let end = match byte {
            _ if gap > at => {
                let goes_on = gap < raw.len() && !matches!(raw[gap], b')' | b',');
                goes_on.then_some(gap)
            }
            b'\'' | b'"' => dialect.string_end(raw, at),
            b'(' => call_end(raw, at, dialect),
            b')' | b',' => None,
            _ => Some(at + 1),
        };
        at = match end {
            None => return at,
            Some(end) => end,
        };
    }
    at
}

/// Gives the end of what stands in parentheses, with at most one level within.
fn call_end(raw: &[u8], low: usize, dialect: Dialect) -> Option<usize> {
    let (mut at, mut depth) = (low, 0);
    loop {
        match raw.get(at)? {
            b'\'' | b'"' => {
                at = dialect.string_end(raw, at)?;
                continue;
            }
            b'-' | b'#' | b'/' => {
                at = unit_end(raw, at, dialect)?;
                continue;
            }
            b'(' => {
                depth += 1;
                if depth > 2 {
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
