// SPDX-License-Identifier: Apache-2.0
//! Knows what a reference inside serialized data may point to, as PHP counts its values.

/// The values of one walk so far, by their numbers.
///
/// `R:` is another name of a value and has no number; `r:` is one, and points to an object. What
/// stands in the body of a self-made object has numbers, too, which nobody else can tell: behind
/// it every reference is taken for good.
#[derive(Default)]
pub struct References {
    /// How many values have a number.
    values: u64,
    /// One bit for each value: whether it is an object.
    objects: Vec<u64>,
    is_lost: bool,
}

impl References {
    /// Counts a value.
    pub fn count(&mut self) {
        self.values += 1;
    }

    /// Counts a value that is an object.
    pub fn count_object(&mut self) {
        self.values += 1;
        let (word, bit) = place(self.values);
        if !self.is_lost {
            self.objects.resize(self.objects.len().max(word + 1), 0);
            self.objects[word] |= bit;
        }
    }

    /// Notes that a body of its own has passed.
    pub fn lose_count(&mut self) {
        self.is_lost = true;
        self.objects = Vec::new();
    }

    /// Tells whether a reference points to a value in front of it; it may be one itself.
    pub fn accept(&mut self, wanted: u64, is_own: bool) -> bool {
        let is_known = wanted >= 1 && (self.is_lost || wanted <= self.values);
        if !is_own {
            return is_known;
        }
        let is_object = self.is_lost || self.is_object(wanted);
        self.count_object();
        is_known && is_object
    }

    fn is_object(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.objects.get(word).map_or(false, |bits| bits & bit != 0)
    }
}

fn place(number: u64) -> (usize, u64) {
    ((number / 64) as usize, 1 << (number % 64))
}
