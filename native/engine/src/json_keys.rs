// SPDX-License-Identifier: Apache-2.0
//! Finds the names in JSON objects that have to stay: their new name is in the object already.
//!
//! Whoever decodes an object with one name twice keeps one member and loses the other.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;

use crate::bytes::starts;
use crate::coded::Json;
use crate::hits::Cursor;
use crate::islands::json_end;
use crate::spelling;
use crate::spool::{Buffer, Room};
use crate::values::Rewriter;

/// PHP decodes no deeper.
const DEEPEST: usize = 512;
/// A failed attempt may read the whole text, so there is an end to them.
const MOST_FAILURES: usize = 20;
/// How far behind an address its name goes on.
const REACH: usize = 2048;

/// Tells whether an address may stand in the name of a member, at any level of quoting.
pub fn announced(rewriter: &Rewriter, data: &[u8]) -> bool {
    let mut from = match memchr(b'{', data) {
        None => return false,
        Some(begin) => begin,
    };
    let mut hits = Cursor::plain(rewriter);
    while let Some(hit) = hits.next(data, from) {
        let reach = data.len().min(hit + REACH + 1);
        let quote = memchr(b'"', &data[hit..reach]).map(|found| hit + found);
        if quote.map_or(false, |quote| is_named(data, quote + 1)) {
            return true;
        }
        from = hit + 1;
    }
    false
}

/// Lists the names that have to stay as they are, in ascending order.
pub fn kept(rewriter: &Rewriter, data: &[u8], room: &Arc<Room>) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    if !announced(rewriter, data) {
        return spans;
    }
    let (mut at, mut failures) = (0, 0);
    while let Some(found) = memchr(b'{', &data[at..]).filter(|_| failures < MOST_FAILURES) {
        let begin = at + found;
        at = begin + 1;
        if data.get(skip_blank(data, at)) != Some(&b'"') {
            continue;
        }
        let mark = spans.len();
        let mut closed = |names: &Names| taken(rewriter, data, names, room, &mut spans);
        match object_end(data, begin, &mut closed) {
            Some(end) => at = end,
            None => {
                failures += 1;
                spans.truncate(mark);
            }
        }
    }
    spans.sort_unstable_by_key(|span| span.start);
    spans
}

fn skip_blank(data: &[u8], at: usize) -> usize {
    let blank = |byte: &&u8| b" \t\r\n".contains(byte);
    at + data[at..].iter().take_while(blank).count()
}

/// Tells whether a colon follows the string that ends in front of a place.
fn is_named(data: &[u8], at: usize) -> bool {
    starts(data, skip_blank(data, at), b":")
}

type Names = Vec<Range<usize>>;

/// Gives the end of the object at a place, and the names of each object as soon as it ends.
fn object_end(data: &[u8], at: usize, closed: &mut dyn FnMut(&Names)) -> Option<usize> {
    let mut opened: Vec<Option<Names>> = Vec::new();
    let mut at = at;
    loop {
        at = skip_blank(data, at);
        let low = at;
        match data.get(at)? {
            b'"' => {
                at = json_end(data, at)?;
                if is_named(data, at) {
                    if let Some(Some(names)) = opened.last_mut() {
                        names.push(low + 1..at - 1);
                    }
                }
            }
            sign @ (b'{' | b'[') => {
                opened.push((*sign == b'{').then(Vec::new));
                at += 1;
            }
            sign @ (b'}' | b']') => {
                match (sign, opened.pop()?) {
                    (b'}', Some(names)) => closed(&names),
                    (b']', None) => {}
                    _ => return None,
                }
                at += 1;
            }
            b':' | b',' => at += 1,
            _ => {
                let word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+.-".contains(byte);
                at += data[at..].iter().take_while(word).count();
                if at == low {
                    return None;
                }
            }
        }
        if opened.len() > DEEPEST {
            return None;
        }
        if opened.is_empty() {
            return Some(at);
        }
    }
}

/// Adds the names of one object that another member has, or will have.
fn taken(
    rewriter: &Rewriter,
    data: &[u8],
    names: &[Range<usize>],
    room: &Arc<Room>,
    spans: &mut Vec<Range<usize>>,
) {
    let is_near = |span: &Range<usize>| {
        let raw = &data[span.clone()];
        Cursor::plain(rewriter).within(raw, 0, raw.len())
    };
    if !names.iter().any(is_near) {
        return;
    }
    let meant = |raw: &[u8]| {
        let mut text = Buffer::new(room);
        spelling::decode(&Json, raw, &mut text);
        text.as_slice().to_vec()
    };
    let mut taken: HashSet<_> = names
        .iter()
        .map(|span| meant(&data[span.clone()]))
        .collect();
    let mut stays = HashMap::new();
    for span in names.iter().filter(|span| is_near(span)) {
        let raw = &data[span.clone()];
        let mut text = Buffer::new(room);
        rewriter.replace(raw, &mut text);
        let (old, new) = (meant(raw), meant(text.as_slice()));
        if new == old {
            continue;
        }
        // A name that is there twice already moves twice: that changes nothing for anybody.
        if *stays.entry(old).or_insert_with(|| !taken.insert(new)) {
            spans.push(span.clone());
        }
    }
}
