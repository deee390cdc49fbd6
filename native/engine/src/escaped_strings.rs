// SPDX-License-Identifier: Apache-2.0
//! Reads and writes the payloads of PHP's rare `S:` strings, some bytes of which are hex digits.

use crate::hex::ends_alike;

/// Writes a payload like an old one, which means `old` and has been changed in some places.
///
/// What both have at their ends keeps its very bytes. Between them, the bytes are escaped that the
/// old payload escapes there; nothing if it does not escape all of a kind.
pub fn encode(new: &[u8], old: &[u8], like: &[u8]) -> Option<Vec<u8>> {
    let (front, behind) = ends_alike(new, old);
    let begin = behind_units(like, 0, front);
    let end = behind_units(like, begin, old.len() - behind - front);
    let special = special(&like[begin..end]);
    if escaped(&old[front..old.len() - behind], &special) != like[begin..end] {
        return None;
    }
    let middle = escaped(&new[front..new.len() - behind], &special);
    Some([&like[..begin], &middle, &like[end..]].concat())
}

/// Gives the place behind so many bytes, escaped or not.
fn behind_units(raw: &[u8], at: usize, count: usize) -> usize {
    (0..count).fold(at, |at, _| at + unit(raw, at))
}

fn unit(raw: &[u8], at: usize) -> usize {
    match code(raw, at) {
        Some(_) if raw[at] == b'\\' => 3,
        _ => 1,
    }
}

fn code(raw: &[u8], at: usize) -> Option<u8> {
    let digits = raw.get(at + 1..at + 3)?;
    let high = (digits[0] as char).to_digit(16)?;
    let low = (digits[1] as char).to_digit(16)?;
    Some((high << 4 | low) as u8)
}

/// Gives what a payload means.
pub fn decode(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        match code(raw, at).filter(|_| raw[at] == b'\\') {
            None => {
                text.push(raw[at]);
                at += 1;
            }
            Some(byte) => {
                text.push(byte);
                at += 3;
            }
        }
    }
    text
}

/// Tells which bytes a payload escapes; the backslash always.
fn special(raw: &[u8]) -> [bool; 256] {
    let mut special = [false; 256];
    special[b'\\' as usize] = true;
    for at in memchr::memchr_iter(b'\\', raw) {
        if let Some(byte) = code(raw, at) {
            special[byte as usize] = true;
        }
    }
    special
}

fn escaped(text: &[u8], special: &[bool; 256]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(text.len());
    for &byte in text {
        if special[byte as usize] {
            raw.extend_from_slice(format!("\\{:02x}", byte).as_bytes());
        } else {
            raw.push(byte);
        }
    }
    raw
}
