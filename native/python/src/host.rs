// SPDX-License-Identifier: Apache-2.0
//! Asks Python what the engine does not know, taking its lock for that long.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wpclone_engine::alarms::Alarms;
use wpclone_engine::fields::Form;
use wpclone_engine::table::{Changes, Host, Shown, Table};

/// A Python object with the methods `table`, `learn` and `row`.
pub struct PyHost(pub Py<PyAny>);

type Keyed = (usize, usize, Vec<Vec<u8>>);
type Signs = Vec<Vec<u8>>;
/// A table as Python tells it, in the order of `Table`'s fields.
type Told = (
    usize,
    String,
    Vec<String>,
    Vec<usize>,
    Option<Keyed>,
    bool,
    Option<Signs>,
);

impl Host for PyHost {
    type Error = PyErr;

    fn table(&mut self, name: &[u8], columns: Option<&[u8]>) -> PyResult<Table> {
        Python::with_gil(|py| {
            let columns = columns.map(|text| PyBytes::new(py, text));
            let told = self
                .0
                .call_method1(py, "table", (PyBytes::new(py, name), columns))?;
            let (number, name, columns, protected, keyed, hooked, signs): Told =
                told.extract(py)?;
            Ok(Table {
                number,
                name,
                columns,
                protected,
                keyed,
                hooked,
                alarms: signs.map(|signs| Alarms::new(signs.iter().map(Vec::as_slice))),
            })
        })
    }

    fn learn(&mut self, statement: &[u8], whole: &[u8]) -> PyResult<bool> {
        Python::with_gil(|py| {
            let texts = (PyBytes::new(py, statement), PyBytes::new(py, whole));
            self.0.call_method1(py, "learn", texts)?.extract(py)
        })
    }

    fn row(&mut self, row: Shown<'_>) -> PyResult<Option<Changes>> {
        Python::with_gil(|py| {
            let fields: Vec<_> = row
                .fields
                .iter()
                .map(|field| (field.low, field.high, number(field.form), field.body))
                .collect();
            let changes: Vec<_> = row
                .changes
                .iter()
                .map(|(at, token)| (*at, PyBytes::new(py, token)))
                .collect();
            let raw = PyBytes::new(py, row.raw);
            let told = (row.table.number, raw, fields, changes, row.backslashes);
            self.0.call_method1(py, "row", told)?.extract(py)
        })
    }
}

/// The places of the forms in the host's table of them.
fn number(form: Form) -> u8 {
    match form {
        Form::Raw => 0,
        Form::Text => 1,
        Form::Hex => 2,
    }
}
