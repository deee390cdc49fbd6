// SPDX-License-Identifier: Apache-2.0
//! Reads long runs of bytes in strides, so that the pages of a giant value can be given back.

use memchr::memmem;

use crate::trimmer;

/// So much is read until the next look at how many pages are there.
const STRIDE: usize = 1 << 20;

/// Looks how many pages are there, if a place ends a stride; `step` is how far apart places are.
#[inline]
pub fn at(place: usize, step: usize) {
    if place & (STRIDE - 1) < step && place >= STRIDE {
        trimmer::trim();
    }
}

/// Looks how many pages are there, if a stride ends between two places.
#[inline]
pub fn hop(from: usize, to: usize) {
    if from / STRIDE != to / STRIDE {
        trimmer::trim();
    }
}

/// Searches stride by stride for what is one byte long.
#[inline]
pub fn find(data: &[u8], search: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
    if data.len() <= STRIDE {
        return search(data);
    }
    for (number, part) in data.chunks(STRIDE).enumerate() {
        if let Some(found) = search(part) {
            return Some(number * STRIDE + found);
        }
        trimmer::trim();
    }
    None
}

/// Searches stride by stride for a text.
pub fn find_text(data: &[u8], text: &memmem::Finder<'_>) -> Option<usize> {
    let mut low = 0;
    while low + text.needle().len() <= data.len() {
        let high = (low + STRIDE + text.needle().len() - 1).min(data.len());
        if let Some(found) = text.find(&data[low..high]) {
            return Some(low + found);
        }
        low += STRIDE;
        if high < data.len() {
            trimmer::trim();
        }
    }
    None
}

/// Tells whether two runs are equal.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let each = |(one, other): (&[u8], &[u8])| {
        if one.len() == STRIDE {
            trimmer::trim();
        }
        one == other
    };
    one.len() == other.len() && one.chunks(STRIDE).zip(other.chunks(STRIDE)).all(each)
}

/// Gives a run part by part.
pub fn parts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.chunks(STRIDE).inspect(|part| {
        if part.len() == STRIDE {
            trimmer::trim();
        }
    })
}
