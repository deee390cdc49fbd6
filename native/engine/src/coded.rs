// SPDX-License-Identifier: Apache-2.0
//! Reads and writes serialized data that was escaped for JSON, for an attribute or for a query.

use memchr::{memchr, memchr2};

use crate::needed;
use crate::spelling::Spelling;

/// The inside of a JSON string.
pub struct Json;
/// The inside of an attribute.
pub struct Entities;
/// A percent-encoded value.
pub struct Percent;

const ENTITIES: [(&[u8], u8); 8] = [
    (b"&quot;", b'"'),
    (b"&#34;", b'"'),
    (b"&#034;", b'"'),
    (b"&amp;", b'&'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&#39;", b'\''),
    (b"&#039;", b'\''),
];

/// Gives the code of `\uXXXX` at a place.
fn unit(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let mut code = 0;
    for &digit in digits {
        code = code << 4 | (digit as char).to_digit(16)?;
    }
    Some(code)
}

impl Spelling for Json {
    fn escape(&self, raw: &[u8], at: usize) -> Option<usize> {
        if raw[at] != b'\\' || at + 1 >= raw.len() {
            return None;
        }
        Some(match unit(raw, at) {
            None => 2,
            Some(high) => match unit(raw, at + 6) {
                Some(0xdc00..=0xdfff) if (0xd800..=0xdbff).contains(&high) => 12,
                _ => 6,
            },
        })
    }

    fn read(&self, escape: &[u8]) -> Vec<u8> {
        let code = match (unit(escape, 0), unit(escape, 6)) {
            (None, _) => {
                return vec![match escape[1] {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => other,
                }]
            }
            (Some(high), Some(low)) => 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00),
            (Some(code), None) => code,
        };
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        letter.to_string().into_bytes()
    }

    fn needed(&self) -> &[(Vec<u8>, Vec<u8>)] {
        needed::json()
    }

    fn next(&self, raw: &[u8], from: usize) -> Option<usize> {
        memchr(b'\\', raw.get(from..)?).map(|found| from + found)
    }
}

impl Spelling for Entities {
    fn escape(&self, raw: &[u8], at: usize) -> Option<usize> {
        let found = ENTITIES
            .iter()
            .find(|(text, _)| raw[at..].starts_with(text));
        found.map(|(text, _)| text.len())
    }

    fn read(&self, escape: &[u8]) -> Vec<u8> {
        ENTITIES
            .iter()
            .find(|(text, _)| *text == escape)
            .map_or(Vec::new(), |pair| vec![pair.1])
    }

    fn needed(&self) -> &[(Vec<u8>, Vec<u8>)] {
        needed::entities()
    }

    fn next(&self, raw: &[u8], from: usize) -> Option<usize> {
        memchr(b'&', raw.get(from..)?).map(|found| from + found)
    }
}

impl Spelling for Percent {
    fn escape(&self, raw: &[u8], at: usize) -> Option<usize> {
        match raw[at] {
            b'+' => Some(1),
            b'%' => {
                let digits = raw.get(at + 1..at + 3)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(3)
            }
            _ => None,
        }
    }

    fn read(&self, escape: &[u8]) -> Vec<u8> {
        let value = |digit: u8| (digit as char).to_digit(16).map_or(0, |value| value as u8);
        match escape {
            [_, high, low] => vec![value(*high) << 4 | value(*low)],
            _ => b" ".to_vec(),
        }
    }

    fn needed(&self) -> &[(Vec<u8>, Vec<u8>)] {
        needed::percent()
    }

    fn next(&self, raw: &[u8], from: usize) -> Option<usize> {
        memchr2(b'%', b'+', raw.get(from..)?).map(|found| from + found)
    }
}
