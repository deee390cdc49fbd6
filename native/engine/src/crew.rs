// SPDX-License-Identifier: Apache-2.0
//! Shares the rows that need a look among the machine's processors.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crate::inserts::{Bench, Fate, Stretch};
use crate::scan::{Look, Scan};
use crate::spool::{Buffer, Room};
use crate::tally::Tally;

/// Less than this is done before another thread has begun.
const WORTH_A_THREAD: usize = 64 * 1024;
/// More threads would wait for the one that reads and writes.
const MOST: usize = 4;

/// A row with more bytes than that is searched once more: its places would need much memory.
const MOST_NOTED: usize = 8 << 20;

/// A row that needs a look.
pub struct Row {
    /// Where it stands.
    pub span: Range<usize>,
    /// Where a source host may stand in it; nothing if it is too large to note them all.
    pub places: Option<Vec<usize>>,
}

impl Row {
    /// Notes a row in which a place has been found.
    pub fn noted(span: Range<usize>, first: usize, scan: &mut Scan<'_>) -> Self {
        if span.len() > MOST_NOTED {
            return Row { span, places: None };
        }
        let mut places = vec![first];
        let mut from = first + 1;
        while let Some(place) = scan.next(from).filter(|&place| place < span.end) {
            places.push(place);
            from = place + 1;
        }
        Row {
            span,
            places: Some(places),
        }
    }
}

/// Some threads' tools.
pub struct Crew {
    hands: Vec<Hand>,
}

/// One thread's tools, and what it has made of its rows.
struct Hand {
    bench: Bench,
    out: Buffer,
    /// For each row what became of it, and where what was written of it ends.
    done: Vec<(Fate, usize)>,
    tally: Tally,
}

impl Crew {
    /// Gathers a hand for each processor.
    pub fn new(room: &Arc<Room>) -> Self {
        let many = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MOST);
        let hand = |_| Hand {
            bench: Bench::new(room),
            out: Buffer::new(room),
            done: Vec::new(),
            tally: Tally::default(),
        };
        Crew {
            hands: (0..many).map(hand).collect(),
        }
    }

    /// Changes the rows; what has come of them is told by `told`, in their order.
    pub fn change(
        &mut self,
        stretch: Stretch<'_>,
        rows: &[Row],
        tally: &mut Tally,
        mut told: impl FnMut(&Range<usize>, Fate, &[u8]),
    ) {
        let shares = shares(rows, self.hands.len());
        thread::scope(|scope| {
            let mut work = self.hands.iter_mut().zip(&shares);
            let first = work.next();
            for (hand, share) in work {
                scope.spawn(move || hand.change(stretch, share));
            }
            if let Some((hand, share)) = first {
                hand.change(stretch, share);
            }
        });
        for (hand, share) in self.hands.iter_mut().zip(&shares) {
            let mut low = 0;
            for (row, &(fate, high)) in share.iter().zip(&hand.done) {
                told(&row.span, fate, &hand.out.as_slice()[low..high]);
                low = high;
            }
            tally.merge(&hand.tally);
            hand.tidy();
        }
    }
}

impl Hand {
    fn change(&mut self, stretch: Stretch<'_>, rows: &[Row]) {
        for row in rows {
            let (bench, tally) = (&mut self.bench, &mut self.tally);
            let data = &stretch.data[..row.span.end];
            let mut scan = None;
            let mut look = match &row.places {
                Some(places) => Look::Known(places),
                None => Look::Search(scan.insert(Scan::new(data, stretch.rewriter))),
            };
            let fate = stretch.change(row.span.clone(), &mut look, bench, &mut self.out, tally);
            self.done.push((fate, self.out.len()));
        }
    }

    fn tidy(&mut self) {
        self.out.tidy();
        self.bench.tidy();
        self.done.clear();
        self.tally = Tally::default();
    }
}

/// Cuts the rows into shares of about the same size, as many as are worth it.
fn shares(rows: &[Row], most: usize) -> Vec<&[Row]> {
    let size = |rows: &[Row]| rows.iter().map(|row| row.span.len()).sum::<usize>();
    let all = size(rows);
    let many = (all / WORTH_A_THREAD).clamp(1, most);
    let mut shares = Vec::new();
    let (mut from, mut sum) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        sum += row.span.len();
        if sum * many >= all * (shares.len() + 1) {
            shares.push(&rows[from..=at]);
            from = at + 1;
        }
    }
    if from < rows.len() {
        shares.push(&rows[from..]);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::{shares, Row, WORTH_A_THREAD};

    fn rows(spans: &[(usize, usize)]) -> Vec<Row> {
        spans
            .iter()
            .map(|&(low, high)| Row {
                span: low..high,
                places: None,
            })
            .collect()
    }

    #[test]
    fn every_row_is_in_one_share() {
        for count in 0..50 {
            let span = |n: usize| (n * 10_000, n * 10_000 + 9_000 / (n + 1));
            let rows = rows(&(0..count).map(span).collect::<Vec<_>>());
            let cut = shares(&rows, 3);
            let lows = cut
                .iter()
                .flat_map(|share| share.iter().map(|row| row.span.start));
            assert!(lows.eq(rows.iter().map(|row| row.span.start)));
            assert!(cut.len() <= 3);
        }
        let size = WORTH_A_THREAD;
        let large = rows(&[(0, 1), (1, 4 * size), (4 * size, 5 * size)]);
        assert_eq!(shares(&large, 2).len(), 2);
    }
}
