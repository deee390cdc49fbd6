// SPDX-License-Identifier: Apache-2.0
//! Gives the pages of mapped temporary files back while the process holds many of them.
//!
//! A shared mapping loses nothing by that: its bytes stay in the page cache, which the kernel
//! writes out and frees as it needs.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Resident pages (of 4 KiB) beyond which pages are given back: with what may come in until the
/// next look, the process stays below 64 MiB.
const MOST_PAGES: usize = 32 * 256;
const BETWEEN_LOOKS: Duration = Duration::from_micros(300);

const STATM: &str = "/proc/self/statm";

struct Watched {
    areas: Vec<(usize, usize)>,
    runs: bool,
}

/// How many mappings there are: mostly none.
static MANY: AtomicUsize = AtomicUsize::new(0);
static WATCHED: Mutex<Watched> = Mutex::new(Watched {
    areas: Vec::new(),
    runs: false,
});

/// Begins to look after a mapping.
pub fn watch(base: usize, length: usize) {
    if let Ok(mut watched) = WATCHED.lock() {
        watched.areas.push((base, length));
        MANY.store(watched.areas.len(), Ordering::Relaxed);
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
        MANY.store(watched.areas.len(), Ordering::Relaxed);
    }
}

/// Gives pages back if there are many: whoever writes a lot need not wait for the next look.
pub fn trim() {
    if MANY.load(Ordering::Relaxed) == 0 {
        return;
    }
    if let (Ok(watched), Ok(statm)) = (WATCHED.lock(), File::open(STATM)) {
        watched.trim(&statm);
    }
}

impl Watched {
    fn trim(&self, statm: &File) {
        if resident(statm) <= MOST_PAGES {
            return;
        }
        for (base, length) in &self.areas {
            // SAFETY: the area is mapped as long as it is listed, and the lock is held.
            unsafe { libc::madvise(*base as *mut libc::c_void, *length, libc::MADV_DONTNEED) };
        }
    }
}

/// Looks until no mapping is left.
fn run() {
    let statm = File::open(STATM);
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
        if let Ok(statm) = &statm {
            watched.trim(statm);
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
