# SPDX-License-Identifier: Apache-2.0
"""Finds base64 texts that hold a wanted name, as some page builders store their content."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence

_RUN = re.compile(rb"(?<![A-Za-z0-9+])(?:[A-Za-z0-9+/]|\\/){16,}={0,2}")


def needles(name: bytes) -> tuple[bytes, ...]:
    """Give what a name looks like inside base64: one text for each place modulo three."""
    texts = []
    for offset in range(3):
        coded = binascii.b2a_base64(b"\0" * offset + name, newline=False)
        bits = 8 * offset
        # Characters that also depend on the bytes around the name are cut off on both sides.
        texts.append(coded[-(-bits // 6) : (bits + 8 * len(name)) // 6])
    return tuple(texts)


def hits(data: bytes, wanted: Sequence[bytes]) -> list[int]:
    """List where one of the texts stands."""
    places = []
    for text in wanted:
        place = data.find(text)
        while place >= 0:
            places.append(place)
            place = data.find(text, place + 1)
    return sorted(places)


def replace(data: bytes, wanted: Sequence[bytes], change: Callable[[bytes], bytes]) -> bytes:
    """Apply a change to the meaning of every base64 text that holds one of the wanted texts."""

    def one(found: re.Match[bytes]) -> bytes:
        raw = found[0]
        text = raw.replace(b"\\/", b"/")
        if not any(needle in text for needle in wanted):
            return raw
        old = _decode(text)
        new = change(old) if old is not None else old
        if new is None or new == old:
            return raw
        coded = binascii.b2a_base64(new, newline=False)
        return coded.replace(b"/", b"\\/") if text != raw else coded

    return _RUN.sub(one, data)


def _decode(text: bytes) -> bytes | None:
    """Give the meaning, if writing it again gives the same text."""
    try:
        meaning = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
    return meaning if binascii.b2a_base64(meaning, newline=False) == text else None
