# SPDX-License-Identifier: Apache-2.0
"""Changes the rows of one INSERT: rewrites values, honours protected places, asks the hook."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wpclone.rewrite import base64_values, rows
from wpclone.rewrite.alarms import Alarms
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.literals import Dialect
from wpclone.rewrite.protection import Guard
from wpclone.rewrite.rows import Form, Row, RowHook, Value
from wpclone.rewrite.values import Rewriter

_NEVER = sys.maxsize


class Scan:
    """Where in a stretch of a dump a source host may stand: most rows are passed by this alone."""

    def __init__(self, data: bytes, rewriter: Rewriter) -> None:
        """Search the stretch once, at the speed of plain searches."""
        low = data.lower()
        places = base64_values.hits(low, rewriter.needles)
        places += base64_values.hits(data, rewriter.coded_needles)
        # A name written in hex digits shows in no search: every long literal is worth a look.
        shortest = 2 * min(map(len, rewriter.needles + rewriter.coded_needles))
        for opening in (b"0x", b"x'"):
            if opening in low:
                pattern = re.escape(opening) + b"[0-9a-f]{%d}" % shortest
                places += [found.start() for found in re.finditer(pattern, low)]
        self._places = sorted(places)
        self._next = 0
        self._upcoming = self._places[0] if places else _NEVER

    def within(self, low: int, high: int) -> Sequence[int]:
        """Give the places in a span, seen from its start; spans come in ascending order."""
        if self._upcoming >= high:
            return ()
        places, at = self._places, bisect_left(self._places, low, self._next)
        end = bisect_left(places, high, at)
        self._next = end
        self._upcoming = places[end] if end < len(places) else _NEVER
        return [place - low for place in places[at:end]]


@dataclass(slots=True)
class Insert:
    """The INSERT that is passing: its table, its rules, and what has come of its rows."""

    table: str
    columns: tuple[str, ...]
    dialect: Dialect
    guard: Guard
    rewriter: Rewriter
    counts: Counts
    hook: RowHook | None
    alarms: Alarms | None = None
    head: bytes = b""
    first_lead: bytes | None = None
    width: int = 0
    kept: int = 0

    def pass_by(self, found: re.Match[bytes]) -> None:
        """Count a row that needs no look."""
        if not self.width:
            self.width = len(self.columns) or len(rows.parse(found[2], self.dialect).spans)
        self.counts.values += self.width
        self.kept += 1

    def shows(self, raw: bytes) -> bool:
        """Tell whether the hook wants to see a row."""
        return self.hook is not None and (self.alarms is None or self.alarms.within(raw))

    def change(self, raw: bytes, places: Sequence[int], *, is_shown: bool) -> bytes | None:
        """Give the row as it is to be written, the same object if unchanged, None if dropped."""
        row = rows.parse(raw, self.dialect)
        tally = Counts(values=len(row.spans))
        changes: dict[int, bytes] | None = {}
        if row.is_whole:
            values = dict(self._rewritten(row, places, tally))
            changes = {at: value.raw for at, value in values.items()}
            if self.hook is not None and is_shown:
                changes = self._asked(self.hook, row, values)
        elif places:
            tally.unsupported += 1
        if changes is None:
            return None
        self.counts.merge(tally)
        self.kept += 1
        return row.written(changes)

    def _asked(
        self, hook: RowHook, row: Row, rewritten: Mapping[int, Value]
    ) -> dict[int, bytes] | None:
        """Show the row to the hook; give the tokens that differ from the dump's."""
        old = [row.value(at) for at in range(len(row.spans))]
        shown = [rewritten.get(at, value) for at, value in enumerate(old)]
        new = hook(self.table, self.columns, shown)
        if new is None:
            return None
        pairs = enumerate(zip(old, new, strict=True))
        return {at: after.raw for at, (before, after) in pairs if after is not before}

    def _rewritten(
        self, row: Row, places: Sequence[int], tally: Counts
    ) -> Iterator[tuple[int, Value]]:
        """Rewrite the values in which one of the places lies."""
        upcoming = iter(places)
        place = next(upcoming, _NEVER)
        for at, (_, high, form, _) in enumerate(row.spans):
            if place >= high:
                continue
            while place < high:
                place = next(upcoming, _NEVER)
            value = row.value(at)
            data = value.data
            if form is Form.RAW or data is None:
                tally.unsupported += 1  # an address inside an expression
                continue
            if self._is_protected(at, row):
                tally.protected += self.rewriter.residuals(data) > 0
                continue
            tally.values -= 1  # the rewriter counts it
            new = self.rewriter.value(data, tally, self._place(at))
            if new is not data and new != data:
                yield at, value.with_data(new, data)

    def _is_protected(self, at: int, row: Row) -> bool:
        guard = self.guard
        if at in guard.places:
            return True
        if guard.key is None or at != guard.value or guard.key >= len(row.spans):
            return False
        return row.value(guard.key).data in guard.names

    def _place(self, at: int) -> str:
        column = self.columns[at] if at < len(self.columns) else f"column {at + 1}"
        return f"{self.table}.{column}"
