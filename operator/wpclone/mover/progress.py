# SPDX-License-Identifier: Apache-2.0
"""Tells how far the Job is: JSON lines on standard output, at most one per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

from wpclone.api.mover import Progress
from wpclone.api.text import clean

INTERVAL_SECONDS: Final = 1.0
# A file costs about as much as this many bytes on top of its own: opening, renaming, asking.
FILE_WEIGHT: Final = 8_192
# A row of the database costs its bytes and about this much on top, for its keys.
ROW_WEIGHT: Final = 200
# Nothing is done before it is verified and marked.
LAST_BEFORE_DONE: Final = 99


@dataclass(slots=True)
class Work:
    """An amount of work in weighed bytes, part of it done."""

    total: int
    done: int = 0

    def advance(self, amount: int) -> None:
        """Count as done, never beyond what there is: sources grow while they are copied."""
        self.done = min(self.total, self.done + amount)

    def reach(self, done: int) -> None:
        """Count as done up to here: estimates of parts are never quite right."""
        self.done = min(self.total, max(self.done, done))


class Meter:
    """Turns work done into lines for the operator."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to `out`; `clock` is in seconds."""
        self._out = out
        self._clock = clock
        self._last: float | None = None
        self._percent = 0
        self.rows = Work(1)
        self.files = Work(1)

    def expect(self, rows: int, files: int) -> None:
        """Take these weights as all the work there is."""
        self.rows = Work(max(1, rows))
        self.files = Work(max(1, files))

    def tell(self, detail: str, *, urgent: bool = False) -> None:
        """Say where we are, unless the last line is younger than a second."""
        now = self._clock()
        if not urgent and self._last is not None and now - self._last < INTERVAL_SECONDS:
            return
        self._last = now
        self._percent = max(self._percent, self._now())
        line = Progress(percent=self._percent, detail=clean(detail, 200))
        self._out.write(line.model_dump_json() + "\n")
        self._out.flush()

    def _now(self) -> int:
        done = self.rows.done + self.files.done
        return min(LAST_BEFORE_DONE, done * 100 // (self.rows.total + self.files.total))
