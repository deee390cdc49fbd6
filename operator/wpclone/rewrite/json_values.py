# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the inside of one JSON string literal, byte for byte.

Only literals that carry serialized data need it: everything else in JSON is rewritten in place,
in the escaping that the address itself shows.
"""

from __future__ import annotations

import re

from wpclone.rewrite.spelling import Spelling

# A literal up to its closing quote; the escape before a quote belongs to the quote.
LITERAL = re.compile(rb'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.",
    re.DOTALL,
)
_SHORT = {
    rb"\b": b"\b",
    rb"\f": b"\f",
    rb"\n": b"\n",
    rb"\r": b"\r",
    rb"\t": b"\t",
}
_NEEDED = {
    b'"': rb"\"",
    b"\\": rb"\\",
    **{meaning: escape for escape, meaning in _SHORT.items()},
    **{
        bytes([code]): b"\\u%04x" % code
        for code in range(0x20)
        if bytes([code]) not in _SHORT.values()
    },
}


def _read(escape: bytes) -> bytes:
    if not escape.startswith(rb"\u"):
        return _SHORT.get(escape, escape[1:])
    if len(escape) < len(rb"\u0000"):
        return escape[1:]
    text = escape.decode("ascii").encode().decode("unicode_escape")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


SPELLING = Spelling(_ESCAPE, _read, _NEEDED)
