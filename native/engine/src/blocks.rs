// SPDX-License-Identifier: Apache-2.0
//! Looks at sixty-four bytes at once: which of them mean something to a row.

/// How many bytes one look takes.
pub const WIDTH: usize = 64;

/// One bit for each byte of a block that is such a sign.
#[derive(Default, Clone, Copy)]
pub struct Signs {
    /// `'`
    pub quotes: u64,
    /// `"` and `#`: both are rare outside of strings, and one look finds both.
    pub double_quotes: u64,
    /// `\`
    pub backslashes: u64,
    /// `(`
    pub opening: u64,
    /// `)`
    pub closing: u64,
    /// `*`
    pub stars: u64,
    /// `-`
    pub dashes: u64,
}

/// Looks at the block that begins at a place; behind the end of the data is nothing.
pub fn signs(data: &[u8], at: usize) -> Signs {
    match data.get(at..at + WIDTH) {
        Some(block) => whole(block),
        None => {
            let mut block = [0; WIDTH];
            let rest = &data[at..];
            block[..rest.len()].copy_from_slice(rest);
            whole(&block)
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn whole(block: &[u8]) -> Signs {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    assert_eq!(block.len(), WIDTH);
    let mut signs = Signs::default();
    for part in 0..4 {
        // SAFETY: SSE2 is part of every x86-64; the block is four times sixteen bytes long.
        unsafe {
            let loaded = _mm_loadu_si128(block.as_ptr().add(16 * part).cast::<__m128i>());
            let look = |bytes: __m128i, sign: u8| {
                let equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(sign as i8));
                u64::from(_mm_movemask_epi8(equal) as u32) << (16 * part)
            };
            signs.quotes |= look(loaded, b'\'');
            signs.double_quotes |= look(_mm_or_si128(loaded, _mm_set1_epi8(1)), b'#');
            signs.backslashes |= look(loaded, b'\\');
            signs.opening |= look(loaded, b'(');
            signs.closing |= look(loaded, b')');
            signs.stars |= look(loaded, b'*');
            signs.dashes |= look(loaded, b'-');
        }
    }
    signs
}

#[cfg(not(target_arch = "x86_64"))]
fn whole(block: &[u8]) -> Signs {
    one_by_one(block)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn one_by_one(block: &[u8]) -> Signs {
    let mut signs = Signs::default();
    for (place, byte) in block.iter().enumerate() {
        let bit = 1 << place;
        match byte {
            b'\'' => signs.quotes |= bit,
            b'"' | b'#' => signs.double_quotes |= bit,
            b'\\' => signs.backslashes |= bit,
            b'(' => signs.opening |= bit,
            b')' => signs.closing |= bit,
            b'*' => signs.stars |= bit,
            b'-' => signs.dashes |= bit,
            _ => {}
        }
    }
    signs
}

/// Gives the bytes that a backslash in front of them escapes; `carry` goes from block to block.
pub fn escaped(backslashes: u64, carry: &mut u64) -> u64 {
    if backslashes == 0 {
        return std::mem::take(carry);
    }
    // A run of backslashes escapes every second byte: adding 1 at a run's begin finds its end.
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let active = backslashes & !*carry;
    let follows = active << 1 | *carry;
    let odd_begins = active & !EVEN & !follows;
    let (even_runs, overflow) = odd_begins.overflowing_add(active);
    *carry = u64::from(overflow);
    (EVEN ^ (even_runs << 1)) & follows
}

/// Gives the bytes from each opening quote up to its closing one, which is not among them.
pub fn between(quotes: u64, carry: &mut u64) -> u64 {
    let mut inside = quotes;
    for shift in [1, 2, 4, 8, 16, 32] {
        inside ^= inside << shift;
    }
    inside ^= *carry;
    *carry = ((inside as i64) >> 63) as u64;
    inside
}

#[cfg(test)]
mod tests {
    use super::{between, escaped, one_by_one, whole, WIDTH};

    #[test]
    fn both_ways_to_look_see_the_same() {
        let block: Vec<u8> = (0..WIDTH as u8)
            .map(|n| b"a'\"\\()z#*-x"[usize::from(n) * 7 % 11])
            .collect();
        let (fast, plain) = (whole(&block), one_by_one(&block));
        assert_eq!(fast.quotes, plain.quotes);
        assert_eq!(fast.double_quotes, plain.double_quotes);
        assert_eq!(fast.backslashes, plain.backslashes);
        assert_eq!((fast.opening, fast.closing), (plain.opening, plain.closing));
        assert_eq!((fast.stars, fast.dashes), (plain.stars, plain.dashes));
    }

    #[test]
    fn escapes_are_those_of_a_reader_byte_by_byte() {
        let mut seed = 1_u64;
        let (mut carry, mut skip) = (0, false);
        for _ in 0..2000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let backslashes = seed & seed.rotate_left(13) | seed.rotate_left(29) & (seed >> 7);
            let mut wanted = 0;
            for bit in 0..64 {
                wanted |= u64::from(skip) << bit;
                skip = !skip && backslashes >> bit & 1 == 1;
            }
            assert_eq!(escaped(backslashes, &mut carry), wanted);
        }
    }

    #[test]
    fn strings_go_on_in_the_next_block() {
        let mut carry = 0;
        assert_eq!(between(0b10010, &mut carry), 0b01110);
        assert_eq!(between(1 << 63, &mut carry), 1 << 63);
        assert_eq!(between(0b100, &mut carry), 0b011);
        assert_eq!(carry, 0);
    }
}
