// SPDX-License-Identifier: Apache-2.0
//! The stream of a dump, and the filter from one file descriptor to another.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::io::FromRawFd;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wpclone_engine::filter::{self, Stop};
use wpclone_engine::spool::Room;
use wpclone_engine::stream::{self, Cut};
use wpclone_engine::table::Sink;
use wpclone_engine::values::Rewriter;

use crate::host::PyHost;
use crate::mapping::{counted, Counted, Mapping};

/// What is larger than this goes to the spool, if there is one.
const MOST_IN_MEMORY: usize = 4 << 20;

/// A dump on its way.
#[pyclass(module = "wpclone_native")]
pub struct Stream {
    rewriter: Arc<Rewriter>,
    inner: stream::Stream,
    host: PyHost,
    /// A statement that has not come to its end.
    partial: Vec<u8>,
}

/// Gathers all pieces.
struct Joined(Vec<u8>);

impl Sink for Joined {
    fn put(&mut self, piece: &[u8], _ends: bool) {
        self.0.extend_from_slice(piece);
    }
}

/// Gathers whole statements.
struct Whole<'a> {
    partial: &'a mut Vec<u8>,
    statements: Vec<Vec<u8>>,
}

impl Sink for Whole<'_> {
    fn put(&mut self, piece: &[u8], ends: bool) {
        self.partial.extend_from_slice(piece);
        if ends {
            self.statements.push(std::mem::take(self.partial));
        }
    }
}

type Pieces<'py> = Vec<Bound<'py, PyBytes>>;

/// Names what a dump ends inside: a table, or nothing for any other statement; a sign of its own
/// for what could not be read at all.
fn told(cut: Cut) -> String {
    match cut {
        Cut::Insert(table) => table,
        Cut::Statement => String::new(),
        Cut::Utf16 => "\u{feff}".to_owned(),
        Cut::Gzip => "\u{1f}".to_owned(),
    }
}

/// Says it as Python does: with a number, and the system's words without it.
fn system_error(error: &io::Error) -> PyErr {
    let text = error.to_string();
    match error.raw_os_error() {
        None => PyOSError::new_err(text),
        Some(number) => {
            let words = text
                .trim_end_matches(&format!(" (os error {})", number))
                .to_owned();
            PyOSError::new_err((number, words))
        }
    }
}

#[pymethods]
impl Stream {
    /// Begins a dump.
    #[new]
    fn new(mapping: &Mapping, host: Py<PyAny>) -> Self {
        let room = Room::new(None, usize::MAX);
        let inner = stream::Stream::new(mapping.rewriter.clone(), room);
        Stream {
            rewriter: mapping.rewriter.clone(),
            inner,
            host: PyHost(host),
            partial: Vec::new(),
        }
    }

    /// Takes a chunk; gives what can be passed on.
    fn feed<'py>(&mut self, py: Python<'py>, chunk: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let mut sink = Joined(Vec::with_capacity(chunk.len()));
        let (inner, host) = (&mut self.inner, &mut self.host);
        py.allow_threads(|| inner.push(chunk, host, &mut sink))?;
        self.check()?;
        Ok(PyBytes::new(py, &sink.0))
    }

    /// Takes a chunk; gives whole statements.
    fn statements<'py>(&mut self, py: Python<'py>, chunk: &[u8]) -> PyResult<Pieces<'py>> {
        let mut sink = Whole {
            partial: &mut self.partial,
            statements: Vec::new(),
        };
        let (inner, host) = (&mut self.inner, &mut self.host);
        py.allow_threads(|| inner.push(chunk, host, &mut sink))?;
        let pieces = sink
            .statements
            .iter()
            .map(|text| PyBytes::new(py, text))
            .collect();
        self.check()?;
        Ok(pieces)
    }

    /// Gives the end of the dump, and what it ends inside if it is not complete.
    fn close<'py>(
        &mut self,
        py: Python<'py>,
        whole: bool,
    ) -> PyResult<(Pieces<'py>, Option<String>)> {
        let (inner, host) = (&mut self.inner, &mut self.host);
        let mut joined = Joined(Vec::new());
        let mut sink = Whole {
            partial: &mut self.partial,
            statements: Vec::new(),
        };
        let rest = py.allow_threads(|| {
            if whole {
                inner.finish(host, &mut sink)
            } else {
                inner.finish(host, &mut joined)
            }
        })?;
        let mut pieces: Vec<_> = sink
            .statements
            .iter()
            .map(|t| PyBytes::new(py, t))
            .collect();
        let cut = match rest {
            Err(cut) => Some(told(cut)),
            Ok(rest) => {
                joined.0.extend_from_slice(if whole { &[] } else { &rest });
                None
            }
        };
        if !joined.0.is_empty() {
            pieces.push(PyBytes::new(py, &joined.0));
        }
        self.check()?;
        Ok((pieces, cut))
    }

    /// Passes a whole dump between file descriptors; tells what it ends inside if it is cut.
    ///
    /// It has to be fresh; what is larger than `most` bytes goes to files in the directory.
    #[pyo3(signature = (source, sink, spool, most = MOST_IN_MEMORY))]
    fn filter(
        &mut self,
        py: Python<'_>,
        source: i32,
        sink: i32,
        spool: PathBuf,
        most: usize,
    ) -> PyResult<Option<String>> {
        let room = Room::new(Some(spool), most);
        self.inner = stream::Stream::new(self.rewriter.clone(), room);
        // SAFETY: the caller keeps both descriptors open, and nothing here closes them.
        let mut files = unsafe {
            (
                ManuallyDrop::new(File::from_raw_fd(source)),
                ManuallyDrop::new(File::from_raw_fd(sink)),
            )
        };
        let (inner, host) = (&mut self.inner, &mut self.host);
        let done = py.allow_threads(|| filter::run(inner, &mut files.0, &mut files.1, host));
        match done {
            Ok(()) => Ok(None),
            Err(Stop::Cut(cut)) => Ok(Some(told(cut))),
            Err(Stop::Host(error)) => Err(error),
            Err(Stop::Reading(error) | Stop::Writing(error) | Stop::Spooling(error)) => {
                Err(system_error(&error))
            }
        }
    }

    /// What has been counted so far.
    #[getter]
    fn counts(&self) -> Counted {
        counted(&self.inner.tally)
    }

    /// How many rows of each table have passed.
    #[getter]
    fn rows(&self) -> HashMap<String, u64> {
        self.inner.rows.clone()
    }
}

impl Stream {
    fn check(&self) -> PyResult<()> {
        self.inner
            .room()
            .failure()
            .map_or(Ok(()), |error| Err(system_error(&error)))
    }
}
