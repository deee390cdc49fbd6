// SPDX-License-Identifier: Apache-2.0
//! Writes a changed literal the way the old one was written.

use std::collections::HashMap;

use crate::spool::Buffer;

/// The escapes of one kind of literal.
pub trait Spelling {
    /// Gives the length of the escape at a place; none if none begins there.
    fn escape(&self, raw: &[u8], at: usize) -> Option<usize>;
    /// Gives what an escape means.
    fn read(&self, escape: &[u8]) -> Vec<u8>;
    /// What must be escaped in any case, and how.
    fn needed(&self) -> &[(Vec<u8>, Vec<u8>)];
    /// Gives the next place, at `from` or behind it, where an escape may begin.
    fn next(&self, raw: &[u8], from: usize) -> Option<usize>;
}

/// Writes what a literal's inner bytes mean.
pub fn decode(spelling: &dyn Spelling, raw: &[u8], out: &mut Buffer) {
    let (mut done, mut at) = (0, 0);
    while let Some(place) = spelling.next(raw, at) {
        match spelling.escape(raw, place) {
            None => at = place + 1,
            Some(length) => {
                out.extend(&raw[done..place]);
                out.extend(&spelling.read(&raw[place..place + length]));
                at = place + length;
                done = at;
            }
        }
    }
    out.extend(&raw[done..]);
}

/// How one character was written, time after time.
#[derive(Default)]
struct Ways {
    known: Vec<(Vec<u8>, usize)>,
    order: Vec<u32>,
}

impl Ways {
    fn add(&mut self, text: &[u8]) {
        let way = match self.known.iter().position(|(known, _)| known == text) {
            Some(way) => way,
            None => {
                self.known.push((text.to_vec(), 0));
                self.known.len() - 1
            }
        };
        self.known[way].1 += 1;
        self.order.push(way as u32);
    }

    /// Gives the most frequent way, the first of equals.
    fn usual(&self) -> &[u8] {
        let most = self
            .known
            .iter()
            .map(|(_, times)| *times)
            .max()
            .unwrap_or(0);
        self.known
            .iter()
            .find(|(_, times)| *times == most)
            .map_or(&[], |(text, _)| text)
    }
}

/// Texts, one of which may stand at a place; the longest wins.
struct Signs {
    ordered: Vec<Vec<u8>>,
    begins: [bool; 256],
}

impl Signs {
    fn new(mut texts: Vec<Vec<u8>>) -> Self {
        texts.sort();
        texts.dedup();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let mut begins = [false; 256];
        texts
            .iter()
            .filter_map(|text| text.first())
            .for_each(|&byte| begins[byte as usize] = true);
        Signs {
            ordered: texts,
            begins,
        }
    }

    fn at<'a>(&'a self, data: &[u8], at: usize) -> Option<&'a [u8]> {
        if !self.begins[data[at] as usize] {
            return None;
        }
        self.ordered
            .iter()
            .find(|text| data[at..].starts_with(text))
            .map(Vec::as_slice)
    }
}

/// Writes new bytes in the manner of an old literal's inner bytes.
///
/// A character that the old literal spells in several ways keeps them one by one, as long as the
/// new text has as many of it; else the most frequent way is taken.
pub fn encode(spelling: &dyn Spelling, new: &[u8], like: &[u8], out: &mut Buffer) {
    let spelled = observe(spelling, like);
    let needed = spelling.needed();
    let mut texts: Vec<Vec<u8>> = spelled.keys().cloned().collect();
    texts.extend(needed.iter().map(|(sign, _)| sign.clone()));
    let signs = Signs::new(texts);
    let mut turns: HashMap<&[u8], (bool, usize)> = HashMap::new();
    for (sign, ways) in &spelled {
        let times = memchr::memmem::find_iter(new, sign).count();
        turns.insert(sign, (times == ways.order.len(), 0));
    }
    let (mut done, mut at) = (0, 0);
    while at < new.len() {
        let sign = match signs.at(new, at) {
            None => {
                at += 1;
                continue;
            }
            Some(sign) => sign,
        };
        out.extend(&new[done..at]);
        match spelled.get(sign) {
            None => {
                if let Some((_, escape)) = needed.iter().find(|(known, _)| known == sign) {
                    out.extend(escape);
                }
            }
            Some(ways) => {
                let turn = turns.entry(sign).or_default();
                match ways.order.get(turn.1).filter(|_| turn.0) {
                    Some(&way) => out.extend(&ways.known[way as usize].0),
                    None => out.extend(ways.usual()),
                }
                turn.1 += 1;
            }
        }
        at += sign.len();
        done = at;
    }
    out.extend(&new[done..]);
}

fn observe(spelling: &dyn Spelling, raw: &[u8]) -> HashMap<Vec<u8>, Ways> {
    let mut meanings: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    let mut at = 0;
    while let Some(place) = spelling.next(raw, at) {
        at = match spelling.escape(raw, place) {
            None => place + 1,
            Some(length) => {
                let escape = &raw[place..place + length];
                if !meanings.contains_key(escape) {
                    meanings.insert(escape.to_vec(), spelling.read(escape));
                }
                place + length
            }
        };
    }
    let mut spelled: HashMap<Vec<u8>, Ways> = HashMap::new();
    if meanings.is_empty() {
        return spelled;
    }
    let signs = Signs::new(meanings.values().cloned().collect());
    at = 0;
    while at < raw.len() {
        if let Some(length) = spelling.escape(raw, at) {
            let escape = &raw[at..at + length];
            let meaning = meanings
                .get(escape)
                .cloned()
                .unwrap_or_else(|| spelling.read(escape));
            spelled.entry(meaning).or_default().add(escape);
            at += length;
        } else if let Some(sign) = signs.at(raw, at) {
            spelled.entry(sign.to_vec()).or_default().add(sign);
            at += sign.len();
        } else {
            at += 1;
        }
    }
    spelled
}

/// Writes new bytes like an old literal; tells whether they and the old ones survive it.
pub fn faithful(spelling: &dyn Spelling, new: &[u8], like: &[u8], out: &mut Buffer) -> bool {
    let begin = out.len();
    encode(spelling, new, like, out);
    let mut meaning = Buffer::new(out.room());
    decode(spelling, &out.as_slice()[begin..], &mut meaning);
    if meaning.as_slice() != new {
        return false;
    }
    meaning.truncate(0);
    decode(spelling, like, &mut meaning);
    let mut again = Buffer::new(out.room());
    encode(spelling, meaning.as_slice(), like, &mut again);
    again.as_slice() == like
}
