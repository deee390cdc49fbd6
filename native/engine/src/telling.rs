// SPDX-License-Identifier: Apache-2.0
//! Knows which statements matter though they have no rows that could be read.

use crate::bytes::{digits, find_any_case, is_space, skip_space, starts_any_case};

/// Tells whether a statement may say something about later ones.
pub fn is_telling(statement: &[u8], whole: &[u8]) -> bool {
    starts_any_case(statement, 0, b"create") || find_any_case(whole, b"sql_mode", 0).is_some()
}

/// Gives what writes values in a form that is not read: the statement, or a comment before it.
pub fn silent<'a>(statement: &'a [u8], whole: &'a [u8]) -> &'a [u8] {
    let words: [&[u8]; 3] = [b"insert ", b"replace", b"update "];
    if words.iter().any(|text| starts_any_case(statement, 0, text)) {
        return statement;
    }
    memchr::memchr_iter(b'!', whole)
        .find(|&at| is_executed(whole, at))
        .map_or(&[], |at| &whole[at..])
}

/// Tells whether an executable comment, at its `!`, writes values.
fn is_executed(data: &[u8], at: usize) -> bool {
    let low = skip_space(data, digits(data, at + 1).unwrap_or(at + 1));
    let words: [&[u8]; 3] = [b"insert", b"replace", b"update"];
    let is_word = |text: &&[u8]| {
        starts_any_case(data, low, text)
            && data.get(low + text.len()).map_or(false, |&b| is_space(b))
    };
    let front = &data[..at];
    (front.ends_with(b"/*") || front.ends_with(b"/*M")) && words.iter().any(is_word)
}
