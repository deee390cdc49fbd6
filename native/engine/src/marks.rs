// SPDX-License-Identifier: Apache-2.0
//! Goes from one byte of a small set to the next: the way to read escapes.

use crate::paced;

const WIDTH: usize = 64;
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

    #[cfg(any(test, not(target_arch = "x86_64")))]
    fn has(&self, byte: u8) -> bool {
        self.bytes[..self.len].contains(&byte)
    }

    /// Tells for the bytes of a block which of them are in the set.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn look(&self, block: &[u8; WIDTH]) -> u64 {
        use std::arch::x86_64::{
            __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128,
            _mm_set1_epi8, _mm_setzero_si128,
        };
        // SAFETY: SSE2 is part of every x86-64; the block is four times sixteen bytes long.
        unsafe {
            let load =
                |part: usize| _mm_loadu_si128(block.as_ptr().add(16 * part).cast::<__m128i>());
            let parts = [load(0), load(1), load(2), load(3)];
            let mut found = [_mm_setzero_si128(); 4];
            for &byte in &self.bytes[..self.len] {
                let wanted = _mm_set1_epi8(byte as i8);
                for (found, &part) in found.iter_mut().zip(&parts) {
                    *found = _mm_or_si128(*found, _mm_cmpeq_epi8(part, wanted));
                }
            }
            let bits = found.map(|part| u64::from(_mm_movemask_epi8(part) as u32));
            bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn look(&self, block: &[u8; WIDTH]) -> u64 {
        self.one_by_one(block)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn one_by_one(&self, block: &[u8]) -> u64 {
        let bit = |(place, byte): (usize, &u8)| u64::from(self.has(*byte)) << place;
        block
            .iter()
            .enumerate()
            .map(bit)
            .fold(0, |mask, bit| mask | bit)
    }

    /// Looks at what is left of the data from a place on, a block at most.
    fn rest(&self, rest: &[u8]) -> u64 {
        match rest
            .get(..WIDTH)
            .and_then(|block| <&[u8; WIDTH]>::try_from(block).ok())
        {
            Some(block) => self.look(block),
            None => {
                let mut block = [0; WIDTH];
                block[..rest.len()].copy_from_slice(rest);
                let valid = (1 << rest.len()) - 1;
                self.look(&block) & valid
            }
        }
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
        let ones = |block: &[u8]| self.rest(block).count_ones() as usize;
        paced::parts(data)
            .map(|part| part.chunks(WIDTH).map(ones).sum::<usize>())
            .sum()
    }
}

/// The places of a set's bytes, in ascending order.
pub struct Places<'a> {
    set: Set,
    data: &'a [u8],
    block: usize,
    next: usize,
    mask: u64,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.mask == 0 && !self.refill() {
            return None;
        }
        let place = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.block + place)
    }
}

impl Places<'_> {
    /// Goes to the next block with one of the bytes; tells whether there is one.
    fn refill(&mut self) -> bool {
        while self.mask == 0 {
            if self.next >= self.data.len() {
                return false;
            }
            self.block = self.next;
            self.mask = self.set.rest(&self.data[self.next..]);
            self.next += WIDTH;
            paced::at(self.next, WIDTH);
        }
        true
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
