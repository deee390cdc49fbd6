// SPDX-License-Identifier: Apache-2.0
//! Finds the addresses of a site in bytes and writes the new ones in the same style.
//!
//! The search starts from plain hits of the host's name, because nearly all bytes of a site are
//! far from any address.

use std::ops::Range;

use crate::boundaries;
use crate::bytes::{starts, starts_any_case};
use crate::escapes;
use crate::hosts::{self, Form};
use crate::spool::Buffer;

/// The longest sane way from the first byte of an address to the host.
const REACH: usize = 192;
/// Where the slashes of an address without a scheme are looked for.
const SLASHES_REACH: usize = 72;

/// An address that is looked for.
pub struct Site {
    /// The spellings of its host.
    pub forms: Vec<Form>,
    /// The digits of its port, unless it is the usual one.
    pub port: Option<Vec<u8>>,
    /// The parts of its path.
    pub path: Vec<Form>,
}

/// An address that is written.
pub struct Target {
    /// `http` or `https`.
    pub scheme: Vec<u8>,
    /// The host's ASCII form.
    pub host: Vec<u8>,
    /// Whether that holds `--`.
    pub is_hyphened: bool,
    /// The digits of its port, unless it is the usual one.
    pub port: Option<Vec<u8>>,
    /// The path, with its leading slash, or nothing.
    pub path: Vec<u8>,
    /// All of it, as it is mostly written.
    pub plain: Vec<u8>,
}

/// What a source becomes.
pub struct Targets {
    /// Found with `https`.
    pub https: Target,
    /// Found with `http`.
    pub http: Target,
    /// Found without a scheme.
    pub bare: Target,
}

impl Targets {
    /// Gives the one for an address that was found.
    pub fn of(&self, data: &[u8], found: &Found) -> &Target {
        if found.colon.is_empty() {
            return &self.bare;
        }
        match data[found.colon.start - 1] {
            b's' | b'S' => &self.https,
            _ => &self.http,
        }
    }
}

/// An address that was found.
pub struct Found {
    /// All of it.
    pub span: Range<usize>,
    /// Which site it is, by its number.
    pub site: usize,
    colon: Range<usize>,
    slash: Range<usize>,
    second: Range<usize>,
}

impl Site {
    fn end(&self, data: &[u8], at: usize, percent: Option<&[u8]>) -> Option<usize> {
        self.forms.iter().find_map(|form| {
            hosts::matched(form, data, at, true, &mut |host| {
                self.behind(data, host, percent)
            })
        })
    }

    /// Gives the end of the address whose host ends at a place.
    fn behind(&self, data: &[u8], host: usize, percent: Option<&[u8]>) -> Option<usize> {
        if !boundaries::host_ends(data, host) {
            return None;
        }
        let end = boundaries::port(data, host, self.port.as_deref())?;
        if boundaries::was_user(data, end) {
            return None;
        }
        self.path_end(data, end, percent, 0)
    }

    fn path_end(
        &self,
        data: &[u8],
        at: usize,
        percent: Option<&[u8]>,
        part: usize,
    ) -> Option<usize> {
        if part == self.path.len() {
            return (part == 0 || boundaries::path_ends(data, at, percent)).then_some(at);
        }
        let begin = escapes::slash(data, at)?;
        hosts::matched(&self.path[part], data, begin, false, &mut |end| {
            self.path_end(data, end, percent, part + 1)
        })
    }
}

/// Gives the address around a hit of a host's name, beginning at `floor` or later.
pub fn at(sites: &[Site], data: &[u8], hit: usize, floor: usize) -> Option<Found> {
    let low = floor.max(hit.saturating_sub(REACH));
    let window = data.get(low..hit)?;
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'.';
    let front = window.iter().rposition(|byte| !is_host(byte))? + 1;
    let last = window[front - 1];
    if last < 0x80 && !b"/;%\\".contains(&last) {
        return None;
    }
    for start in (0..window.len().saturating_sub(3)).rev() {
        if window[start] | 0x20 == b'h' && starts_any_case(window, start, b"http") {
            if let Some(found) = absolute(sites, data, low + start) {
                if found.span.end > hit {
                    return Some(found);
                }
            }
        }
    }
    for start in low + front.saturating_sub(SLASHES_REACH)..hit {
        if escapes::slash(&data[..hit], start).is_none() || !boundaries::may_begin(data, start) {
            continue;
        }
        if let Some(found) = behind_colon(sites, data, start, start..start) {
            if found.span.end > hit {
                return Some(found);
            }
        }
    }
    None
}

fn absolute(sites: &[Site], data: &[u8], start: usize) -> Option<Found> {
    let mut scheme = start + 4;
    if starts_any_case(data, scheme, b"s") {
        scheme += 1;
    }
    let colon = escapes::colon(data, scheme)?;
    behind_colon(sites, data, start, scheme..colon)
}

fn behind_colon(sites: &[Site], data: &[u8], start: usize, colon: Range<usize>) -> Option<Found> {
    let slash = escapes::slash(data, colon.end)?;
    let second = escapes::slash(data, slash)?;
    let percent =
        last_percent(&data[colon.end..slash]).map(|place| &data[colon.end + place + 1..slash - 2]);
    sites.iter().enumerate().find_map(|(site, each)| {
        let end = each.end(data, second, percent)?;
        let (slash, second) = (colon.end..slash, slash..second);
        Some(Found {
            span: start..end,
            site,
            colon: colon.clone(),
            slash,
            second,
        })
    })
}

impl Target {
    /// Writes the new address as the old one was written.
    pub fn write(&self, data: &[u8], found: &Found, out: &mut Buffer) {
        let colon = &data[found.colon.clone()];
        let slash = &data[found.slash.clone()];
        if colon == b":" && slash == b"/" && found.second.len() == 1 && !self.is_hyphened {
            out.extend(&self.plain);
            return;
        }
        if !colon.is_empty() {
            out.extend(&self.scheme);
            out.extend(colon);
        }
        out.extend(slash);
        out.extend(&data[found.second.clone()]);
        self.write_host(&data[found.span.clone()], out);
        if let Some(port) = &self.port {
            self.write_colon(colon, slash, out);
            out.extend(port);
        }
        if self.path.is_empty() {
            return;
        }
        for (number, part) in self.path.split(|&byte| byte == b'/').enumerate() {
            if number > 0 {
                out.extend(slash);
            }
            out.extend(part);
        }
    }

    fn write_host(&self, old: &[u8], out: &mut Buffer) {
        let mut at = 0;
        if self.is_hyphened && memchr::memmem::find(old, b"u002d").is_some() {
            while at < self.host.len() {
                if starts(&self.host, at, b"--") {
                    out.extend(b"\\u002d\\u002d");
                    at += 2;
                } else {
                    out.extend(&self.host[at..at + 1]);
                    at += 1;
                }
            }
        } else {
            out.extend(&self.host);
        }
    }

    fn write_colon(&self, colon: &[u8], slash: &[u8], out: &mut Buffer) {
        if !colon.is_empty() {
            out.extend(colon);
        } else if let Some(place) = last_percent(slash) {
            out.extend(&slash[place..slash.len() - 2]);
            out.extend(if slash.ends_with(b"f") { b"3a" } else { b"3A" });
        } else {
            out.extend(b":");
        }
    }
}

/// Gives the place of the sign that encodes a slash, behind its backslashes if it has some.
fn last_percent(slash: &[u8]) -> Option<usize> {
    memchr::memrchr(b'%', slash)
}
