// SPDX-License-Identifier: Apache-2.0
//! Says where an address begins and ends: what may stand in front of it and behind its parts.

use crate::bytes::{is_space, starts_any_case};
use crate::escapes;

/// What may stand behind a percent-encoded path without being part of it.
const AFTER_PERCENT: [&[u8; 2]; 20] = [
    b"2f", b"3f", b"23", b"22", b"27", b"3c", b"3e", b"5c", b"20", b"26", b"09", b"0a", b"0d",
    b"28", b"29", b"2c", b"5d", b"7d", b"3b", b"7c",
];
/// The longest password that a user's name in an address is looked through for.
const LONGEST_PASSWORD: usize = 64;

fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Tells whether an address without a scheme may begin at a place.
///
/// An escape sequence ends in a letter or digit, yet is a boundary, unless it stands for a slash
/// or a colon, or for a backslash in front of one.
pub fn may_begin(data: &[u8], at: usize) -> bool {
    let front = &data[..at];
    match front.last() {
        None => return true,
        Some(&byte) if !is_alnum(byte) && !b"_/:.\\+-".contains(&byte) => return true,
        Some(_) => {}
    }
    let ends = |length: usize, head: &[u8]| {
        front.len() >= length && {
            let text = &front[front.len() - length..];
            let low: Vec<u8> = text.iter().map(u8::to_ascii_lowercase).collect();
            let hex = low[low.len() - 2..].iter().all(u8::is_ascii_hexdigit);
            let goes_on = low.ends_with(b"2f")
                || low.ends_with(b"3a")
                || (head[0] == b'%' && low.ends_with(b"5c"));
            low.starts_with(head) && hex && !goes_on
        }
    };
    let newline = front.len() >= 2
        && front[front.len() - 2] == b'\\'
        && b"nrtNRT".contains(&front[front.len() - 1]);
    newline || ends(3, b"%") || ends(5, b"%25") || ends(6, b"\\u00") || ends(4, b"\\x")
}

/// Tells whether a host ends at a place.
///
/// Bytes C3 to DF begin the letters of Latin, Greek and Cyrillic: such a host goes on. CJK text
/// and typographic quotes stand right behind an address without belonging to it.
pub fn host_ends(data: &[u8], at: usize) -> bool {
    let letter = |byte: u8| is_alnum(byte) || (0xc3..=0xdf).contains(&byte) || byte == b'-';
    match data.get(at) {
        None => true,
        Some(b'.') => data.get(at + 1).map_or(true, |&byte| {
            !(letter(byte) || byte == 0xe1 || (0xe4..=0xed).contains(&byte))
        }),
        Some(b'%') => {
            let end = escapes::percents(data, at);
            let sign = starts_any_case(data, end, b"2d") || starts_any_case(data, end, b"2e");
            !(sign && data.get(end + 2).map_or(false, |&byte| is_alnum(byte)))
        }
        Some(&byte) => !letter(byte),
    }
}

/// Gives the place behind the port that is wanted: a site's own, or the usual one or none.
pub fn port(data: &[u8], at: usize, wanted: Option<&[u8]>) -> Option<usize> {
    let colon = escapes::colon(data, at);
    let end = match wanted {
        Some(digits) => return port_number(data, colon?, digits),
        None => colon
            .and_then(|from| {
                port_number(data, from, b"80").or_else(|| port_number(data, from, b"443"))
            })
            .unwrap_or(at),
    };
    let more = escapes::colon(data, end).and_then(|from| data.get(from));
    (!more.map_or(false, u8::is_ascii_digit)).then_some(end)
}

fn port_number(data: &[u8], at: usize, digits: &[u8]) -> Option<usize> {
    let mut from = at;
    while data.get(from) == Some(&b'0') && (digits != b"0" || data.get(from + 1) == Some(&b'0')) {
        from += 1;
    }
    let end = from + digits.len();
    let stands = crate::bytes::starts(data, from, digits);
    (stands && !data.get(end).map_or(false, u8::is_ascii_digit)).then_some(end)
}

/// Tells whether what stood before was a user's name, the host being what follows.
pub fn was_user(data: &[u8], at: usize) -> bool {
    match data.get(at) {
        Some(b'@') => true,
        Some(b'%') => starts_any_case(data, escapes::percents(data, at), b"40"),
        Some(b':') => {
            let rest = &data[at + 1..];
            let length = rest
                .iter()
                .take(LONGEST_PASSWORD + 1)
                .take_while(|&&byte| !is_space(byte) && !b"/?#\"'<>\\@".contains(&byte))
                .count();
            length <= LONGEST_PASSWORD && rest.get(length) == Some(&b'@')
        }
        _ => false,
    }
}

/// Tells whether a path ends at a place; `percent` is the encoding of the address's slashes.
pub fn path_ends(data: &[u8], at: usize, percent: Option<&[u8]>) -> bool {
    let here = match data.get(at) {
        None => return true,
        Some(&byte) => byte,
    };
    if is_alnum(here) || b"_~+$*-".contains(&here) {
        return false;
    }
    if here == b'\\' {
        return escapes::unicode(data, at, b"002d").is_none();
    }
    if b".!:@=".contains(&here) {
        let next = data.get(at + 1).copied().unwrap_or(b' ');
        return !(is_alnum(next) || next == b'_' || next == b'-');
    }
    if here >= 0x80 {
        return is_punctuation(&data[at..]);
    }
    if here != b'%' {
        return true;
    }
    let percent = match percent {
        None => return false,
        Some(percent) => percent,
    };
    if !crate::bytes::starts(data, at + 1, percent) {
        return true;
    }
    match data.get(at + 1 + percent.len()..at + 3 + percent.len()) {
        Some(code) if code.iter().all(u8::is_ascii_hexdigit) => {
            let low = [code[0].to_ascii_lowercase(), code[1].to_ascii_lowercase()];
            AFTER_PERCENT.contains(&&low)
        }
        _ => true,
    }
}

fn is_punctuation(rest: &[u8]) -> bool {
    match (rest[0], rest.get(1)) {
        (0xe2, Some(0x80)) | (0xe3, Some(0x80)) | (0xef, Some(0xbc)) => true,
        (0xc2, Some(next)) => (0xa0..=0xbf).contains(next),
        _ => false,
    }
}
