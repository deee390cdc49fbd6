// SPDX-License-Identifier: Apache-2.0
//! Reads and writes literals of hex digits.

use crate::spool::Buffer;

/// Gives the bytes of `0x…` or `X'…'`; nothing if it is a number of odd length.
pub fn unhex(literal: &[u8]) -> Option<Vec<u8>> {
    let digits = &literal[2..literal.len() - hex_tail(literal)];
    if digits.len() % 2 != 0 {
        return None;
    }
    let value = |digit: u8| (digit as char).to_digit(16).map_or(0, |value| value as u8);
    Some(
        digits
            .chunks(2)
            .map(|pair| value(pair[0]) << 4 | value(pair[1]))
            .collect(),
    )
}

/// Writes bytes as a hex literal of the old one's form, which means `old`; what stays keeps its
/// very digits.
pub fn write_hex(data: &[u8], old: &[u8], like: &[u8], out: &mut Buffer) {
    let (front, behind) = ends_alike(data, old);
    let (begin, end) = (2 + 2 * front, like.len() - hex_tail(like) - 2 * behind);
    let letter = |digits: &[u8]| digits.iter().copied().find(u8::is_ascii_alphabetic);
    let tail = like.len() - hex_tail(like);
    let is_upper = letter(&like[begin..end])
        .or_else(|| letter(&like[2..tail]))
        .map_or(false, |byte| byte.is_ascii_uppercase());
    let signs: &[u8; 16] = if is_upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    out.extend_run(like, 0..begin);
    for byte in &data[front..data.len() - behind] {
        out.extend(&[signs[(byte >> 4) as usize], signs[(byte & 15) as usize]]);
    }
    out.extend(&like[end..]);
}

/// Counts the bytes with which both begin, and those of the rest with which both end.
pub fn ends_alike(one: &[u8], other: &[u8]) -> (usize, usize) {
    let most = one.len().min(other.len());
    let front = alike(one.iter(), other.iter());
    let behind = alike(one.iter().rev(), other.iter().rev()).min(most - front);
    (front, behind)
}

fn alike<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

fn hex_tail(literal: &[u8]) -> usize {
    usize::from(literal[0] != b'0')
}
