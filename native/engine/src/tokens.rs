// SPDX-License-Identifier: Apache-2.0
//! Hops over PHP-serialized data by its own byte counts.
//!
//! Nothing is unserialized: no class is looked at, no float is printed anew. The walk trusts each
//! length and then verifies the terminator behind it, so a payload may hold the format's own signs.

use std::collections::HashSet;

use crate::bytes::{digits, starts};
use crate::references::References;
use crate::scalars::scalar;

/// PHP itself refuses to go deeper.
const MAX_DEPTH: usize = 4096;
/// A member takes six bytes at least (`i:0;N;`): a count beyond that is a lie.
const LEAST_MEMBER: u64 = 6;
const LONGEST_COUNT: usize = 12;

/// Why a walk ended early.
#[derive(Debug, PartialEq, Eq)]
pub enum Broken {
    /// The bytes are no serialized data, or no longer valid.
    Malformed,
    /// The data nests deeper than PHP reads.
    TooDeep,
}

/// An open array or object, while a member of it is walked.
pub struct Frame {
    /// Keys and values still to come: an even number before a key.
    left: u64,
    /// Where its token begins.
    pub begin: usize,
    /// Whether its keys may be addresses to rewrite: those of arrays.
    pub rewrites_keys: bool,
    /// The names that are taken, once a key has been renamed.
    pub taken: Option<HashSet<Vec<u8>>>,
}

/// Where a payload stands: its token's begin, its first byte, and the place behind its last.
pub struct Span {
    /// The first byte of the token.
    pub begin: usize,
    /// The first byte of the payload.
    pub low: usize,
    /// The place behind the payload.
    pub high: usize,
}

/// Sees the payloads of a walk.
pub trait Visitor {
    /// A string; with a frame, it is a key in it. `depth` counts the frames around that one.
    fn string(&mut self, span: Span, key: Option<&mut Frame>, depth: usize);
    /// The body of an object that serialized itself; `name_end` is behind its class name.
    fn custom(&mut self, span: Span, name_end: usize, end: usize);
    /// A string with escaped bytes.
    fn escaped(&mut self, span: Span, is_key: bool);
}

/// Sees nothing: the walk alone says whether the data is valid.
pub struct Nobody;

impl Visitor for Nobody {
    fn string(&mut self, _: Span, _: Option<&mut Frame>, _: usize) {}
    fn custom(&mut self, _: Span, _: usize, _: usize) {}
    fn escaped(&mut self, _: Span, _: bool) {}
}

/// Tells whether a value begins as serialized data that can hold text.
pub fn looks(data: &[u8]) -> bool {
    let at = start(data);
    match data.get(at) {
        Some(b'a') => head(data, at, b":{"),
        Some(b's' | b'S' | b'O' | b'C' | b'E') => head(data, at, b":\""),
        _ => false,
    }
}

/// Tells whether a letter is followed by `:`, digits and a text.
pub fn head(data: &[u8], at: usize, behind: &[u8]) -> bool {
    data.get(at + 1) == Some(&b':')
        && digits(data, at + 2).map_or(false, |end| starts(data, end, behind))
}

/// Gives the place behind the white space that WordPress trims before it unserializes.
pub fn start(data: &[u8]) -> usize {
    let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0b);
    data.iter().take_while(blank).count()
}

/// Tells whether a complete token stands at the beginning, white space aside.
pub fn valid(data: &[u8]) -> bool {
    walk(data, start(data), &mut Nobody).is_ok()
}

/// Hops over the token at a place; gives the place behind it.
pub fn walk<V: Visitor>(data: &[u8], at: usize, visitor: &mut V) -> Result<usize, Broken> {
    let mut frames: Vec<Frame> = Vec::new();
    // The root is a value without a key.
    let mut frame = Frame {
        left: 1,
        begin: at,
        rewrites_keys: false,
        taken: None,
    };
    let mut at = at;
    let mut references = References::default();
    loop {
        while frame.left == 0 {
            frame = match frames.pop() {
                None => return Ok(at),
                Some(outer) => outer,
            };
            at = expect(data, at, b"}")?;
        }
        let is_key = frame.left & 1 == 0;
        frame.left -= 1;
        let kind = *data.get(at).ok_or(Broken::Malformed)?;
        if is_key && !matches!(kind, b's' | b'S' | b'i') {
            return Err(Broken::Malformed);
        }
        match kind {
            _ if is_key => {}
            b'O' | b'C' | b'E' => references.count_object(),
            b'r' | b'R' => {}
            _ => references.count(),
        }
        match kind {
            b's' => {
                let (size, low) = count(data, at, b":\"")?;
                let high = low.checked_add(size as usize).ok_or(Broken::Malformed)?;
                let end = expect(data, high, b"\";")?;
                let key = if is_key { Some(&mut frame) } else { None };
                visitor.string(
                    Span {
                        begin: at,
                        low,
                        high,
                    },
                    key,
                    frames.len(),
                );
                at = end;
            }
            b'a' => {
                let (members, begin) = count(data, at, b":{")?;
                let opened = open(data, at, begin, members, frames.len(), true)?;
                frames.push(std::mem::replace(&mut frame, opened));
                at = begin;
            }
            b'O' => {
                let (members, begin, _) = object(data, at)?;
                let opened = open(data, at, begin, members, frames.len(), false)?;
                frames.push(std::mem::replace(&mut frame, opened));
                at = begin;
            }
            b'C' => {
                references.lose_count();
                let (size, low, name_end) = object(data, at)?;
                let high = low.checked_add(size as usize).ok_or(Broken::Malformed)?;
                let end = expect(data, high, b"}")?;
                visitor.custom(
                    Span {
                        begin: at,
                        low,
                        high,
                    },
                    name_end,
                    end,
                );
                at = end;
            }
            b'r' | b'R' => {
                let (wanted, end) = count(data, at, b";")?;
                if !references.accept(wanted, kind == b'r') {
                    return Err(Broken::Malformed);
                }
                at = end;
            }
            b'E' => at = expect(data, named(data, at)?.1, b";")?,
            b'S' => {
                let (size, low) = count(data, at, b":\"")?;
                let high = unescaped_end(data, low, size as usize)?;
                let end = expect(data, high, b"\";")?;
                visitor.escaped(
                    Span {
                        begin: at,
                        low,
                        high,
                    },
                    is_key,
                );
                at = end;
            }
            _ => at = scalar(data, at).ok_or(Broken::Malformed)?,
        }
    }
}

fn expect(data: &[u8], at: usize, text: &[u8]) -> Result<usize, Broken> {
    if starts(data, at, text) {
        Ok(at + text.len())
    } else {
        Err(Broken::Malformed)
    }
}

/// Reads `:`, a count, and what has to stand behind it; gives the count and the place behind.
fn count(data: &[u8], at: usize, behind: &[u8]) -> Result<(u64, usize), Broken> {
    let low = expect(data, at + 1, b":")?;
    let mut value = 0_u64;
    let zeros = data[low..].iter().take_while(|&&byte| byte == b'0').count();
    let mut end = low + zeros;
    let first = end;
    while let Some(digit) = data.get(end).filter(|byte| byte.is_ascii_digit()) {
        if end - first == LONGEST_COUNT {
            return Err(Broken::Malformed);
        }
        value = value * 10 + u64::from(digit - b'0');
        end += 1;
    }
    if end == low {
        return Err(Broken::Malformed);
    }
    Ok((value, expect(data, end, behind)?))
}

/// Reads a letter, a length and a quoted name; gives the name's begin and the place behind it.
fn named(data: &[u8], at: usize) -> Result<(usize, usize), Broken> {
    let (size, low) = count(data, at, b":\"")?;
    let high = low.checked_add(size as usize).ok_or(Broken::Malformed)?;
    Ok((low, expect(data, high, b"\"")?))
}

/// Tells whether a name may be a class's.
fn is_class(name: &[u8]) -> bool {
    let sign = |&byte: &u8| byte.is_ascii_alphanumeric() || b"_\\".contains(&byte) || byte >= 0x80;
    name.first().map_or(false, |&first| first != b'\\') && name.iter().all(sign)
}

/// Reads the head of an object: its count, where its members begin, and where its name ends.
fn object(data: &[u8], at: usize) -> Result<(u64, usize, usize), Broken> {
    let (name, name_end) = named(data, at)?;
    if !is_class(&data[name..name_end - 1]) {
        return Err(Broken::Malformed);
    }
    // The reader of counts skips one byte, which is the name's quote here.
    let (members, begin) = count(data, name_end - 1, b":{")?;
    Ok((members, begin, name_end))
}

fn open(
    data: &[u8],
    begin: usize,
    at: usize,
    members: u64,
    depth: usize,
    rewrites_keys: bool,
) -> Result<Frame, Broken> {
    if members * LEAST_MEMBER > (data.len() - at) as u64 {
        return Err(Broken::Malformed);
    }
    if depth > MAX_DEPTH {
        return Err(Broken::TooDeep);
    }
    Ok(Frame {
        left: 2 * members,
        begin,
        rewrites_keys,
        taken: None,
    })
}

/// Gives the end of a payload whose length counts the bytes after unescaping.
fn unescaped_end(data: &[u8], low: usize, size: usize) -> Result<usize, Broken> {
    let (mut at, mut left) = (low, size);
    while left > 0 {
        let reach = at.checked_add(left).ok_or(Broken::Malformed)?;
        let window = data.get(at..reach.min(data.len())).unwrap_or(&[]);
        let sign = match memchr::memchr(b'\\', window) {
            None => return Ok(reach),
            Some(found) => at + found,
        };
        let code = data.get(sign + 1..sign + 3).ok_or(Broken::Malformed)?;
        if !code.iter().all(u8::is_ascii_hexdigit) {
            return Err(Broken::Malformed);
        }
        left -= sign - at + 1;
        at = sign + 3;
    }
    Ok(at)
}
