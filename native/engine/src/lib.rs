// SPDX-License-Identifier: Apache-2.0
//! Rewrites the addresses of a site byte-exactly, as the Python reference does, only faster.
//!
//! The reference in `operator/wpclone/rewrite` is the text to read first: the names here are its
//! names, and every test of it runs against this crate too.
#![warn(missing_docs)]

pub mod addresses;
pub mod alarms;
mod announcing;
mod base64;
mod blocks;
mod boundaries;
mod bytes;
mod coded;
mod crew;
mod escaped_strings;
mod escapes;
pub mod fields;
pub mod filter;
pub mod finder;
mod hex;
mod hits;
pub mod hosts;
mod inserts;
mod islands;
mod json_keys;
pub mod literals;
mod mapped;
mod marks;
mod needed;
mod paced;
mod references;
mod rowscan;
mod scalars;
mod scan;
mod serialized;
mod spelling;
pub mod spool;
mod statements;
mod step;
pub mod stream;
pub mod table;
pub mod tally;
mod telling;
pub mod tokens;
mod trimmer;
pub mod values;
mod ways;
