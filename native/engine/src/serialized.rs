// SPDX-License-Identifier: Apache-2.0
//! Changes the string payloads of serialized data, and the counts in front of them.

use std::collections::HashSet;

use crate::escaped_strings;
use crate::hits::Cursor;
use crate::paced;
use crate::spool::Buffer;
use crate::tally::Tally;
use crate::tokens::{walk, Broken, Frame, Span, Visitor};
use crate::values::Rewriter;

/// An array with a renamed key is walked once more: at any depth, that would cost hostile data the
/// square of its size. Real sites nest addresses in keys three or four levels deep.
const DEEPEST_RENAMED: usize = 64;

/// Writes the token at `at`, and all in front of it, with its payloads rewritten.
///
/// Gives the place behind the token. If it is broken, `out` is as it was before.
pub fn rewrite(
    rewriter: &Rewriter,
    data: &[u8],
    at: usize,
    out: &mut Buffer,
    depth: usize,
    tally: &mut Tally,
) -> Result<usize, Broken> {
    let mark = out.len();
    let hits = Cursor::new(rewriter);
    let mut editor = Editor {
        rewriter,
        data,
        hits,
        out,
        done: 0,
        depth,
        unsupported: 0,
        tally,
    };
    let walked = walk(data, at, &mut editor);
    let (done, unsupported) = (editor.done, editor.unsupported);
    match &walked {
        Ok(end) => {
            out.extend(&data[done..*end]);
            tally.unsupported += unsupported;
        }
        Err(_) => out.truncate(mark),
    }
    walked
}

struct Editor<'a> {
    rewriter: &'a Rewriter,
    data: &'a [u8],
    hits: Cursor<'a>,
    out: &'a mut Buffer,
    /// How much of the data has been written.
    done: usize,
    depth: usize,
    unsupported: u64,
    tally: &'a mut Tally,
}

impl Visitor for Editor<'_> {
    fn string(&mut self, span: Span, key: Option<&mut Frame>, depth: usize) {
        if !self.hits.within(self.data, span.low, span.high)
            || key.as_ref().map_or(false, |frame| !frame.rewrites_keys)
        {
            return;
        }
        let mark = self.out.len();
        let head = self.head(span.begin + 1, b":\"", &span);
        let changed = self.payload(&span);
        if !changed || !key.map_or(true, |frame| self.may_rename(frame, head, depth)) {
            self.out.truncate(mark);
            return;
        }
        self.count(head, b":\"");
        self.out.extend(b"\";");
        self.done = span.high + 2;
    }

    fn custom(&mut self, span: Span, name_end: usize, end: usize) {
        if !self.hits.within(self.data, span.low, span.high) {
            return;
        }
        let mark = self.out.len();
        let head = self.head(name_end, b":{", &span);
        if !self.payload(&span) {
            self.out.truncate(mark);
            return;
        }
        self.count(head, b":{");
        self.out.extend(b"}");
        self.done = end;
    }

    fn escaped(&mut self, span: Span, is_key: bool) {
        if !self.hits.within(self.data, span.low, span.high) || is_key {
            return;
        }
        let raw = &self.data[span.low..span.high];
        let old = escaped_strings::decode(raw);
        let mut new = Buffer::new(self.out.room());
        self.rewriter
            .carrier(&old, &mut new, self.depth + 1, self.tally);
        if new.as_slice() == old.as_slice() {
            return;
        }
        let coded = match escaped_strings::encode(new.as_slice(), &old, raw) {
            Some(coded) => coded,
            None => {
                self.unsupported += 1;
                return;
            }
        };
        self.out.extend(&self.data[self.done..span.begin]);
        self.out.extend(format!("S:{}:\"", new.len()).as_bytes());
        self.out.extend(&coded);
        self.out.extend(b"\";");
        self.done = span.high + 2;
    }
}

/// Where a count was written, and where the payload behind it begins.
#[derive(Clone, Copy)]
struct Head {
    count: usize,
    body: usize,
    old: usize,
}

impl Editor<'_> {
    /// Writes all up to a payload, with the old count.
    fn head(&mut self, name_end: usize, behind: &[u8], span: &Span) -> Head {
        let old = span.high - span.low;
        let first = name_end + 1;
        // A count is written without leading zeros, even if it came with some.
        if self.data[first] != b'0' || span.low - first == 1 + behind.len() {
            self.out.extend(&self.data[self.done..span.low]);
            let body = self.out.len();
            return Head {
                count: body - (span.low - first),
                body,
                old,
            };
        }
        self.out.extend(&self.data[self.done..first]);
        let count = self.out.len();
        self.out.extend(digits(old, &mut [0; DIGITS]));
        self.out.extend(behind);
        Head {
            count,
            body: self.out.len(),
            old,
        }
    }

    /// Writes a payload rewritten; tells whether it has changed.
    fn payload(&mut self, span: &Span) -> bool {
        let old = &self.data[span.low..span.high];
        let body = self.out.len();
        self.rewriter
            .inner(old, self.out, self.depth + 1, self.tally);
        !paced::same(&self.out.as_slice()[body..], old)
    }

    /// Puts the new count in front of the payload that has been written.
    fn count(&mut self, head: Head, behind: &[u8]) {
        let new = self.out.len() - head.body;
        if new == head.old {
            return;
        }
        let mut text = [0; DIGITS];
        let text = digits(new, &mut text);
        let wanted = head.count + text.len() + behind.len();
        if wanted > head.body {
            self.out.extend(&[0; DIGITS][..wanted - head.body]);
        }
        let all = self.out.as_mut_slice();
        if wanted != head.body {
            all.copy_within(head.body..head.body + new, wanted);
            all[wanted - behind.len()..wanted].copy_from_slice(behind);
        }
        all[head.count..head.count + text.len()].copy_from_slice(text);
        self.out.truncate(wanted + new);
    }

    /// Tells whether a key may get the name that has been written, which takes it.
    fn may_rename(&mut self, frame: &mut Frame, head: Head, depth: usize) -> bool {
        if depth > DEEPEST_RENAMED {
            self.unsupported += 1;
            return false;
        }
        let (data, begin) = (self.data, frame.begin);
        let taken = frame.taken.get_or_insert_with(|| keys(data, begin));
        let is_free = taken.insert(self.out.as_slice()[head.body..].to_vec());
        self.unsupported += u64::from(!is_free);
        is_free
    }
}

/// Room for the digits of any count.
const DIGITS: usize = 20;

/// Writes a count's digits.
fn digits(count: usize, room: &mut [u8; DIGITS]) -> &[u8] {
    let (mut at, mut left) = (DIGITS, count);
    loop {
        at -= 1;
        room[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            return &room[at..];
        }
    }
}

/// Collects the string keys of the array whose token begins at a place.
fn keys(data: &[u8], begin: usize) -> HashSet<Vec<u8>> {
    struct Collector<'a>(&'a [u8], HashSet<Vec<u8>>);
    impl Visitor for Collector<'_> {
        fn string(&mut self, span: Span, key: Option<&mut Frame>, depth: usize) {
            if key.is_some() && depth == 1 {
                self.1.insert(self.0[span.low..span.high].to_vec());
            }
        }
        fn custom(&mut self, _: Span, _: usize, _: usize) {}
        fn escaped(&mut self, _: Span, _: bool) {}
    }
    let mut collector = Collector(data, HashSet::new());
    // Broken data is noticed by the walk that goes on: what was found so far does not matter then.
    let _ = walk(data, begin, &mut collector);
    collector.1
}
