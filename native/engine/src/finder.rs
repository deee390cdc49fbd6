// SPDX-License-Identifier: Apache-2.0
//! Finds a name in any letter case, at the speed of plain searches.

use crate::paced;

/// Bytes by how often sites hold them, the rarest first: the search looks for the rarest two.
const RAREST_FIRST: &[u8] = b"[zqxjkvwybgfp7894635m_-2101uhdc.lrnisoate";

/// A compiled search for one lower-case name.
pub struct Finder {
    name: Vec<u8>,
    first: usize,
    second: usize,
    #[cfg(target_arch = "x86_64")]
    is_wide: bool,
}

/// So many places are looked at at once, by every processor and by most.
#[cfg(target_arch = "x86_64")]
const BLOCK: usize = 16;
#[cfg(target_arch = "x86_64")]
const LONG: usize = 32;

impl Finder {
    /// Compiles the search; the name is not empty.
    pub fn new(name: &[u8]) -> Self {
        let mut places: Vec<usize> = (0..name.len()).collect();
        places.sort_by_key(|&at| rarity(name[at]));
        let first = places[0];
        let second = places.get(1).copied().unwrap_or(first);
        Finder {
            name: name.to_vec(),
            first,
            second,
            #[cfg(target_arch = "x86_64")]
            is_wide: std::is_x86_feature_detected!("avx2"),
        }
    }

    /// How long the name is.
    pub fn width(&self) -> usize {
        self.name.len()
    }

    /// Gives the first place of the name at `from` or behind it.
    pub fn find(&self, data: &[u8], from: usize) -> Option<usize> {
        let last = data.len().checked_sub(self.name.len())?;
        let mut at = from;
        #[cfg(target_arch = "x86_64")]
        {
            if at + LONG <= last + 1 && self.is_wide {
                // SAFETY: the processor has been asked whether it knows AVX2.
                let (found, end) = unsafe { self.sweep(data, at, last + 1) };
                if found.is_some() {
                    return found;
                }
                at = end;
            }
            while at + BLOCK <= last + 1 {
                if let Some(place) = self.first_of(data, at, self.candidates(data, at)) {
                    return Some(place);
                }
                at += BLOCK;
                paced::at(at, BLOCK);
            }
            // The last block may overlap the one before.
            if at <= last && last + 1 >= from + BLOCK {
                let block = last + 1 - BLOCK;
                let mask = self.candidates(data, block) & (u32::MAX << (at - block));
                return self.first_of(data, block, mask);
            }
        }
        let rare = self.name[self.first];
        while at <= last {
            if data[at + self.first].to_ascii_lowercase() == rare && self.is_at(data, at) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn first_of(&self, data: &[u8], at: usize, mask: u32) -> Option<usize> {
        let mut mask = mask;
        while mask != 0 {
            let place = at + mask.trailing_zeros() as usize;
            if self.is_at(data, place) {
                return Some(place);
            }
            mask &= mask - 1;
        }
        None
    }

    /// Looks at thirty-two places at once, up to an end; tells how far it has come.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn sweep(&self, data: &[u8], from: usize, end: usize) -> (Option<usize>, usize) {
        use std::arch::x86_64::{
            __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
            _mm256_or_si256, _mm256_set1_epi8,
        };
        // The farthest byte that is read stands in front of the end of the last name.
        assert!(end + self.name.len() <= data.len() + 1);
        let lower = _mm256_set1_epi8(0x20);
        let first = _mm256_set1_epi8((self.name[self.first] | 0x20) as i8);
        let second = _mm256_set1_epi8((self.name[self.second] | 0x20) as i8);
        let mut at = from;
        while at + LONG <= end {
            let base = data.as_ptr().add(at);
            let one = _mm256_loadu_si256(base.add(self.first).cast::<__m256i>());
            let other = _mm256_loadu_si256(base.add(self.second).cast::<__m256i>());
            let one = _mm256_cmpeq_epi8(_mm256_or_si256(one, lower), first);
            let other = _mm256_cmpeq_epi8(_mm256_or_si256(other, lower), second);
            let mask = _mm256_movemask_epi8(_mm256_and_si256(one, other)) as u32;
            if mask != 0 {
                let found = self.first_of(data, at, mask);
                if found.is_some() {
                    return (found, at);
                }
            }
            at += LONG;
            paced::at(at, LONG);
        }
        (None, at)
    }

    fn is_at(&self, data: &[u8], at: usize) -> bool {
        let there = &data[at..at + self.name.len()];
        there
            .iter()
            .zip(&self.name)
            .all(|(byte, wanted)| byte.to_ascii_lowercase() == *wanted)
    }

    /// Tells for sixteen places at once where both rare bytes stand, in either case.
    #[cfg(target_arch = "x86_64")]
    fn candidates(&self, data: &[u8], at: usize) -> u32 {
        use std::arch::x86_64::{
            __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8,
            _mm_or_si128, _mm_set1_epi8,
        };
        let first = &data[at + self.first..at + self.first + 16];
        let second = &data[at + self.second..at + self.second + 16];
        let wanted = |place: usize| (self.name[place] | 0x20) as i8;
        // SAFETY: SSE2 is part of every x86-64, and both slices are sixteen bytes long.
        unsafe {
            let lower = _mm_set1_epi8(0x20);
            let look = |slice: &[u8], byte: i8| {
                let loaded = _mm_loadu_si128(slice.as_ptr().cast::<__m128i>());
                _mm_cmpeq_epi8(_mm_or_si128(loaded, lower), _mm_set1_epi8(byte))
            };
            let both = _mm_and_si128(
                look(first, wanted(self.first)),
                look(second, wanted(self.second)),
            );
            _mm_movemask_epi8(both) as u32
        }
    }
}

fn rarity(byte: u8) -> usize {
    RAREST_FIRST
        .iter()
        .position(|&known| known == byte)
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Finder;

    #[test]
    fn every_place_is_found_in_any_case() {
        let finder = Finder::new(b"old.example");
        for before in 0..70 {
            let mut data = vec![b'x'; before];
            data.extend_from_slice(b"OLD.exaMple");
            assert_eq!(finder.find(&data, 0), Some(before));
            data.extend_from_slice(&[b'e'; 40]);
            assert_eq!(finder.find(&data, before), Some(before));
            assert_eq!(finder.find(&data, before + 1), None);
        }
    }
}
