# SPDX-License-Identifier: Apache-2.0
"""Finds serialized data inside other text: in JSON strings, attributes, queries, or bare.

Addresses elsewhere in the text are replaced in place; inside serialized data that would make the
byte counts wrong, so each such island is walked on its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wpclone.rewrite import coded_values, json_values, serialized
from wpclone.rewrite.spelling import Spelling

Change = Callable[[bytes, Sequence[int]], bytes]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is done with an island's meaning and with text between islands, and what is one."""

    inner: Change
    plain: Change
    is_apart: Callable[[bytes], bool]


_HINT = re.compile(rb'[aOCsS](?::\d+:(?:\\*+["{]|&)|%3[aA]\d+%3[aA]%)')
_ISLAND = re.compile(
    rb'(?<!\\)"(?=\s*+(?:[aOCsS]:\d+:[\\{&]|[\[{]))'
    rb"|'(?=\s*+[aOCsS]:\d+:[{&])"
    rb'|(?<![A-Za-z0-9_\\])(?:a:\d+:\{|[OCsS]:\d+:")'
    rb"|(?<![A-Za-z0-9_%])[aOCsS]%3[aA]\d+%3[aA]%(?:22|7[bB])"
)
# A failed attempt may read the whole text: hostile text offers any number of beginnings.
_MOST_FAILURES = 200


@dataclass(frozen=True, slots=True)
class _Text:
    data: bytes
    hits: Sequence[int]
    changes: Changes

    def within(self, low: int, high: int) -> list[int]:
        places = self.hits[bisect_left(self.hits, low) : bisect_left(self.hits, high)]
        return [place - low for place in places]


def possible(data: bytes) -> bool:
    """Tell whether a text may hold serialized data at all."""
    return _HINT.search(data) is not None


def rewrite(data: bytes, hits: Sequence[int], changes: Changes) -> bytes:
    """Apply `inner` to what each island means, and `plain` to everything between them.

    `hits` are the ascending places that need a change; islands without one are left alone.
    """
    text, plain = _Text(data, hits, changes), changes.plain
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
    if text.data[at] in b"\"'":
        return _attribute(text, at) or _literal(text, at) or _token(text, at + 1)
    return _query(text, at) if text.data[at + 1] == ord("%") else _token(text, at)


def _literal(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    """Change a JSON string that is, or somewhere holds, what cannot be changed in place."""
    found = json_values.LITERAL.match(text.data, at)
    if found is None or not text.within(at, found.end()):
        return None
    old = json_values.SPELLING.decode(found[1])
    if not text.changes.is_apart(old):
        return None
    new = json_values.SPELLING.faithful(text.changes.inner(old, ()), found[1])
    return None if new is None else (at, found.end(), b'"%s"' % new)


def _attribute(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    """Change an attribute that is serialized data, its quotes written as entities."""
    found = coded_values.ATTRIBUTE.match(text.data, at)
    return None if found is None else _coded(text, found, 2, coded_values.ENTITIES)


def _query(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    """Change the value in a query that is serialized data, percent-encoded."""
    found = coded_values.QUERY.match(text.data, at)
    return None if found is None else _coded(text, found, 0, coded_values.PERCENT)


def _coded(
    text: _Text, found: re.Match[bytes], group: int, spelling: Spelling
) -> tuple[int, int, bytes] | None:
    low, high = found.span(group)
    if not text.within(low, high):
        return None
    old = spelling.decode(found[group])
    if not serialized.valid(old):
        return None
    new = spelling.faithful(text.changes.inner(old, ()), found[group])
    return None if new is None else (low, high, new)


def _token(text: _Text, at: int) -> tuple[int, int, bytes] | None:
    """Change serialized data that stands in the text as it is."""
    if not serialized.looks(text.data[at : at + 24]):
        return None
    try:
        end = serialized.measure(text.data, at)
    except serialized.TooDeepError:
        return None
    hits = text.within(at, end) if end is not None else []
    if end is None or not hits:
        return None
    return at, end, text.changes.inner(text.data[at:end], hits)
