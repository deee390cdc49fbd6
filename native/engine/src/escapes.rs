// SPDX-License-Identifier: Apache-2.0
//! Reads the ways in which a colon, a slash or a character is written inside other formats.
//!
//! Each function gives the place behind what it reads, or nothing. No two of these spellings
//! begin alike and go on differently, so none needs a second try.

use crate::bytes::{starts, starts_any_case};

/// A sign that other formats escape.
pub struct Sign {
    plain: u8,
    hex: [u8; 2],
    decimal: [u8; 2],
    name: &'static [u8],
}

/// `:` in every spelling.
pub const COLON: Sign = Sign {
    plain: b':',
    hex: *b"3a",
    decimal: *b"58",
    name: b"colon",
};
/// `/` in every spelling; JSON puts backslashes in front of it.
pub const SLASH: Sign = Sign {
    plain: b'/',
    hex: *b"2f",
    decimal: *b"47",
    name: b"sol",
};

/// Reads a colon.
pub fn colon(data: &[u8], at: usize) -> Option<usize> {
    if data.get(at) == Some(&COLON.plain) {
        return Some(at + 1);
    }
    escaped(data, at, &COLON)
}

/// Reads a slash.
pub fn slash(data: &[u8], at: usize) -> Option<usize> {
    if data.get(at) == Some(&SLASH.plain) {
        return Some(at + 1);
    }
    escaped(data, at, &SLASH)
}

fn escaped(data: &[u8], at: usize, sign: &Sign) -> Option<usize> {
    match data.get(at)? {
        b'\\' => {
            let mut end = at + 1;
            while data.get(end) == Some(&b'\\') {
                end += 1;
            }
            if sign.plain == b'/' && data.get(end) == Some(&b'/') {
                return Some(end + 1);
            }
            let rest = if starts_any_case(data, end, b"u00") {
                end + 3
            } else if starts_any_case(data, end, b"x") {
                end + 1
            } else {
                return None;
            };
            starts_any_case(data, rest, &sign.hex).then(|| rest + 2)
        }
        b'%' => {
            let mut end = percents(data, at);
            // JSON, too, may be percent-encoded, its backslashes with it.
            while sign.plain == b'/'
                && starts_any_case(data, end, b"5c")
                && data.get(end + 2) == Some(&b'%')
            {
                end = percents(data, end + 2);
            }
            starts_any_case(data, end, &sign.hex).then(|| end + 2)
        }
        b'&' => entity(data, at, sign),
        _ => None,
    }
}

/// Gives the place behind `%` and any number of `25`, which encode the sign itself again.
pub fn percents(data: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while starts(data, end, b"25") {
        end += 2;
    }
    end
}

/// Gives the place behind `&` and any number of `amp;`.
fn ampersands(data: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while starts_any_case(data, end, b"amp;") {
        end += 4;
    }
    end
}

fn zeros(data: &[u8], at: usize, most: usize) -> usize {
    let run = data[at.min(data.len())..]
        .iter()
        .take(most)
        .take_while(|&&byte| byte == b'0');
    at + run.count()
}

fn entity(data: &[u8], at: usize, sign: &Sign) -> Option<usize> {
    let name = ampersands(data, at);
    let end = if starts_any_case(data, name, b"#x") {
        let digits = zeros(data, name + 2, 6);
        starts_any_case(data, digits, &sign.hex).then(|| digits + 2)?
    } else if starts(data, name, b"#") {
        let digits = zeros(data, name + 1, 6);
        starts(data, digits, &sign.decimal).then(|| digits + 2)?
    } else {
        starts_any_case(data, name, sign.name).then(|| name + sign.name.len())?
    };
    (data.get(end) == Some(&b';')).then(|| end + 1)
}

/// Reads `\u` and four digits, behind any number of backslashes.
pub fn unicode(data: &[u8], at: usize, digits: &[u8]) -> Option<usize> {
    if data.get(at) != Some(&b'\\') {
        return None;
    }
    let mut end = at + 1;
    while data.get(end) == Some(&b'\\') {
        end += 1;
    }
    (starts_any_case(data, end, b"u") && starts_any_case(data, end + 1, digits))
        .then(|| end + 1 + digits.len())
}

/// Reads a numeric entity with any number of leading zeros.
pub fn numeric_entity(data: &[u8], at: usize, code: u32) -> Option<usize> {
    if data.get(at) != Some(&b'&') {
        return None;
    }
    let name = ampersands(data, at);
    if !starts(data, name, b"#") {
        return None;
    }
    let (from, digits) = if starts_any_case(data, name + 1, b"x") {
        (name + 2, format!("{:x}", code))
    } else {
        (name + 1, code.to_string())
    };
    let from = zeros(data, from, usize::MAX);
    let end = from + digits.len();
    (starts_any_case(data, from, digits.as_bytes()) && data.get(end) == Some(&b';'))
        .then(|| end + 1)
}

/// Reads bytes that are percent-encoded one by one, each any number of times.
pub fn percent_bytes(data: &[u8], at: usize, bytes: &[u8]) -> Option<usize> {
    let mut end = at;
    for byte in bytes {
        if data.get(end) != Some(&b'%') {
            return None;
        }
        end = percents(data, end);
        if !starts_any_case(data, end, format!("{:02x}", byte).as_bytes()) {
            return None;
        }
        end += 2;
    }
    Some(end)
}
