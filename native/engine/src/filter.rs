// SPDX-License-Identifier: Apache-2.0
//! Passes a dump from one file descriptor to another.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::paced;
use crate::stream::{Cut, Stream};
use crate::table::{Host, Sink};

const CHUNK: usize = 512 * 1024;
/// Pieces of this size are written as they are; smaller ones are gathered first.
const WORTH_A_CALL: usize = 64 * 1024;

/// Why a filter stopped.
pub enum Stop<E> {
    /// Reading failed.
    Reading(io::Error),
    /// Writing failed.
    Writing(io::Error),
    /// A temporary file could not be written.
    Spooling(io::Error),
    /// The dump is not complete; what is complete of it has been written.
    Cut(Cut),
    /// The host failed.
    Host(E),
}

/// Gathers what is to be written; the first failure is kept.
struct Writer<'a> {
    file: &'a mut File,
    gathered: Vec<u8>,
    failure: Option<io::Error>,
}

impl Writer<'_> {
    fn flush(&mut self) {
        if self.failure.is_none() {
            self.failure = self.file.write_all(&self.gathered).err();
        }
        self.gathered.clear();
    }
}

impl Sink for Writer<'_> {
    fn put(&mut self, piece: &[u8], _ends: bool) {
        if self.gathered.len() + piece.len() > CHUNK {
            self.flush();
        }
        if piece.len() < WORTH_A_CALL {
            self.gathered.extend_from_slice(piece);
            return;
        }
        self.flush();
        for part in paced::parts(piece) {
            if self.failure.is_none() {
                self.failure = self.file.write_all(part).err();
            }
        }
    }
}

/// Reads a dump to its end, writing it with its addresses changed.
pub fn run<H: Host>(
    stream: &mut Stream,
    input: &mut File,
    output: &mut File,
    host: &mut H,
) -> Result<(), Stop<H::Error>> {
    let mut chunk = vec![0; CHUNK];
    let mut writer = Writer {
        file: output,
        gathered: Vec::new(),
        failure: None,
    };
    loop {
        let length = fill(input, &mut chunk).map_err(Stop::Reading)?;
        if length == 0 {
            break;
        }
        stream
            .push(&chunk[..length], host, &mut writer)
            .map_err(Stop::Host)?;
        check(stream, &mut writer)?;
    }
    let rest = stream.finish(host, &mut writer).map_err(Stop::Host)?;
    if let Ok(rest) = &rest {
        writer.put(rest, true);
    }
    writer.flush();
    check(stream, &mut writer)?;
    rest.map(drop).map_err(Stop::Cut)
}

/// Reads until the chunk is full or the input ends: a pipe gives little at a time.
fn fill(input: &mut File, chunk: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < chunk.len() {
        match input.read(&mut chunk[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn check<E>(stream: &Stream, writer: &mut Writer<'_>) -> Result<(), Stop<E>> {
    if let Some(error) = writer.failure.take() {
        return Err(Stop::Writing(error));
    }
    stream
        .room()
        .failure()
        .map_or(Ok(()), |error| Err(Stop::Spooling(error)))
}
