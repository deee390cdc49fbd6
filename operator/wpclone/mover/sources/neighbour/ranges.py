# SPDX-License-Identifier: Apache-2.0
"""Cuts one table into ranges of its key, each copied by one statement of the server's.

A row without any sign is copied, whichever version of it is committed at that moment. What has not
come by that is streamed afterwards, again as it is then: so each row comes once, however much the
other site writes meanwhile, and none of its rows is ever locked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from wpclone.mover.sources.base import Copy, Table
from wpclone.mover.sources.database import rows
from wpclone.mover.sources.database.columns import Column, quoted
from wpclone.mover.sources.database.tables import Shape, number
from wpclone.mover.sources.database.wire import Wire

# One statement takes the server a fraction of a second, and is lost if the mover is killed.
RANGE_BYTES: Final = 8_388_608
MOST_ROWS: Final = 20_000
# No column of a site has this name.
_OURS: Final = "wpclone_ours"
# The cursors of a table: the last key that was copied, or how far the rest has been streamed.
_COPIED: Final = "copied:"
_REST: Final = "rest:"


@dataclass(frozen=True, slots=True)
class Ranges:
    """A table of the other clone, and the same one of ours."""

    table: Table
    shape: Shape
    key: Column
    condition: str
    """For rows that belong to the copy."""
    highest: int
    untouched: str
    theirs: str
    ours: str

    @property
    def rest(self) -> tuple[Shape, str]:
        """The table and the condition for rows that belong to the copy and have not come."""
        # Not by EXISTS: servers would collect all our keys for each page.
        ours = f"SELECT {self.key.quoted} AS {_OURS} FROM {quoted(self.ours)}.{self.shape.quoted}"  # noqa: S608  quoted
        join = f" LEFT JOIN ({ours}) AS {_OURS} ON {_OURS}={self.key.quoted}"
        return replace(self.shape, beside=join), f"{self.condition} AND {_OURS} IS NULL"

    def plain(self, wire: Wire) -> int:
        """Return how many rows are without any sign: the server reads the table once for it."""
        return rows.counted(wire, self.shape, f"{self.condition} AND {self.untouched}")

    def end(self, wire: Wire, last: int | None) -> int | None:
        """Return where the range after a key ends; None if it is the last one."""
        size = max(1, self.table.bytes) / max(1, self.table.rows)
        most = max(1, min(MOST_ROWS, int(RANGE_BYTES / size)))
        key = self.key.quoted
        found = wire.value(
            f"SELECT {key} FROM {self.shape.quoted} WHERE {self._within(last, self.highest)}"  # noqa: S608  quoted
            f" ORDER BY {key} LIMIT {most - 1},1"
        )
        return None if found is None else _signed(found)

    def copy(self, last: int | None, end: int | None) -> Copy:
        """Return the statement that copies the range."""
        ours = f"{quoted(self.ours)}.{self.shape.quoted}"
        names = ",".join(column.quoted for column in self.shape.columns)
        within = self._within(last, self.highest if end is None else end)
        sql = (
            f"INSERT INTO {ours} ({names}) SELECT {names}"  # noqa: S608  quoted
            f" FROM {quoted(self.theirs)}.{self.shape.quoted}"
            f" WHERE {within} AND {self.condition} AND {self.untouched}"
        )
        sizes = "+".join(f"IFNULL(LENGTH({column.quoted}),0)" for column in self.shape.columns)
        measured = f"SELECT COUNT(*),CAST(SUM({sizes}) AS UNSIGNED) FROM {ours} WHERE {within}"  # noqa: S608  quoted
        return Copy(sql, measured, _REST if end is None else f"{_COPIED}{end:d}")

    def _within(self, last: int | None, end: int) -> str:
        after = "" if last is None else f"{self.key.compared('>', b'%d' % last)} AND "
        return after + self.key.compared("<=", b"%d" % end)


def copied(cursor: str | None) -> tuple[bool, int | None]:
    """Tell of a cursor whether the ranges are all copied, and else the last key that is."""
    if cursor is not None and cursor.startswith(_REST):
        return True, None
    return False, None if cursor is None else int(cursor.removeprefix(_COPIED))


def streamed(cursor: str | None) -> str | None:
    """Return how far the rest has been streamed, in the words of whoever reads it."""
    return (cursor or "").removeprefix(_REST) or None


def rest(cursor: str | None) -> str | None:
    """Return the cursor for the ledger of how far the rest has been streamed."""
    return None if cursor is None else _REST + cursor


def _signed(value: bytes) -> int:
    return -number(value[1:]) if value.startswith(b"-") else number(value)
