# SPDX-License-Identifier: Apache-2.0
"""Is the schema of another clone beside our own: its rows come without a detour through its site.

Only large tables with a whole number for a key are taken, and none that anything of ours treats in
its own way. Whoever finds one that is not as the other clone's guard has told of it leaves it to
the guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from wpclone.errors import SourceError
from wpclone.mover.filling import COUNTER, Estranged
from wpclone.mover.sources.base import Copy, Piece, Table
from wpclone.mover.sources.database import marks, rows, tables
from wpclone.mover.sources.database.columns import Column
from wpclone.mover.sources.database.pool import Pool
from wpclone.mover.sources.database.tables import Shape
from wpclone.mover.sources.database.wire import Wire
from wpclone.mover.sources.neighbour import ranges, signs
from wpclone.mover.sources.neighbour.ranges import Ranges
from wpclone.rewrite import Prefilter

# The guard sends a smaller table in a page or two. A server may not know the size yet of a table
# that has grown a moment ago; its rows were counted.
WORTH_BYTES: Final = 1_048_576
WORTH_ROWS: Final = 10_000
# Where the rows in between are more than this, streaming all of them is as fast (measured: at a
# tenth in two thirds of the time, at a half in a tenth more).
WORTH_SHARE: Final = 0.75
# Logins and settings: they are few, and much in them has rules of its own.
_OTHERS: Final = ("options", "users", "usermeta")


@dataclass(frozen=True, slots=True)
class Schemas:
    """The other clone's schema and ours, and what is known of the site in both."""

    theirs: str
    ours: str
    prefix: str
    charset: str
    marks: Mapping[str, str]


@dataclass(slots=True)
class Neighbour:
    """The other clone's tables, as far as they are copied on the server."""

    pool: Pool
    schemas: Schemas
    prefilter: Prefilter
    _known: dict[str, Ranges | None] = field(default_factory=dict)

    def takes(self, table: Table) -> bool:
        """Tell whether the table is copied here."""
        if table.name not in self._known:
            try:
                self._known[table.name] = self._look(table)
            except (SourceError, LookupError, TypeError, ValueError):
                self._known[table.name] = None  # the guard has it, too
        return self._known[table.name] is not None

    def estrange(self, table: Table) -> None:
        """Leave the table to the guard from now on."""
        self._known[table.name] = None

    def copies(self, table: Table, cursor: str | None) -> Iterator[Copy]:
        """Give the statements that copy the rows without any sign, from a cursor on."""
        known = self._ranges(table)
        done, last = ranges.copied(cursor)
        while not done:
            end = self._end(known, last)
            yield known.copy(last, end)
            done, last = end is None, end

    def rest(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream the rows that have not been copied by then, from a cursor on."""
        known = self._ranges(table)
        try:
            for piece in rows.steadily(self.pool, *known.rest, ranges.streamed(cursor)):
                yield Piece(piece.sql, piece.rows, ranges.rest(piece.cursor))
        except (SourceError, LookupError, TypeError, ValueError) as error:
            raise Estranged from error

    def _end(self, known: Ranges, last: int | None) -> int | None:
        try:
            return self.pool.ask(lambda wire: known.end(wire, last))
        except SourceError as error:
            raise Estranged from error

    def _ranges(self, table: Table) -> Ranges:
        known = self._known[table.name]
        if known is None:
            raise Estranged
        return known

    def _look(self, table: Table) -> Ranges | None:
        """Return how the table is cut, or None if it is none of ours."""
        name, prefix = table.name, self.schemas.prefix
        is_small = table.bytes < WORTH_BYTES and table.rows < WORTH_ROWS
        if is_small or name in {prefix + other for other in _OTHERS}:
            return None
        charset = self.schemas.charset

        def look(wire: Wire) -> tuple[bytes, Shape]:
            return tables.definition(wire, name), tables.shape(wire, name, charset)

        definition, shape = self.pool.ask(look)
        untouched = signs.untouched(shape.columns, self.prefilter)
        key, highest = self._key(shape)
        if untouched is None or key is None or _plain(definition) != _plain(table.ddl):
            return None
        condition = shape.condition(marks.limits(shape, self.schemas.marks, prefix), prefix)
        theirs, ours = self.schemas.theirs, self.schemas.ours
        known = Ranges(table, shape, key, condition, highest, untouched, theirs, ours)
        share = self.pool.ask(known.plain) / max(1, table.rows)
        return known if share >= WORTH_SHARE else None

    def _key(self, shape: Shape) -> tuple[Column | None, int]:
        """Return the key by which the table is cut, and its mark: None without either."""
        key = shape.single_integer_key
        if key is None or shape.name not in self.schemas.marks:
            return None, 0
        limits = marks.limits(shape, self.schemas.marks, self.schemas.prefix)
        return key, limits[key.name]


def _plain(definition: bytes) -> bytes:
    return COUNTER.sub(b"", definition)
