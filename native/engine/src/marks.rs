// SPDX-License-Identifier: Apache-2.0
//! Goes from one byte of a small set to the next: the way to read escapes.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    _mm_setzero_si128,
};

use crate::paced;

const WIDTH: usize = 16;
/// The largest set.
const MOST: usize = 9;

/// A set of bytes.
#[derive(Clone, Copy)]
pub struct Set {
    bytes: [u8; MOST],
    len: usize,
}

impl Set {
    /// Begins with one byte.
    pub fn of(byte: u8) -> Self {
        Set {
            bytes: [byte; MOST],
            len: 1,
        }
    }

    /// Adds a byte that is not in the set.
    pub fn add(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn has(&self, byte: u8) -> bool {
        self.bytes[..self.len].contains(&byte)
    }

    /// Tells for sixteen bytes which of them are in the set.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn look(&self, block: &[u8]) -> u32 {
        assert_eq!(block.len(), WIDTH);
        // SAFETY: SSE2 is part of every x86-64, and the block is sixteen bytes long.
        unsafe {
            let loaded = _mm_loadu_si128(block.as_ptr().cast::<__m128i>());
            let mut found = _mm_setzero_si128();
            for &byte in &self.bytes[..self.len] {
                let equal = _mm_cmpeq_epi8(loaded, _mm_set1_epi8(byte as i8));
                found = _mm_or_si128(found, equal);
            }
            _mm_movemask_epi8(found) as u32
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn look(&self, block: &[u8]) -> u32 {
        self.one_by_one(block)
    }

    fn one_by_one(&self, block: &[u8]) -> u32 {
        let bit = |(place, byte): (usize, &u8)| u32::from(self.has(*byte)) << place;
        block
            .iter()
            .enumerate()
            .map(bit)
            .fold(0, |mask, bit| mask | bit)
    }

    /// Goes through the places of the set's bytes.
    pub fn places(self, data: &[u8]) -> Places<'_> {
        Places {
            set: self,
            data,
            block: 0,
            next: 0,
            mask: 0,
        }
    }

    /// Counts the set's bytes.
    pub fn count(&self, data: &[u8]) -> usize {
        paced::parts(data).map(|part| self.count_part(part)).sum()
    }

    fn count_part(&self, data: &[u8]) -> usize {
        let blocks = data.chunks_exact(WIDTH);
        let rest = self.one_by_one(blocks.remainder());
        let whole: u32 = blocks.map(|block| self.look(block).count_ones()).sum();
        (whole + rest.count_ones()) as usize
    }
}

/// The places of a set's bytes, in ascending order.
pub struct Places<'a> {
    set: Set,
    data: &'a [u8],
    block: usize,
    next: usize,
    mask: u32,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            let rest = self.data.get(self.next..).filter(|rest| !rest.is_empty())?;
            self.block = self.next;
            self.next += WIDTH;
            paced::at(self.next, WIDTH);
            self.mask = match rest.get(..WIDTH) {
                Some(block) => self.set.look(block),
                None => self.set.one_by_one(rest),
            };
        }
        let place = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.block + place)
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn every_place_is_told_once() {
        let data: Vec<u8> = (0..1000_u32)
            .map(|number| (number * number % 251) as u8)
            .collect();
        let mut set = Set::of(4);
        set.add(9);
        set.add(200);
        let wanted: Vec<usize> = (0..data.len()).filter(|&at| set.has(data[at])).collect();
        assert_eq!(set.places(&data).collect::<Vec<_>>(), wanted);
        assert_eq!(set.count(&data), wanted.len());
        assert_eq!(set.places(b"").next(), None);
    }
}
