# SPDX-License-Identifier: Apache-2.0
"""Reads and writes serialized data that was escaped for an attribute or for a query."""

from __future__ import annotations

import re

from wpclone.rewrite.spelling import Spelling

# A quoted attribute, which cannot hold its own quote.
ATTRIBUTE = re.compile(rb"([\"'])((?:(?!\1)[^<>])*+)\1")
QUERY = re.compile(rb"[A-Za-z0-9%+./_~*!()-]++")

_ENTITIES = {
    b"&quot;": b'"',
    b"&#34;": b'"',
    b"&#034;": b'"',
    b"&amp;": b"&",
    b"&lt;": b"<",
    b"&gt;": b">",
    b"&#39;": b"'",
    b"&#039;": b"'",
}


def _read_byte(escape: bytes) -> bytes:
    return b" " if escape == b"+" else bytes.fromhex(escape[1:].decode())


ENTITIES = Spelling(
    re.compile(b"|".join(map(re.escape, _ENTITIES))),
    lambda escape: _ENTITIES[escape],
    {b'"': b"&quot;", b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;", b"'": b"&#039;"},
)
PERCENT = Spelling(
    re.compile(rb"%[0-9A-Fa-f]{2}|\+"), _read_byte, {b"%": b"%25", b"+": b"%2B", b" ": b"%20"}
)
