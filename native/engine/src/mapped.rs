// SPDX-License-Identifier: Apache-2.0
//! A mapped file without a name: it is gone with the process, however that ends.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::os::unix::io::{AsRawFd, FromRawFd};
use std::path::Path;
use std::ptr;

use crate::trimmer;

/// From here on, writing to the file is cheaper than having its pages mapped one by one.
const WORTH_A_CALL: usize = 64 * 1024;
/// So much is written until the next look at how many pages are there.
const STRIDE: usize = 1 << 20;

/// A growing run of bytes in a file.
pub struct Mapped {
    file: File,
    base: *mut u8,
    len: usize,
    capacity: usize,
    /// How much has been written since pages were last given back.
    fresh: usize,
}

// SAFETY: the mapping belongs to this value alone; the trimmer only drops pages, never bytes.
unsafe impl Send for Mapped {}
// SAFETY: likewise; a shared reference only reads.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// Makes an empty one in a directory.
    pub fn new(directory: &Path, capacity: usize) -> io::Result<Self> {
        let pattern = directory.join("wpclone-XXXXXX");
        let mut name = CString::new(pattern.as_os_str().as_bytes())?.into_bytes_with_nul();
        // SAFETY: the name is a terminated string of ours, and the descriptor is checked.
        let file = unsafe {
            let file = libc::mkostemp(name.as_mut_ptr().cast(), libc::O_CLOEXEC);
            if file < 0 {
                return Err(io::Error::last_os_error());
            }
            libc::unlink(name.as_ptr().cast());
            File::from_raw_fd(file)
        };
        reserve(&file, capacity)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping of our own file, checked below.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                capacity,
                access,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        trimmer::watch(base as usize, capacity);
        Ok(Mapped {
            file,
            base: base.cast(),
            len: 0,
            capacity,
            fresh: 0,
        })
    }

    /// Makes room for so many bytes in all.
    pub fn grow(&mut self, capacity: usize) -> io::Result<()> {
        reserve(&self.file, capacity)?;
        trimmer::forget(self.base as usize);
        // SAFETY: the mapping is ours, nobody borrows from it, and it may move.
        let base = unsafe {
            libc::mremap(
                self.base.cast(),
                self.capacity,
                capacity,
                libc::MREMAP_MAYMOVE,
            )
        };
        let error = io::Error::last_os_error();
        if base != libc::MAP_FAILED {
            self.base = base.cast();
            self.capacity = capacity;
        }
        trimmer::watch(self.base as usize, self.capacity);
        if base == libc::MAP_FAILED {
            return Err(error);
        }
        Ok(())
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many bytes there may be before it has to grow.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Drops what is behind a length.
    pub fn truncate(&mut self, length: usize) {
        self.len = self.len.min(length);
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes of the mapping have been written.
        unsafe { std::slice::from_raw_parts(self.base, self.len) }
    }

    /// The bytes, to be changed in place.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: likewise, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.len) }
    }

    /// Adds bytes at the end; there has to be room for them.
    pub fn extend(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(STRIDE) {
            self.add(part);
            self.fresh += part.len();
            if self.fresh >= STRIDE {
                self.fresh = 0;
                trimmer::trim();
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        assert!(
            self.len + bytes.len() <= self.capacity,
            "a mapping is never overrun"
        );
        let is_written =
            bytes.len() >= WORTH_A_CALL && self.file.write_all_at(bytes, self.len as u64).is_ok();
        if !is_written {
            // SAFETY: the assertion says that the bytes fit; they cannot lie in the free end.
            unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(self.len), bytes.len());
            }
        }
        self.len += bytes.len();
    }
}

/// Takes the blocks now: a full disk is an error here and not a signal later.
fn reserve(file: &File, capacity: usize) -> io::Result<()> {
    // SAFETY: the descriptor is open.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, capacity as libc::off_t) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        trimmer::forget(self.base as usize);
        // SAFETY: the mapping is ours, and nobody borrows from it any more.
        unsafe { libc::munmap(self.base.cast(), self.capacity) };
    }
}
