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

/// Writes bytes as a hex literal of the old one's form and case.
pub fn write_hex(data: &[u8], like: &[u8], out: &mut Buffer) {
    let upper = like[2..].iter().any(|byte| (b'A'..=b'F').contains(byte));
    let signs: &[u8; 16] = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    out.extend(&like[..2]);
    for byte in data {
        out.extend(&[signs[(byte >> 4) as usize], signs[(byte & 15) as usize]]);
    }
    out.extend(&like[like.len() - hex_tail(like)..]);
}

fn hex_tail(literal: &[u8]) -> usize {
    usize::from(literal[0] != b'0')
}
