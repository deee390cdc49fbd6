// SPDX-License-Identifier: Apache-2.0
//! Reads the tokens of serialized data that hold no text.

use crate::bytes::{digits, starts};

/// Gives the end of a number, a boolean or a null.
pub fn scalar(data: &[u8], at: usize) -> Option<usize> {
    let value = at + 2;
    let end = match data[at] {
        b'N' => at + 1,
        _ if data.get(at + 1) != Some(&b':') => return None,
        b'b' => matches!(data.get(value), Some(b'0' | b'1')).then(|| value + 1)?,
        b'i' => digits(data, signed(data, value))?,
        b'd' => float(data, value)?,
        _ => return None,
    };
    (data.get(end) == Some(&b';')).then(|| end + 1)
}

fn signed(data: &[u8], at: usize) -> usize {
    at + usize::from(matches!(data.get(at), Some(b'+' | b'-')))
}

fn float(data: &[u8], at: usize) -> Option<usize> {
    if starts(data, at, b"NAN") {
        return Some(at + 3);
    }
    let infinity = at + usize::from(data.get(at) == Some(&b'-'));
    if starts(data, infinity, b"INF") {
        return Some(infinity + 3);
    }
    let at = signed(data, at);
    let whole = digits(data, at);
    let mut end = whole.unwrap_or(at);
    if data.get(end) == Some(&b'.') {
        let part = digits(data, end + 1);
        if whole.is_none() && part.is_none() {
            return None;
        }
        end = part.unwrap_or(end + 1);
    } else {
        whole?;
    }
    match data.get(end) {
        Some(b'e' | b'E') => digits(data, signed(data, end + 1)),
        _ => Some(end),
    }
}
