// SPDX-License-Identifier: Apache-2.0
//! Lists what each kind of literal must escape in any case.

use std::sync::Mutex;

/// Signs and their escapes.
pub type Needed = &'static [(Vec<u8>, Vec<u8>)];

fn table(pairs: &[(&[u8], &[u8])]) -> Needed {
    let owned: Vec<_> = pairs
        .iter()
        .map(|(sign, text)| (sign.to_vec(), text.to_vec()))
        .collect();
    Box::leak(owned.into_boxed_slice())
}

/// Makes a table on first use; there are a handful of them in all.
fn once(slot: &'static Mutex<Option<Needed>>, make: impl FnOnce() -> Needed) -> Needed {
    match slot.lock() {
        Ok(mut slot) => slot.get_or_insert_with(make),
        Err(_) => make(),
    }
}

/// Of a quoted SQL literal.
pub fn quoted(quote: u8, backslashes: bool) -> Needed {
    static SLOTS: [Mutex<Option<Needed>>; 4] = [
        Mutex::new(None),
        Mutex::new(None),
        Mutex::new(None),
        Mutex::new(None),
    ];
    let slot = &SLOTS[usize::from(quote == b'"') * 2 + usize::from(backslashes)];
    once(slot, || {
        if backslashes {
            table(&[(&[quote], &[b'\\', quote]), (b"\\", b"\\\\")])
        } else {
            table(&[(&[quote], &[quote, quote])])
        }
    })
}

/// Of a JSON string.
pub fn json() -> Needed {
    static SLOT: Mutex<Option<Needed>> = Mutex::new(None);
    once(&SLOT, || {
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = vec![
            (b"\"".to_vec(), b"\\\"".to_vec()),
            (b"\\".to_vec(), b"\\\\".to_vec()),
        ];
        for code in 0_u8..0x20 {
            let text = match code {
                8 => "\\b".to_owned(),
                12 => "\\f".to_owned(),
                10 => "\\n".to_owned(),
                13 => "\\r".to_owned(),
                9 => "\\t".to_owned(),
                _ => format!("\\u{:04x}", code),
            };
            pairs.push((vec![code], text.into_bytes()));
        }
        Box::leak(pairs.into_boxed_slice())
    })
}

/// Of an attribute whose quotes are entities.
pub fn entities() -> Needed {
    static SLOT: Mutex<Option<Needed>> = Mutex::new(None);
    once(&SLOT, || {
        table(&[
            (b"\"", b"&quot;"),
            (b"&", b"&amp;"),
            (b"<", b"&lt;"),
            (b">", b"&gt;"),
            (b"'", b"&#039;"),
        ])
    })
}

/// Of a percent-encoded text.
pub fn percent() -> Needed {
    static SLOT: Mutex<Option<Needed>> = Mutex::new(None);
    once(&SLOT, || {
        table(&[(b"%", b"%25"), (b"+", b"%2B"), (b" ", b"%20")])
    })
}
