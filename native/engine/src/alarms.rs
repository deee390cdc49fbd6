// SPDX-License-Identifier: Apache-2.0
//! Tells which rows the host wants to see: those in which one of its signs, or a number, stands.

use std::ops::Range;

use crate::finder::Finder;

/// So many digits, with what people put between them, may be a telephone number.
const DIGITS: usize = 8;
/// The longest gap between two of them.
const GAP: usize = 3;

/// What to look for in the rows of one table.
pub struct Alarms {
    signs: Vec<Finder>,
}

/// The next alarms in one stretch, which is looked through once, forwards.
pub struct Watch<'a> {
    alarms: &'a Alarms,
    data: &'a [u8],
    /// Where each sign stands next, and behind them where a number does.
    next: Vec<Option<usize>>,
    is_begun: bool,
}

impl Alarms {
    /// Takes the signs, which stand in any letter case.
    pub fn new<'a>(signs: impl Iterator<Item = &'a [u8]>) -> Self {
        let signs = signs
            .map(|sign| Finder::new(&sign.to_ascii_lowercase()))
            .collect();
        Alarms { signs }
    }

    /// Begins a stretch.
    pub fn watch<'a>(&'a self, data: &'a [u8]) -> Watch<'a> {
        Watch {
            alarms: self,
            data,
            next: vec![Some(0); self.signs.len() + 1],
            is_begun: false,
        }
    }
}

impl Watch<'_> {
    /// Tells whether there is an alarm in a row; calls come with ascending rows.
    pub fn within(&mut self, row: &Range<usize>) -> bool {
        let mut is_caught = false;
        for (number, next) in self.next.iter_mut().enumerate() {
            if !self.is_begun || next.map_or(false, |place| place < row.start) {
                *next = match self.alarms.signs.get(number) {
                    Some(sign) => sign.find(self.data, row.start),
                    None => number_at(self.data, row.start),
                };
            }
            is_caught |= next.map_or(false, |place| place < row.end);
        }
        self.is_begun = true;
        is_caught
    }
}

/// Gives the first place at `from` or behind it where a number begins; moments are none, nor are the
/// lengths of serialized texts.
fn number_at(data: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < data.len() {
        if !data[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let other = moment(&data[at..]).max(length(data, from, at));
        if other > 0 {
            at += other;
            continue;
        }
        let (count, end) = digits(data, at);
        if count >= DIGITS {
            return Some(at);
        }
        at = end;
    }
    None
}

/// Counts the digits of a run, up to those of a number; tells where its first group ends.
fn digits(data: &[u8], low: usize) -> (usize, usize) {
    let (mut at, mut count, mut first) = (low, 0, 0);
    loop {
        while count < DIGITS && data.get(at).map_or(false, u8::is_ascii_digit) {
            at += 1;
            count += 1;
        }
        if first == 0 {
            first = at;
        }
        let gap = data[at..]
            .iter()
            .take(GAP)
            .take_while(|sign| b" ().-/".contains(sign))
            .count();
        if count >= DIGITS || gap == 0 || !data.get(at + gap).map_or(false, u8::is_ascii_digit) {
            return (count, first);
        }
        at += gap;
    }
}

/// Gives how long the count of a serialized text is, with what stands behind it: `s:12345678:"`.
fn length(data: &[u8], from: usize, at: usize) -> usize {
    let before = &data[from..at];
    let is_text = before.ends_with(b"s:")
        && before[..before.len() - 2].last().map_or(true, |sign| {
            !(sign.is_ascii_alphanumeric() || *sign == b'_')
        });
    if !is_text {
        return 0;
    }
    let count = data[at..]
        .iter()
        .take_while(|sign| sign.is_ascii_digit())
        .count();
    let behind = &data[at + count..];
    if behind.starts_with(b":\"") {
        count + 2
    } else if behind.starts_with(b":\\\"") {
        count + 3
    } else {
        0
    }
}

/// Gives the length of a moment as databases write it, or 0: `2026-01-31`, ` 12:30:59` behind it.
fn moment(data: &[u8]) -> usize {
    let like = |shape: &[u8], at: usize| {
        data.get(at..at + shape.len()).map_or(false, |there| {
            there.iter().zip(shape).all(|(sign, wanted)| match wanted {
                b'd' => sign.is_ascii_digit(),
                _ => sign == wanted,
            })
        })
    };
    if !(like(b"19dd-", 0) || like(b"20dd-", 0)) || !like(b"dd-dd", 5) {
        return 0;
    }
    if !matches!(data[5], b'0' | b'1') || !matches!(data[8], b'0'..=b'3') {
        return 0;
    }
    let is_timed = matches!(data.get(10), Some(b' ' | b'T')) && like(b"dd:dd", 11);
    let ends = [
        (19, is_timed && like(b":dd", 16)),
        (16, is_timed),
        (10, true),
    ];
    let is_over = |end: usize| !data.get(end).map_or(false, u8::is_ascii_digit);
    ends.into_iter()
        .find(|&(end, is_like)| is_like && is_over(end))
        .map_or(0, |(end, _)| end)
}

#[cfg(test)]
mod tests {
    use super::Alarms;

    fn caught(rows: &[&str]) -> Vec<bool> {
        let data = rows.concat();
        let alarms = Alarms::new([b"@".as_slice(), b"_Billing_".as_slice()].into_iter());
        let mut watch = alarms.watch(data.as_bytes());
        let mut at = 0;
        rows.iter()
            .map(|row| {
                let span = at..at + row.len();
                at = span.end;
                watch.within(&span)
            })
            .collect()
    }

    #[test]
    fn rows_with_a_sign_in_any_case_are_caught() {
        let rows = [
            "(1,'a')",
            "(2,'a@b')",
            "(3,'_BILLING_x')",
            "(4,'b')",
            "(5,'@')",
        ];
        assert_eq!(caught(&rows), [false, true, true, false, true]);
    }

    #[test]
    fn rows_with_a_number_are_caught_and_moments_are_none() {
        for (row, wanted) in [
            ("(1,'0170 / 123-456 7')", true),
            ("(12345678)", true),
            ("(1234567,'8')", false),
            ("('2026-01-31 12:30:59')", false),
            ("('2026-01-31T12:30','1970-01-01')", false),
            ("('2026-01-31 12345')", false),
            ("('2026-01-311')", true),
            ("('2026-41-31')", true),
            (r#"('s:12345678:\"x')"#, false),
            (r#"('a:1:{i:0;s:12345678:"x')"#, false),
            (r#"('phones:12345678:"x')"#, true),
            ("('s:12345678')", true),
            ("(1,22,333,4444)", false),
            ("('1 2 3 4 5 6 7 8')", true),
            ("('1    2345678')", false),
        ] {
            assert_eq!(caught(&[row]), [wanted], "{}", row);
        }
    }
}
