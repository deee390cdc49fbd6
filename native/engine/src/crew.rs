// SPDX-License-Identifier: Apache-2.0
//! Shares the rows that need a look among the machine's processors.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crate::inserts::{Bench, Fate, Stretch};
use crate::scan::Scan;
use crate::spool::{Buffer, Room};
use crate::tally::Tally;

/// Less than this is done before another thread has begun.
const WORTH_A_THREAD: usize = 64 * 1024;
/// More threads would wait for the one that reads and writes.
const MOST: usize = 4;

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
        rows: &[Range<usize>],
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
                told(row, fate, &hand.out.as_slice()[low..high]);
                low = high;
            }
            tally.merge(&hand.tally);
            hand.tidy();
        }
    }
}

impl Hand {
    fn change(&mut self, stretch: Stretch<'_>, rows: &[Range<usize>]) {
        let end = match rows.last() {
            None => return,
            Some(row) => row.end,
        };
        let mut scan = Scan::new(&stretch.data[..end], stretch.rewriter);
        for row in rows {
            let (bench, tally) = (&mut self.bench, &mut self.tally);
            let fate = stretch.change(row.clone(), &mut scan, bench, &mut self.out, tally);
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
fn shares(rows: &[Range<usize>], most: usize) -> Vec<&[Range<usize>]> {
    let size = |rows: &[Range<usize>]| rows.iter().map(|row| row.len()).sum::<usize>();
    let all = size(rows);
    let many = (all / WORTH_A_THREAD).clamp(1, most);
    let mut shares = Vec::new();
    let (mut from, mut sum) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        sum += row.len();
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
    use super::{shares, WORTH_A_THREAD};

    #[test]
    fn every_row_is_in_one_share() {
        for count in 0..50 {
            let rows: Vec<_> = (0..count)
                .map(|n| n * 10_000..n * 10_000 + 9_000 / (n + 1))
                .collect();
            let cut = shares(&rows, 3);
            assert_eq!(cut.concat(), rows);
            assert!(cut.len() <= 3);
        }
        let large = [
            0..1,
            1..4 * WORTH_A_THREAD,
            4 * WORTH_A_THREAD..5 * WORTH_A_THREAD,
        ];
        assert_eq!(shares(&large, 2).len(), 2);
    }
}
