// SPDX-License-Identifier: Apache-2.0
//! Offers the engine to Python, which holds none of its locks while the engine works.
//!
//! The classes are bare: `wpclone.rewrite.native` gives them the manners of the reference.

mod host;
mod mapping;
mod stream;

use pyo3::prelude::*;

/// The module that Python imports.
#[pymodule]
fn wpclone_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<mapping::Mapping>()?;
    module.add_class::<stream::Stream>()
}
