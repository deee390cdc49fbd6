// SPDX-License-Identifier: Apache-2.0
//! The compiled mapping of addresses: rewrites single values and text files.

use std::sync::Arc;

use memchr::memmem;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wpclone_engine::addresses::{Site, Target, Targets};
use wpclone_engine::finder::Finder;
use wpclone_engine::hosts::{Atom, Character, Form};
use wpclone_engine::spool::{Buffer, Room};
use wpclone_engine::tally::Tally;
use wpclone_engine::values::{openings, Rewriter};

/// What has been counted: the numbers in the order of `Counts`, and the places of residuals.
pub type Counted = ([u64; 9], Vec<(String, u64)>);

/// Gives the counters to Python.
pub fn counted(tally: &Tally) -> Counted {
    let numbers = [
        tally.values,
        tally.rewritten,
        tally.residual,
        tally.protected,
        tally.serialized,
        tally.invalid_before,
        tally.invalid_after,
        tally.unsupported,
        tally.encoded,
    ];
    (numbers, tally.places.clone())
}

#[derive(FromPyObject)]
enum PyAtom {
    Plain(Vec<u8>),
    Character(Vec<Vec<u8>>, Vec<(u32, Vec<u8>)>, Option<u8>),
}

type PyForm = Vec<Option<PyAtom>>;
type PySite = (Vec<PyForm>, Option<Vec<u8>>, Vec<PyForm>);
type PyTarget = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Vec<u8>);

fn form(atoms: PyForm) -> Form {
    let atom = |atom| match atom {
        None => Atom::DoubleHyphen,
        Some(PyAtom::Plain(text)) => Atom::Plain(text),
        Some(PyAtom::Character(raw, codes, latin)) => {
            Atom::Character(Character { raw, codes, latin })
        }
    };
    atoms.into_iter().map(atom).collect()
}

fn sites(sites: Vec<PySite>) -> Vec<Site> {
    let site = |(forms, port, path): PySite| Site {
        forms: forms.into_iter().map(form).collect(),
        port,
        path: path.into_iter().map(form).collect(),
    };
    sites.into_iter().map(site).collect()
}

/// A mapping of addresses.
#[pyclass(frozen, module = "wpclone_native")]
pub struct Mapping {
    /// The engine's own.
    pub rewriter: Arc<Rewriter>,
    room: Arc<Room>,
}

#[pymethods]
impl Mapping {
    /// Compiles what the reference has made of the pairs.
    #[new]
    fn new(
        sources: Vec<PySite>,
        wanted: Vec<PySite>,
        targets: Vec<(PyTarget, PyTarget, PyTarget)>,
        plain: Vec<Vec<u8>>,
        coded: Vec<Vec<u8>>,
        base64: bool,
    ) -> Self {
        let target = |(scheme, host, port, path): PyTarget| {
            let is_hyphened = memmem::find(&host, b"--").is_some();
            let port_text: &[u8] = port.as_deref().unwrap_or(b"");
            let colon: &[u8] = if port.is_some() { b":" } else { b"" };
            let plain = [&scheme[..], b"://", &host, colon, port_text, &path].concat();
            Target {
                plain,
                scheme,
                host,
                is_hyphened,
                port,
                path,
            }
        };
        let rewriter = Rewriter {
            sources: sites(sources),
            wanted: sites(wanted),
            targets: targets
                .into_iter()
                .map(|(https, http, bare)| Targets {
                    https: target(https),
                    http: target(http),
                    bare: target(bare),
                })
                .collect(),
            plain: plain.iter().map(|name| Finder::new(name)).collect(),
            coded: coded
                .iter()
                .map(|text| memmem::Finder::new(text).into_owned())
                .collect(),
            decodes: base64,
            openings: openings(),
        };
        Mapping {
            rewriter: Arc::new(rewriter),
            room: Room::new(None, usize::MAX),
        }
    }

    /// Rewrites a value; nothing if it stays as it is.
    fn value<'py>(&self, py: Python<'py>, data: &[u8], place: &str) -> Answer<'py> {
        self.answer(py, |rewriter, out, tally| {
            rewriter.value(data, out, tally, &|| place.to_owned())
        })
    }

    /// Rewrites the content of a text file; nothing if it stays as it is.
    fn text<'py>(&self, py: Python<'py>, data: &[u8], place: &str) -> Answer<'py> {
        self.answer(py, |rewriter, out, tally| {
            rewriter.text(data, out, tally, &|| place.to_owned())
        })
    }

    /// Counts the source addresses in a value.
    fn residuals(&self, py: Python<'_>, data: &[u8]) -> u64 {
        py.allow_threads(|| self.rewriter.residuals(data))
    }

    /// Tells whether a value can hold a source address.
    fn concerns(&self, py: Python<'_>, data: &[u8]) -> bool {
        py.allow_threads(|| self.rewriter.concerns(data))
    }
}

type Answer<'py> = (Option<Bound<'py, PyBytes>>, Counted);

impl Mapping {
    fn answer<'py>(
        &self,
        py: Python<'py>,
        work: impl Fn(&Rewriter, &mut Buffer, &mut Tally) -> bool + Send + Sync,
    ) -> Answer<'py> {
        let mut out = Buffer::new(&self.room);
        let mut tally = Tally::default();
        let changed = py.allow_threads(|| work(&self.rewriter, &mut out, &mut tally));
        (
            changed.then(|| PyBytes::new(py, out.as_slice())),
            counted(&tally),
        )
    }
}
