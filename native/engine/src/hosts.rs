// SPDX-License-Identifier: Apache-2.0
//! Matches one host name, or one part of a path, in every spelling that the reference knows.

use crate::bytes::{starts, starts_any_case};
use crate::escapes;

/// A piece of a name: how it may be written.
pub enum Atom {
    /// ASCII text.
    Plain(Vec<u8>),
    /// `--`, which block comments write as two JSON escapes.
    DoubleHyphen,
    /// A character beyond ASCII.
    Character(Character),
}

/// The ways to write one character beyond ASCII.
pub struct Character {
    /// Its bytes, in either case, as they stand.
    pub raw: Vec<Vec<u8>>,
    /// Code point and UTF-8 of each character that it may be escaped as.
    pub codes: Vec<(u32, Vec<u8>)>,
    /// Its one byte in Latin-1, if there is one.
    pub latin: Option<u8>,
}

/// One spelling of a whole name.
pub type Form = Vec<Atom>;

/// Calls `next` with the end of each way in which the form stands at a place, until it is content.
pub fn matched(
    form: &[Atom],
    data: &[u8],
    at: usize,
    any_case: bool,
    next: &mut dyn FnMut(usize) -> Option<usize>,
) -> Option<usize> {
    let (atom, rest) = match form.split_first() {
        Some(parts) => parts,
        None => return next(at),
    };
    match atom {
        Atom::Plain(text) => {
            let stands = if any_case { starts_any_case } else { starts };
            if !stands(data, at, text) {
                return None;
            }
            matched(rest, data, at + text.len(), any_case, next)
        }
        Atom::DoubleHyphen => {
            let end = if starts(data, at, b"--") {
                Some(at + 2)
            } else {
                hyphens(data, at)
            };
            end.and_then(|end| matched(rest, data, end, any_case, next))
        }
        Atom::Character(character) => {
            for end in character.ends(data, at) {
                if let Some(found) = matched(rest, data, end, any_case, next) {
                    return Some(found);
                }
            }
            None
        }
    }
}

fn hyphens(data: &[u8], at: usize) -> Option<usize> {
    let first = escapes::unicode(data, at, b"002d")?;
    escapes::unicode(data, first, b"002d")
}

impl Character {
    /// Gives the end of each way in which the character stands at a place, the preferred first.
    fn ends(&self, data: &[u8], at: usize) -> Vec<usize> {
        let mut ends: Vec<usize> = Vec::new();
        for raw in &self.raw {
            if starts_any_case(data, at, raw) {
                ends.push(at + raw.len());
            }
        }
        for (code, utf8) in &self.codes {
            ends.extend(escapes::unicode(
                data,
                at,
                format!("{:04x}", code).as_bytes(),
            ));
            ends.extend(escapes::numeric_entity(data, at, *code));
            ends.extend(escapes::percent_bytes(data, at, utf8));
        }
        if self.latin.is_some() && data.get(at) == self.latin.as_ref() {
            ends.push(at + 1);
        }
        ends
    }
}
