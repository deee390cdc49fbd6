// SPDX-License-Identifier: Apache-2.0
//! Counts what a rewrite has seen, changed and left.

/// A site has a few dozen tables with text columns; the bound only guards against hostile dumps.
const MOST_PLACES: usize = 256;
const ELSEWHERE: &str = "(elsewhere)";

/// What happened to the values of one stream; the reference's `Counts` explains the fields.
#[derive(Default)]
#[allow(missing_docs)]
pub struct Tally {
    pub values: u64,
    pub rewritten: u64,
    pub residual: u64,
    pub protected: u64,
    pub serialized: u64,
    pub invalid_before: u64,
    pub invalid_after: u64,
    pub unsupported: u64,
    pub encoded: u64,
    pub places: Vec<(String, u64)>,
}

impl Tally {
    /// Notes old addresses that remain in a place.
    pub fn leave(&mut self, place: &str, times: u64) {
        self.residual += times;
        let mut place = if place.is_empty() { ELSEWHERE } else { place };
        let known =
            |place: &str, places: &[(String, u64)]| places.iter().position(|p| p.0 == place);
        if known(place, &self.places).is_none() && self.places.len() >= MOST_PLACES {
            place = ELSEWHERE;
        }
        match known(place, &self.places) {
            Some(at) => self.places[at].1 += times,
            None => self.places.push((place.to_owned(), times)),
        }
    }

    /// Adds what a part has counted.
    pub fn merge(&mut self, other: &Tally) {
        self.values += other.values;
        self.rewritten += other.rewritten;
        self.protected += other.protected;
        self.serialized += other.serialized;
        self.invalid_before += other.invalid_before;
        self.invalid_after += other.invalid_after;
        self.unsupported += other.unsupported;
        self.encoded += other.encoded;
        for (place, times) in &other.places {
            self.leave(place, *times);
        }
    }
}
