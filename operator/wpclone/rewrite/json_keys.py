# SPDX-License-Identifier: Apache-2.0
"""Finds the names in JSON objects that have to stay: their new name is in the object already.

Whoever decodes an object with one name twice keeps one member and loses the other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from wpclone.rewrite.json_values import SPELLING

Change = Callable[[bytes, Sequence[int]], bytes]
_Span = tuple[int, int]

# An address in a name: the next quote is followed by a colon, however deep the text is quoted.
_NAMED = re.compile(rb'[^"]{0,2048}+"[ \t\r\n]*+:')
_OBJECT = re.compile(rb'\{(?=[ \t\r\n]*+")')
_TOKEN = re.compile(
    rb'[ \t\r\n]*+(?:"(?P<text>(?:[^"\\]++|\\.)*+)"(?P<named>[ \t\r\n]*+:)?+'
    rb"|(?P<sign>[{}\[\]:,])|[A-Za-z0-9+.-]++)",
    re.DOTALL,
)
# PHP decodes no deeper; and a failed attempt may read the whole text, so there is an end to them.
_DEEPEST = 512
_MOST_FAILURES = 20


def announced(data: bytes, hits: Sequence[int]) -> bool:
    """Tell whether one of the hits may lie in the name of a member, at any level of quoting."""
    begin = data.find(b"{")
    return begin >= 0 and any(hit > begin and _NAMED.match(data, hit) for hit in hits)


def kept(data: bytes, hits: Sequence[int], change: Change) -> list[_Span]:
    """List the names that have to stay as they are, in ascending order."""
    spans: list[_Span] = []
    done = failures = 0
    for found in _OBJECT.finditer(data):
        if found.start() < done or failures >= _MOST_FAILURES:
            continue
        scanned = _objects(data, found.start())
        if scanned is None:
            failures += 1
            continue
        done, objects = scanned
        for names in objects:
            spans += _taken(data, names, hits, change)
    return sorted(spans)


def _objects(data: bytes, at: int) -> tuple[int, list[list[_Span]]] | None:
    """Give the end of the object at a place, and the names of each object in it."""
    closed: list[list[_Span]] = []
    opened: list[list[_Span] | None] = []
    while found := _TOKEN.match(data, at):
        at = found.end()
        sign, inner = found["sign"], opened[-1] if opened else None
        if found["named"] is not None and inner is not None:
            inner.append(found.span("text"))
        elif sign == b"{":
            opened.append([])
        elif sign == b"[":
            opened.append(None)
        elif sign in {b"}", b"]"}:
            if (sign == b"}") is (inner is None):
                return None
            opened.pop()
            closed += () if inner is None else (inner,)
        if len(opened) > _DEEPEST:
            return None
        if not opened:
            return at, closed
    return None


def _taken(data: bytes, names: Sequence[_Span], hits: Sequence[int], change: Change) -> list[_Span]:
    """List the names of one object that another member has, or will have."""
    near = [hits[bisect_left(hits, low) : bisect_left(hits, high)] for low, high in names]
    if not any(near):
        return []
    meant = [SPELLING.decode(data[low:high]) for low, high in names]
    taken, stays, spans = set(meant), dict[bytes, bool](), list[_Span]()
    for (low, high), old, places in zip(names, meant, near, strict=True):
        raw = data[low:high]
        new = SPELLING.decode(change(raw, [place - low for place in places])) if places else old
        if new == old:
            continue
        # A name that is there twice already moves twice: that changes nothing for anybody.
        if old not in stays:
            stays[old] = new in taken
            taken.add(new)
        if stays[old]:
            spans.append((low, high))
    return spans
