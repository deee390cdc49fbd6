# SPDX-License-Identifier: Apache-2.0
"""Changes the rows of one INSERT: rewrites values, honours protected places, asks the hook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wpclone.rewrite import base64_values, rows
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.literals import Dialect
from wpclone.rewrite.protection import Guard
from wpclone.rewrite.rows import Form, Row, RowHook, Value
from wpclone.rewrite.values import Rewriter


class Scan:
    """Where in a stretch of a dump a source host may stand: most rows are passed by this alone."""

    def __init__(self, data: bytes, rewriter: Rewriter) -> None:
        """Search the stretch once, at the speed of plain searches."""
        low = data.lower()
        places = base64_values.hits(low, rewriter.needles)
        if rewriter.coded_needles:
            places += base64_values.hits(data, rewriter.coded_needles)
        # A name written in hex digits shows in no search: every long literal is worth a look.
        shortest = 2 * min(map(len, rewriter.needles + rewriter.coded_needles))
        for opening in (b"0x", b"x'"):
            if opening in low:
                pattern = re.escape(opening) + b"[0-9a-f]{%d}" % shortest
                places += [found.start() for found in re.finditer(pattern, low)]
        self._places = sorted(places)
        self._next = 0

    def touches(self, low: int, high: int) -> bool:
        """Tell whether a span may hold a host; spans are asked for in ascending order."""
        places, at = self._places, self._next
        while at < len(places) and places[at] < low:
            at += 1
        self._next = at
        return at < len(places) and places[at] < high


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
    head: bytes = b""
    first_lead: bytes | None = None
    width: int = 0
    kept: int = 0
    seen: int = 0

    def pass_by(self, raw: bytes) -> None:
        """Count a row that needs no look."""
        if not self.width:
            self.width = len(self.columns) or len(rows.parse(raw, self.dialect).values)
        self.counts.values += self.width
        self.seen += 1
        self.kept += 1

    def change(self, raw: bytes) -> bytes | None:
        """Give the row as it is to be written, the same object if unchanged, None if dropped."""
        self.seen += 1
        row = rows.parse(raw, self.dialect)
        tally = Counts()
        values = self._rewritten(row, tally)
        tally.values = len(values)
        if not row.is_whole:
            tally.unsupported += 1
        elif self.hook is not None:
            changed = self.hook(self.table, self.columns, values)
            if changed is None:
                return None
            values = changed
        self.counts.merge(tally)
        self.kept += 1
        return row.written(values)

    def _rewritten(self, row: Row, tally: Counts) -> list[Value]:
        values = list(row.values)
        if not row.is_whole:
            return values
        for at, value in enumerate(row.values):
            data = self._concerned(value)
            if data is None:
                continue
            if self._is_protected(at, row.values):
                tally.protected += self.rewriter.residuals(data) > 0
                continue
            new = self.rewriter.value(data, tally, self._place(at))
            if new != data:
                values[at] = value.with_data(new)
        return values

    def _concerned(self, value: Value) -> bytes | None:
        """Give what a value means, if it may hold a source host."""
        if value.form is Form.RAW:
            return None
        if value.form is Form.TEXT and not self.rewriter.concerns(value.raw):
            return None
        data = value.data
        return data if data is not None and self.rewriter.concerns(data) else None

    def _is_protected(self, at: int, values: Sequence[Value]) -> bool:
        guard = self.guard
        if at in guard.places:
            return True
        if guard.key is None or at != guard.value or guard.key >= len(values):
            return False
        return values[guard.key].data in guard.names

    def _place(self, at: int) -> str:
        column = self.columns[at] if at < len(self.columns) else f"column {at + 1}"
        return f"{self.table}.{column}"
