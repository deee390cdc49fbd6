// SPDX-License-Identifier: Apache-2.0
//! Knows by what serialized data inside other text announces itself.

use crate::bytes::{digits, skip_space, starts};
use crate::paced;

/// Tells whether a letter may begin serialized data that holds text.
pub fn is_kind(byte: u8) -> bool {
    b"aOCsS".contains(&byte)
}

/// Tells whether a text may hold serialized data at all.
pub fn possible(data: &[u8]) -> bool {
    let mut from = 0;
    while let Some(found) = paced::find(&data[from..], |part| memchr::memchr2(b':', b'%', part)) {
        let at = from + found;
        paced::hop(from, at);
        if at > 0 && is_kind(data[at - 1]) && hint(data, at) {
            return true;
        }
        from = at + 1;
    }
    false
}

fn hint(data: &[u8], at: usize) -> bool {
    if data[at] == b'%' {
        return coded_head(data, at).is_some();
    }
    let end = match digits(data, at + 1) {
        Some(end) if data.get(end) == Some(&b':') => end + 1,
        _ => return false,
    };
    let sign = end
        + data[end..]
            .iter()
            .take_while(|&&byte| byte == b'\\')
            .count();
    match data.get(sign) {
        Some(b'"' | b'{') => true,
        Some(b'&') => sign == end,
        _ => false,
    }
}

/// Gives the place behind `%3A`, digits, `%3A` and `%`.
fn coded_head(data: &[u8], at: usize) -> Option<usize> {
    let colon = |at: usize| starts(data, at, b"%3a") || starts(data, at, b"%3A");
    if !colon(at) {
        return None;
    }
    let end = digits(data, at + 3)?;
    (colon(end) && data.get(end + 3) == Some(&b'%')).then(|| end + 4)
}

/// Gives the end of what announces an island at a place.
pub fn announced(data: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|place| data[place]);
    match data[at] {
        b'"' if before != Some(b'\\') => {
            let inside = skip_space(data, at + 1);
            let is_list = matches!(data.get(inside), Some(b'[' | b'{'));
            (is_list || opens(data, inside, b"\\{&")).then(|| at + 1)
        }
        b'\'' => opens(data, skip_space(data, at + 1), b"{&").then(|| at + 1),
        kind if is_kind(kind) => {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if data.get(at + 1) == Some(&b'%') {
                let is_begin = before.map_or(true, |byte| !word(byte) && byte != b'%');
                let end = coded_head(data, at + 1).filter(|_| is_begin)?;
                let quote = [b"22", b"7b", b"7B"]
                    .iter()
                    .any(|text| starts(data, end, *text));
                return quote.then(|| end + 2);
            }
            let is_begin = before.map_or(true, |byte| !word(byte) && byte != b'\\');
            let behind: &[u8] = if kind == b'a' { b":{" } else { b":\"" };
            if !is_begin || data.get(at + 1) != Some(&b':') {
                return None;
            }
            let end = digits(data, at + 2)?;
            starts(data, end, behind).then(|| end + 2)
        }
        _ => None,
    }
}

/// Tells whether a letter, a count and one of some signs stand at a place.
fn opens(data: &[u8], at: usize, signs: &[u8]) -> bool {
    if !data.get(at).map_or(false, |&byte| is_kind(byte)) || data.get(at + 1) != Some(&b':') {
        return false;
    }
    match digits(data, at + 2) {
        Some(end) if data.get(end) == Some(&b':') => {
            data.get(end + 1).map_or(false, |byte| signs.contains(byte))
        }
        _ => false,
    }
}
