# SPDX-License-Identifier: Apache-2.0
"""Finds base64 texts that hold a wanted name, as some page builders store their content."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Sequence

_PADDING = rb"(?:(?P<equal>=|%3[Dd])(?P<more>(?P=equal))?)?"
_USUAL = re.compile(rb"(?<![A-Za-z0-9+])(?P<signs>(?:[A-Za-z0-9+/]|\\/){16,}+)" + _PADDING)
# Base64 for addresses writes two signs in another way.
_ANY = re.compile(rb"(?<![A-Za-z0-9+_-])(?P<signs>(?:[A-Za-z0-9+/_-]|\\/){16,}+)" + _PADDING)
_OTHER_SIGNS, _OWN_SIGNS = re.compile(rb"[_-]"), re.compile(rb"[+/]")
_TO_USUAL, _TO_OTHER = bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_")
# A text that goes on in the next line has not come to its end.
_GOES_ON = re.compile(rb"[\r\n\\]")

_Change = Callable[[bytes], bytes]


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


def replace(data: bytes, wanted: Sequence[bytes], change: _Change) -> bytes:
    """Apply a change to the meaning of every base64 text that holds one of the wanted texts."""
    parts: list[bytes] = []
    done = 0
    for found, new in _changes(data, wanted, change):
        parts += (data[done : found.start()], new)
        done = found.end()
    return b"".join((*parts, data[done:])) if parts else data


def _changes(
    data: bytes, wanted: Sequence[bytes], change: _Change
) -> Iterator[tuple[re.Match[bytes], bytes]]:
    for run in _ANY.finditer(data):
        new = _changed(run, wanted, change)
        if new is not None:
            yield run, new
        elif _OTHER_SIGNS.search(run["signs"]):
            # The other signs may as well separate a text from a word before it.
            for found in _USUAL.finditer(data, *run.span()):
                new = _changed(found, wanted, change)
                if new is not None:
                    yield found, new


def _changed(found: re.Match[bytes], wanted: Sequence[bytes], change: _Change) -> bytes | None:
    """Give the text with its meaning changed, in the manner of the old; None if it stays."""
    text = found["signs"].replace(rb"\/", b"/")
    is_other = _OTHER_SIGNS.search(text) is not None
    if is_other and _OWN_SIGNS.search(text):
        return None
    text = text.translate(_TO_USUAL) if is_other else text
    if not any(needle in text for needle in wanted):
        return None
    equal = found["equal"]
    padding = (equal is not None) + (found["more"] is not None)
    goes_on = _GOES_ON.match(found.string, found.end())
    is_bare = equal is None and len(text) % 4 > 1 and not goes_on
    old = _decode(text + b"=" * (-len(text) % 4 if is_bare else padding))
    new = old if old is None else change(old)
    if new is None or new == old:
        return None
    coded = binascii.b2a_base64(new, newline=False)
    text = coded.rstrip(b"=")
    tail = b"" if is_bare else (equal or b"=") * (len(coded) - len(text))
    if is_other:
        return text.translate(_TO_OTHER) + tail
    return (text.replace(b"/", rb"\/") if rb"\/" in found["signs"] else text) + tail


def _decode(text: bytes) -> bytes | None:
    """Give the meaning, if writing it again gives the same text."""
    try:
        meaning = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
    return meaning if binascii.b2a_base64(meaning, newline=False) == text else None
