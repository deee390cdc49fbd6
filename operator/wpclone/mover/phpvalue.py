# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the flat outside of serialized PHP arrays, as WordPress keeps its options."""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = re.compile(rb"a:(\d{1,9}):\{")
_STRING: Final = re.compile(rb"s:(\d{1,10}):\"")
_SCALAR: Final = re.compile(rb"(?:N|[bidrR]:[0-9A-Za-z.+-]{1,64});")
_NESTED: Final = re.compile(rb"(?:a:\d{1,9}|O:\d{1,5}:\"[^\"]{1,1000}\":\d{1,9}):\{")
MAX_DEPTH: Final = 200

Entries = list[tuple[bytes, bytes]]


def entries(value: bytes) -> Entries | None:
    """Return the keys and values of an array, each as it is serialized; None if it is no array."""
    head = _HEAD.match(value)
    if head is None:
        return None
    at = head.end()
    found: Entries = []
    for _ in range(int(head[1])):
        key_end = _end(value, at)
        value_end = _end(value, key_end) if key_end else None
        if key_end is None or value_end is None:
            return None
        found.append((value[at:key_end], value[key_end:value_end]))
        at = value_end
    return found if value[at : at + 1] == b"}" else None


def array(items: Entries) -> bytes:
    """Serialize an array of these entries."""
    return b"a:%d:{%s}" % (len(items), b"".join(key + value for key, value in items))


def numbered(values: list[bytes]) -> bytes:
    """Serialize a list of values that are serialized themselves."""
    return array([(integer(i), value) for i, value in enumerate(values)])


def string(value: bytes) -> bytes:
    """Serialize a string."""
    return b's:%d:"%s";' % (len(value), value)


def integer(value: int) -> bytes:
    """Serialize an integer."""
    return b"i:%d;" % value


def text(value: bytes) -> bytes | None:
    """Return what a serialized string says, or None if it is none."""
    match = _STRING.match(value)
    return value[match.end() : match.end() + int(match[1])] if match else None


def _end(value: bytes, at: int) -> int | None:
    """Return where the value that begins at `at` ends, or None if it is broken."""
    open_values = 0
    while True:
        if (match := _STRING.match(value, at)) is not None:
            at = match.end() + int(match[1])
            if value[at : at + 2] != b'";':
                return None
            at += 2
        elif (match := _SCALAR.match(value, at)) is not None:
            at = match.end()
        elif (match := _NESTED.match(value, at)) is not None:
            open_values += 1
            at = match.end()
        elif open_values and value[at : at + 1] == b"}":
            open_values -= 1
            at += 1
        else:
            return None
        if open_values > MAX_DEPTH:
            return None
        if not open_values:
            return at
