// SPDX-License-Identifier: Apache-2.0
//! Gives the pages of mapped temporary files back while the process holds many of them.
//!
//! A shared mapping loses nothing by that: its bytes stay in the page cache, which the kernel
//! writes out and frees as it needs.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Resident pages (of 4 KiB) beyond which pages are given back: with what may come in until the
/// next look, the process stays below 64 MiB.
const MOST_PAGES: usize = 40 * 256;
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);

struct Watched {
    areas: Vec<(usize, usize)>,
    runs: bool,
}

static WATCHED: Mutex<Watched> = Mutex::new(Watched {
    areas: Vec::new(),
    runs: false,
});

/// Begins to look after a mapping.
pub fn watch(base: usize, length: usize) {
    if let Ok(mut watched) = WATCHED.lock() {
        watched.areas.push((base, length));
        if !watched.runs {
            watched.runs = true;
            thread::spawn(run);
        }
    }
}

/// Ends looking after a mapping; afterwards it may be unmapped.
pub fn forget(base: usize) {
    if let Ok(mut watched) = WATCHED.lock() {
        watched.areas.retain(|area| area.0 != base);
    }
}

/// Looks until no mapping is left.
fn run() {
    let statm = File::open("/proc/self/statm").ok();
    loop {
        thread::sleep(BETWEEN_LOOKS);
        let mut watched = match WATCHED.lock() {
            Ok(watched) => watched,
            Err(_) => return,
        };
        if watched.areas.is_empty() {
            watched.runs = false;
            return;
        }
        if statm.as_ref().map_or(0, resident) > MOST_PAGES {
            for (base, length) in &watched.areas {
                // SAFETY: the area is mapped as long as it is listed, and the lock is held.
                unsafe { libc::madvise(*base as *mut libc::c_void, *length, libc::MADV_DONTNEED) };
            }
        }
    }
}

fn resident(statm: &File) -> usize {
    let mut text = [0_u8; 64];
    let length = statm.read_at(&mut text, 0).unwrap_or(0);
    let text = String::from_utf8_lossy(&text[..length]);
    text.split(' ')
        .nth(1)
        .and_then(|field| field.parse().ok())
        .unwrap_or(0)
}
