# SPDX-License-Identifier: Apache-2.0
"""Tells how far rows and files are, as they arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wpclone.mover.progress import FILE_WEIGHT, ROW_WEIGHT

if TYPE_CHECKING:
    from wpclone.mover.progress import Meter
    from wpclone.mover.sources.base import Table


class Rows:
    """Hears of tables and what arrives of them."""

    def __init__(self, meter: Meter, listen: Callable[[], object] = lambda: None) -> None:
        """Tell the meter; `listen` is called at each word."""
        self._meter = meter
        self._listen = listen
        self._name = ""
        self._rows = self._done = 0

    def begins(self, table: Table) -> None:
        """Tell which table comes."""
        self._name, self._rows = table.name, 0
        self._meter.tell(f"{table.name}: {table.rows:,} rows")

    def arrived(self, rows: int, size: int) -> None:
        """Count what is in."""
        self._rows += rows
        self._meter.rows.advance(size + rows * ROW_WEIGHT)
        self._meter.tell(f"{self._name}: {self._rows:,} rows")
        self._listen()

    def ends(self, table: Table) -> None:
        """Count what was expected of the table: estimates of parts are never quite right."""
        self._done += table.bytes + table.rows * ROW_WEIGHT
        self._meter.rows.reach(self._done)


def file(meter: Meter, files: int, size: int, path: bytes) -> None:
    """Count files."""
    meter.files.advance(size + files * FILE_WEIGHT)
    meter.tell(path.decode("utf-8", "replace"))
