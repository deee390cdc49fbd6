# SPDX-License-Identifier: Apache-2.0
"""Finds serialized data inside other text: in JSON strings of any depth, or bare.

Addresses elsewhere in the text are replaced in place; inside serialized data that would make the
byte counts wrong, so each such island is walked on its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wpclone.rewrite import json_values, serialized

Change = Callable[[bytes, Sequence[int]], bytes]

_HINT = re.compile(rb'[aOCsS]:\d+:\\*+["{]')
_ISLAND = re.compile(
    rb'(?<!\\)"(?=\s*+(?:[aOCsS]:\d+:[\\{]|[\[{]))|(?<![A-Za-z0-9_\\])(?:a:\d+:\{|[OCsS]:\d+:")'
)
# A failed attempt may read the whole text: hostile text offers any number of beginnings.
_MOST_FAILURES = 200


@dataclass(frozen=True, slots=True)
class _Text:
    data: bytes
    hits: Sequence[int]
    inner: Change

    def within(self, low: int, high: int) -> list[int]:
        places = self.hits[bisect_left(self.hits, low) : bisect_left(self.hits, high)]
        return [place - low for place in places]


def possible(data: bytes) -> bool:
    """Tell whether a text may hold serialized data at all."""
    return _HINT.search(data) is not None


def rewrite(data: bytes, hits: Sequence[int], inner: Change, plain: Change) -> bytes:
    """Apply `inner` to what each island means, and `plain` to everything between them.

    `hits` are the ascending places that need a change; islands without one are left alone.
    """
    text = _Text(data, hits, inner)
    parts: list[bytes] = []
    done = failures = 0
    for found in _ISLAND.finditer(data):
        if found.start() < done or failures >= _MOST_FAILURES:
            continue
        island = _island(text, found.start())
        if island is None:
            failures += 1
            continue
        low, high, new = island
        parts += (plain(data[done:low], text.within(done, low)), new)
        done = high
    return b"".join((*parts, plain(data[done:], text.within(done, len(data)))))


def _island(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    if not text.data.startswith(b'"', at):
        return _token(text, at)
    return _literal(text, at) or _token(text, at + 1)


def _literal(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    found = json_values.LITERAL.match(text.data, at)
    if found is None or not text.within(at, found.end()):
        return None
    old = json_values.decode(found[1])
    if not possible(old):
        return None
    new = json_values.encode(text.inner(old, ()), found[1])
    return None if new is None else (at, found.end(), b'"%s"' % new)


def _token(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    if not serialized.looks(text.data[at : at + 24]):
        return None
    try:
        walked = serialized.measure(text.data, at)
    except serialized.TooDeepError:
        return None
    hits = text.within(at, walked) if walked is not None else []
    if walked is None or not hits:
        return None
    return at, walked, text.inner(text.data[at:walked], hits)
