# SPDX-License-Identifier: Apache-2.0
"""Finds base64 texts that hold a wanted name, as some page builders store their content."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PADDING = rb"(?:(?P<equal>=|%3[Dd])(?P<more>(?P=equal))?)?"
_USUAL = re.compile(rb"(?<![A-Za-z0-9+])(?P<signs>(?:[A-Za-z0-9+/]|\\/){16,}+)" + _PADDING)
# Base64 for addresses writes two signs in another way.
_ANY = re.compile(rb"(?<![A-Za-z0-9+_-])(?P<signs>(?:[A-Za-z0-9+/_-]|\\/){16,}+)" + _PADDING)
_OTHER_SIGNS, _OWN_SIGNS = re.compile(rb"[_-]"), re.compile(rb"[+/]")
_TO_USUAL, _TO_OTHER = bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_")
# A text that goes on in the next line has not come to its end.
_GOES_ON = re.compile(rb"[\r\n\\]")


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
    parts: list[bytes] = []
    done = 0

    def use(text: _Text) -> bool:
        nonlocal done
        new = change(text.meaning)
        if new == text.meaning:
            return False
        parts.extend((data[done : text.low], text.written(new)))
        done = text.high
        return True

    _each(data, wanted, use)
    return b"".join((*parts, data[done:])) if parts else data


def total(data: bytes, wanted: Sequence[bytes], count: Callable[[bytes], int]) -> int:
    """Count something in the meaning of every base64 text that holds one of the wanted texts."""
    counted = 0

    def use(text: _Text) -> bool:
        nonlocal counted
        more = count(text.meaning)
        counted += more
        return more > 0

    _each(data, wanted, use)
    return counted


@dataclass(frozen=True, slots=True)
class _Text:
    """A base64 text: where it stands, what it means, and how it is written."""

    low: int
    high: int
    meaning: bytes
    is_other: bool
    escapes: bool
    equal: bytes

    def written(self, new: bytes) -> bytes:
        """Write another meaning in the same manner."""
        coded = binascii.b2a_base64(new, newline=False)
        text = coded.rstrip(b"=")
        tail = self.equal * (len(coded) - len(text))
        if self.is_other:
            return text.translate(_TO_OTHER) + tail
        return (text.replace(b"/", rb"\/") if self.escapes else text) + tail


def _each(data: bytes, wanted: Sequence[bytes], use: Callable[[_Text], bool]) -> None:
    """Offer every text that holds one of the wanted, until it is of use."""
    # Host names hold none of the signs that are escaped or written in two ways.
    if not any(text in data for text in wanted):
        return
    for run in _ANY.finditer(data):
        whole = _read(run, wanted)
        if (whole is None or not use(whole)) and _OTHER_SIGNS.search(run["signs"]):
            # The other signs may as well separate a text from a word before it.
            for found in _USUAL.finditer(data, *run.span()):
                part = _read(found, wanted)
                if part is not None:
                    use(part)


def _read(found: re.Match[bytes], wanted: Sequence[bytes]) -> _Text | None:
    signs, equal = found["signs"], found["equal"]
    text = signs.replace(rb"\/", b"/")
    is_other = _OTHER_SIGNS.search(text) is not None
    if is_other and _OWN_SIGNS.search(text):
        return None
    text = text.translate(_TO_USUAL) if is_other else text
    if not any(needle in text for needle in wanted):
        return None
    padding = (equal is not None) + (found["more"] is not None)
    is_bare = equal is None and len(text) % 4 > 1
    if is_bare and _GOES_ON.match(found.string, found.end()):
        return None
    meaning = _decode(text + b"=" * (-len(text) % 4 if is_bare else padding))
    if meaning is None:
        return None
    equal = b"" if is_bare else equal or b"="
    return _Text(found.start(), found.end(), meaning, is_other, rb"\/" in signs, equal)


def _decode(text: bytes) -> bytes | None:
    """Give the meaning, if writing it again gives the same text."""
    try:
        meaning = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
    return meaning if binascii.b2a_base64(meaning, newline=False) == text else None
