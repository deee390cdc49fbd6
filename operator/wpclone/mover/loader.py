# SPDX-License-Identifier: Apache-2.0
"""Loads tables into the clone, one after another from the source, several at a time on the server.

The source is read by one stream, so that it stays usable and masking keeps its order. While a
table that has been read whole is still being indexed and counted on one connection, the next one
is loaded through another.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent import futures
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Protocol

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import ddl
from wpclone.mover.filling import BeginAgain, Estranged, Filling, Manner, Step
from wpclone.mover.lane import Lane
from wpclone.mover.ledger import Arrived, Point

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.ddl import Definition, Dialect
    from wpclone.mover.sources.base import Copy, Piece, Table

# The statement's own header, and what the server adds.
PACKET_MARGIN: Final = 1_024
# A table that has to be begun anew so often will not get better.
MAX_BEGINNINGS: Final = 4


class Rows(Protocol):
    """Streams a table's rewritten pieces, and says meanwhile what was seen in them."""

    def near(self, table: Table, definition: Definition) -> bool:
        """Tell whether the clone's own server copies what it can of the table by itself."""
        ...

    def copies(self, table: Table, cursor: str | None) -> Iterator[Copy]:
        """Give what it copies, step by step; the rest comes as pieces after the last step."""
        ...

    def estrange(self, table: Table) -> None:
        """Hear that it does not do so after all."""
        ...

    def pieces(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream the table, from its start or from where an earlier piece has ended."""
        ...

    def seen(self) -> Arrived:
        """Return the counters of what has been streamed since then."""
        ...


class Keeper(Protocol):
    """Remembers what has to outlive this run together with the rows it was seen in."""

    def unkept(self) -> Sequence[str]:
        """Return the statements that store what has come since the last time."""
        ...

    def kept(self) -> None:
        """Take note that those statements are in."""
        ...

    def renew(self) -> None:
        """Take nothing for stored any more."""
        ...


class Watcher(Protocol):
    """Hears how far the tables are."""

    def begins(self, table: Table) -> None:
        """Hear that a table is being read."""
        ...

    def arrived(self, rows: int, size: int) -> None:
        """Hear how much of that table is in, from another thread."""
        ...

    def ends(self, table: Table) -> None:
        """Hear that all of it is in."""
        ...


class Loader:
    """Puts tables into the clone's schema, through server restarts and cut connections."""

    def __init__(
        self,
        connections: Sequence[Connection],
        watcher: Watcher,
        keeper: Keeper | None = None,
        bound: frozenset[str] = frozenset(),
    ) -> None:
        """Load through these connections; `bound` are the tables with foreign keys on either side.

        What `keeper` remembers is stored together with the rows it was seen in.
        """
        self._connections = connections
        self._watcher = watcher
        self._keeper = keeper
        self._bound = bound
        self._dialect: Dialect | None = None
        self._limit = 0
        self.changes: list[str] = []

    def load(self, tables: Iterable[Table], rows: Rows) -> None:
        """Load the tables whole, or raise ImportFailed; what is there of them is gone on with."""
        self._lanes = [Lane(connection) for connection in self._connections]
        try:
            self._learn()
            self._run(deque(tables), rows)
        except BaseException as error:
            if not isinstance(error, Exception):
                for lane in self._lanes:
                    lane.connection.end()  # we are to stop: nothing must finish first
            raise
        finally:
            for lane in self._lanes:
                lane.thread.shutdown()

    def _learn(self) -> None:
        if self._dialect is None:
            first = self._connections[0]
            doing = "asking what it knows"
            self._dialect = first.steady(lambda: dialect(first), doing)
            packet = first.steady(lambda: first.value("SELECT @@max_allowed_packet"), doing)
            self._limit = int(packet) - PACKET_MARGIN

    def _run(self, waiting: deque[Table], rows: Rows) -> None:
        beginnings: Counter[str] = Counter()
        while lane := self._idle(waiting):
            if not waiting:
                continue
            table = waiting.popleft()
            beginnings[table.name] += 1
            if beginnings[table.name] > MAX_BEGINNINGS:
                raise _lost_too_often(table)
            if beginnings[table.name] > 1 and self._keeper:
                self._keeper.renew()
            if not self._stream(table, lane, rows):
                waiting.appendleft(table)

    def _idle(self, waiting: deque[Table]) -> Lane | None:
        """Wait until there is work for a lane, and return it; None if all is done.

        A table that has to be begun again comes to the front of those that wait.
        """
        busy = [lane for lane in self._lanes if lane.finishing]
        if not busy and not waiting:
            return None
        if len(busy) == len(self._lanes) or not waiting:
            futures.wait([b.finishing for b in busy if b.finishing], None, futures.FIRST_COMPLETED)
        for lane in busy:
            if lane.is_done and (again := lane.settled()):
                waiting.appendleft(again)
        return next(lane for lane in self._lanes if lane.finishing is None)

    def _stream(self, table: Table, lane: Lane, rows: Rows) -> bool:
        """Read a table and let it be finished; False if it has to be begun again."""
        assert self._dialect is not None  # noqa: S101  learned before anything is loaded
        definition = ddl.mapped(table.name, table.ddl, self._dialect)
        self.changes += [c for c in definition.changes if c not in self.changes]
        manner = Manner(table.name in self._bound, rows.near(table, definition))
        filling = Filling(lane.connection, table, definition, self._limit, manner)
        self._watcher.begins(table)
        try:
            self._pieces(filling, lane, rows)
        except BeginAgain:
            return False
        except Estranged:
            rows.estrange(table)
            return False
        lane.finish(table, filling)
        self._watcher.ends(table)
        return True

    def _pieces(self, filling: Filling, lane: Lane, rows: Rows) -> None:
        """Have a piece on its way to the server while the next one is read and rewritten."""
        filling.begin()
        self._watcher.arrived(filling.point.arrived.rows, filling.point.arrived.bytes)
        if filling.near and not filling.point.is_whole:
            self._copies(filling, lane, rows)
        on_the_way: Future[None] | None = None
        try:
            for piece, point in _streamed(filling, rows):
                self._await(on_the_way)
                step = Step(piece, self._keeper.unkept() if self._keeper else (), point)
                on_the_way = lane.thread.submit(self._put, filling, step)
                self._complain()
        except Estranged:
            self._await(on_the_way)  # before anybody else uses its connection
            raise
        self._await(on_the_way)

    def _copies(self, filling: Filling, lane: Lane, rows: Rows) -> None:
        """Let the server copy, a step at a time."""
        for copy in rows.copies(filling.table, filling.point.cursor):
            before = filling.point.arrived
            lane.thread.submit(filling.copy, copy).result()
            after = filling.point.arrived
            self._watcher.arrived(after.rows - before.rows, after.bytes - before.bytes)
            self._complain()

    def _complain(self) -> None:
        for lane in self._lanes:
            lane.complain()

    def _await(self, on_the_way: Future[None] | None) -> None:
        if on_the_way:
            on_the_way.result()
            if self._keeper:
                self._keeper.kept()

    def _put(self, filling: Filling, step: Step) -> None:
        filling.put(step)
        self._watcher.arrived(step.piece.rows, len(step.piece.sql))


def _streamed(filling: Filling, rows: Rows) -> Iterator[tuple[Piece, Point]]:
    """Yield what is missing of a table, piece by piece, and how far it is with each."""
    point = begun = filling.point
    if begun.is_whole:
        return
    streamed = Arrived()
    for piece in rows.pieces(filling.table, begun.cursor):
        streamed = streamed.plus(Arrived(rows=piece.rows, bytes=len(piece.sql)))
        arrived = begun.arrived.plus(streamed).plus(rows.seen())
        point = Point(begun.shape, point.piece + 1, piece.cursor, arrived)
        yield piece, point


def dialect(connection: Connection) -> Dialect:
    """Ask the server which collations and engines it knows."""
    collations = {row[0].decode().lower() for row in connection.query("SHOW COLLATION")}
    # MariaDB 10.10 and later list the newer ones without their character set.
    full = connection.query(
        "SELECT 1 FROM information_schema.columns WHERE table_schema = 'information_schema'"
        " AND table_name = 'COLLATION_CHARACTER_SET_APPLICABILITY'"
        " AND column_name = 'FULL_COLLATION_NAME'"
    )
    if full:
        names = connection.query(
            "SELECT full_collation_name"
            " FROM information_schema.collation_character_set_applicability"
        )
        collations |= {row[0].decode().lower() for row in names}
    engines = {
        row[0].decode().lower()
        for row in connection.query("SHOW ENGINES")
        if row[1] in {b"YES", b"DEFAULT"}
    }
    types = connection.query(
        "SELECT plugin_name FROM information_schema.plugins WHERE plugin_type = 'DATA TYPE'"
    )
    known = {row[0].decode().lower() for row in types}
    return ddl.Dialect(frozenset(collations), frozenset(engines), frozenset(known))


def _lost_too_often(table: Table) -> ImportFailed:
    return ImportFailed(
        Reason.DATABASE_UNAVAILABLE,
        f"The clone's database server was lost too often while loading {clean(table.name, 64)}",
        retryable=True,
    )
