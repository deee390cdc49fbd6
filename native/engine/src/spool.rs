// SPDX-License-Identifier: Apache-2.0
//! Holds bytes in memory while they are few, and in an unnamed temporary file once they are many.
//!
//! A length precedes its payload in serialized data, so a giant literal has to be held until it
//! has been read to its end. The file is mapped: the algorithms see plain bytes, and the pages go
//! back to the kernel's page cache whenever the process has too many of them.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::ptr;
use std::sync::{Arc, Mutex};

use crate::mapped::Mapped;

/// What is worth giving back.
const LARGE: usize = 1 << 20;

/// Where many bytes go; without a directory, everything stays in memory.
pub struct Room {
    directory: Option<PathBuf>,
    limit: usize,
    failure: Mutex<Option<io::Error>>,
}

impl Room {
    /// Keeps what is larger than `limit` bytes in a directory.
    pub fn new(directory: Option<PathBuf>, limit: usize) -> Arc<Self> {
        Arc::new(Room {
            directory,
            limit,
            failure: Mutex::new(None),
        })
    }

    /// Tells what went wrong with a temporary file; the bytes stayed in memory then.
    pub fn failure(&self) -> Option<io::Error> {
        self.failure.lock().ok().and_then(|mut slot| slot.take())
    }

    fn map(&self, capacity: usize) -> Option<Mapped> {
        let directory = self.directory.as_ref()?;
        match Mapped::new(directory, capacity) {
            Ok(mapped) => Some(mapped),
            Err(error) => {
                self.failed(error);
                None
            }
        }
    }

    fn failed(&self, error: io::Error) {
        if let Ok(mut slot) = self.failure.lock() {
            *slot = Some(error);
        }
    }
}

/// A growing run of bytes.
pub struct Buffer {
    room: Arc<Room>,
    heap: Vec<u8>,
    disk: Option<Mapped>,
}

impl Buffer {
    /// Begins an empty run.
    pub fn new(room: &Arc<Room>) -> Self {
        Buffer {
            room: Arc::clone(room),
            heap: Vec::new(),
            disk: None,
        }
    }

    /// The place where large runs go.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.disk.as_ref().map_or(self.heap.len(), Mapped::len)
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match &self.disk {
            None => &self.heap,
            Some(mapped) => mapped.as_slice(),
        }
    }

    /// The bytes, to be changed in place.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        match &mut self.disk {
            None => &mut self.heap,
            Some(mapped) => mapped.as_mut_slice(),
        }
    }

    /// Adds bytes at the end.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        if self.disk.is_none() && self.heap.len() + bytes.len() <= self.room.limit {
            self.heap.extend_from_slice(bytes);
        } else {
            self.extend_far(bytes);
        }
    }

    /// Adds a few bytes of a longer text at the end.
    #[inline(always)]
    pub fn extend_run(&mut self, data: &[u8], run: Range<usize>) {
        const SHORT: usize = 16;
        let length = run.len();
        let is_easy = length <= SHORT
            && data.len() >= run.start + SHORT
            && self.disk.is_none()
            && self.heap.len() + SHORT <= self.room.limit.min(self.heap.capacity());
        if !is_easy {
            self.extend(&data[run]);
            return;
        }
        // SAFETY: sixteen bytes are there to be read and to be written, and no more is kept of
        // them than the run is long. A copy of known size costs a fraction of a call.
        unsafe {
            let end = self.heap.as_mut_ptr().add(self.heap.len());
            ptr::copy_nonoverlapping(data.as_ptr().add(run.start), end, SHORT);
            self.heap.set_len(self.heap.len() + length);
        }
    }

    /// Adds one byte at the end.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    /// Drops everything, and gives a large run's memory back.
    pub fn tidy(&mut self) {
        self.disk = None;
        self.heap.clear();
        if self.heap.capacity() > LARGE {
            self.heap = Vec::new();
        }
    }

    /// Drops what is behind a length.
    pub fn truncate(&mut self, length: usize) {
        match &mut self.disk {
            None => self.heap.truncate(length),
            Some(mapped) => mapped.truncate(length),
        }
    }

    /// Drops what is in front of a place.
    pub fn drain_front(&mut self, to: usize) {
        if to == 0 {
            return;
        }
        match self.disk.take() {
            None => {
                self.heap.drain(..to);
            }
            Some(mapped) => {
                let rest = &mapped.as_slice()[to..];
                if rest.len() <= self.room.limit / 2 {
                    self.heap = rest.to_vec();
                } else {
                    let left = rest.len();
                    let mut mapped = mapped;
                    mapped.as_mut_slice().copy_within(to.., 0);
                    mapped.truncate(left);
                    self.disk = Some(mapped);
                }
            }
        }
    }

    fn extend_far(&mut self, bytes: &[u8]) {
        let wanted = self.len() + bytes.len();
        let fits = self
            .disk
            .as_ref()
            .map_or(false, |mapped| wanted <= mapped.capacity());
        if !fits {
            self.grow(wanted);
        }
        match &mut self.disk {
            None => self.heap.extend_from_slice(bytes),
            Some(mapped) => mapped.extend(bytes),
        }
    }

    fn grow(&mut self, wanted: usize) {
        let capacity = wanted + wanted / 2;
        if let Some(mut mapped) = self.disk.take() {
            match mapped.grow(capacity) {
                Ok(()) => self.disk = Some(mapped),
                Err(error) => {
                    self.room.failed(error);
                    self.heap = mapped.as_slice().to_vec();
                }
            }
        } else if let Some(mut mapped) = self.room.map(capacity) {
            mapped.extend(&self.heap);
            self.heap = Vec::new();
            self.disk = Some(mapped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, Room};

    #[test]
    fn many_bytes_are_the_same_bytes() {
        let room = Room::new(Some(std::env::temp_dir()), 100);
        let mut buffer = Buffer::new(&room);
        let mut wanted = Vec::new();
        for number in 0..5000_u32 {
            buffer.extend(&number.to_be_bytes());
            wanted.extend_from_slice(&number.to_be_bytes());
        }
        assert_eq!(buffer.as_slice(), &wanted[..]);
        buffer.drain_front(7);
        assert_eq!(buffer.as_slice(), &wanted[7..]);
        buffer.drain_front(19900);
        buffer.extend(b"end");
        assert_eq!(buffer.as_slice(), [&wanted[19907..], b"end"].concat());
        assert!(room.failure().is_none());
    }
}
