# SPDX-License-Identifier: Apache-2.0
"""Streams a table's rows as whole INSERT statements, a page at a time; memory stays small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from wpclone.errors import SourceError
from wpclone.mover.sources.base import Piece
from wpclone.mover.sources.database import giants, paging
from wpclone.mover.sources.database.paging import Pager
from wpclone.mover.sources.database.pool import Pool
from wpclone.mover.sources.database.tables import Shape, number
from wpclone.mover.sources.database.wire import Row, Wire

# A longer value is read by itself: expressions around it would exceed the server's own limits.
LONG_VALUE: Final = 262_144
# A piece is passed on when it has grown to this size.
PIECE: Final = 524_288
PAGE_ROWS: Final = 2_000
# Rows without a key cost two looks at the table for each page.
KEYLESS_ROWS: Final = 20_000


@dataclass(slots=True)
class _Growing:
    """The piece that grows."""

    head: bytes
    sql: list[bytes] = field(default_factory=list)
    size: int = 0
    rows: int = 0
    open: bool = False

    def add(self, row: bytes) -> None:
        """Add a row to the statement."""
        self._append((b",\n" if self.open else self.head) + b"(" + row + b")")
        self.open = True
        self.rows += 1

    def end(self) -> None:
        """End the statement, if one has begun."""
        if self.open:
            self._append(b";\n")
            self.open = False

    def done(self, cursor: str | None) -> Piece:
        """Give the piece, and begin a new one."""
        self.end()
        piece = Piece(b"".join(self.sql), self.rows, cursor)
        self.sql, self.size, self.rows = [], 0, 0
        return piece

    def _append(self, part: bytes) -> None:
        self.sql.append(part)
        self.size += len(part)


class Reader:
    """Reads one table over two connections: one for pages, one for long values in them."""

    def __init__(self, shape: Shape, condition: str, pages: Wire, values: Wire) -> None:
        """Read the rows under a condition."""
        self._shape = shape
        self._condition = condition
        self._pages = pages
        self._values = values
        self._long = [column for column in shape.columns if column.may_be_long]
        self._writers = [column.writer() for column in shape.columns]

    def pieces(self, cursor: str | None) -> Iterator[Piece]:
        """Yield the pieces from the start or from a cursor on; the last one has no cursor."""
        names = ",".join(column.quoted for column in self._shape.columns)
        piece = _Growing(f"INSERT INTO {self._shape.quoted} ({names}) VALUES\n".encode())
        pager = paging.pager(self._shape, self._condition, cursor)
        limit = PAGE_ROWS if self._shape.key else KEYLESS_ROWS
        while True:
            seen = 0
            for row in self._pages.rows(pager.query(self._pages, self._selected(), limit)):
                key = row[: pager.width]
                if piece.size >= PIECE and pager.may_stop(key):
                    yield piece.done(pager.cursor())
                self._add(piece, pager, key, row[pager.width :])
                pager.advance(key)
                seen += 1
            if pager.ended(seen, limit):
                yield piece.done(None)
                return

    def _selected(self) -> str:
        """Return what to select after the key: marks of long values, then all columns."""
        marks = ",".join(["''", *(column.is_long(LONG_VALUE) for column in self._long)])
        columns = ",".join(column.bounded(LONG_VALUE) for column in self._shape.columns)
        return f"CONCAT({marks}),{columns}"

    def _add(self, piece: _Growing, pager: Pager, key: Row, row: Row) -> None:
        marks, values = row[0] or b"", row[1:]
        columns = zip(self._shape.columns, self._writers, values, strict=True)
        if b"1" not in marks:
            piece.add(b",".join([write(value) for _, write, value in columns]))
            return
        long = {c.name for c, mark in zip(self._long, marks, strict=True) if mark == ord("1")}
        where = pager.exactly(key)
        literals = []
        for column, write, value in columns:
            if column.name not in long:
                literals.append(write(value))
                continue
            whole = giants.literal(self._values, self._shape, column, where)
            if whole is None:
                return  # the row has gone meanwhile
            literals.append(whole)
        piece.end()
        piece.add(b",".join(literals))
        piece.end()


def steadily(pool: Pool, shape: Shape, condition: str, cursor: str | None) -> Iterator[Piece]:
    """Yield the pieces of a table, going on where a lost connection left off."""
    patience = pool.patience()
    while True:
        try:
            with pool.lent() as pages, pool.lent() as values:
                for piece in Reader(shape, condition, pages, values).pieces(cursor):
                    patience.over()
                    yield piece
                    cursor = piece.cursor
                    patience.over()  # the clone's own time does not count
        except SourceError as error:
            patience.bear(error)
        else:
            return


def counted(wire: Wire, shape: Shape, condition: str) -> int:
    """Return how many rows there are under a condition: the server's own count."""
    sql = f"SELECT COUNT(*) FROM {shape.quoted} WHERE {condition}"  # noqa: S608  quoted
    return number(wire.value(sql))
