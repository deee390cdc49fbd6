// SPDX-License-Identifier: Apache-2.0
//! Asks small questions about bytes.

/// Tells whether a text stands at a place.
pub fn starts(data: &[u8], at: usize, text: &[u8]) -> bool {
    data.get(at..).map_or(false, |rest| rest.starts_with(text))
}

/// Tells whether a lower-case text stands at a place, in any letter case.
pub fn starts_any_case(data: &[u8], at: usize, text: &[u8]) -> bool {
    match data.get(at..).and_then(|rest| rest.get(..text.len())) {
        Some(there) => there
            .iter()
            .zip(text)
            .all(|(byte, wanted)| byte.to_ascii_lowercase() == *wanted),
        None => false,
    }
}

/// White space as SQL and regular expressions understand it.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Gives the place behind the white space at a place.
pub fn skip_space(data: &[u8], mut at: usize) -> usize {
    while at < data.len() && is_space(data[at]) {
        at += 1;
    }
    at
}

/// Gives the place behind the digits at a place; nothing if there are none.
pub fn digits(data: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while end < data.len() && data[end].is_ascii_digit() {
        end += 1;
    }
    (end > at).then_some(end)
}

/// Finds a text in any letter case, for rare and short searches.
pub fn find_any_case(data: &[u8], text: &[u8], from: usize) -> Option<usize> {
    (from..(data.len() + 1).saturating_sub(text.len())).find(|&at| starts_any_case(data, at, text))
}
