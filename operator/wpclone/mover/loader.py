# SPDX-License-Identifier: Apache-2.0
"""Loads one table into the clone, piece by piece, from where an earlier run stopped; counts it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import pymysql

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import damage, ddl, mysqlerrors, statements
from wpclone.mover.ledger import Arrived, Ledger, Point

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.ddl import Definition, Dialect
    from wpclone.mover.sources.base import Piece, Table

# The statement's own header, and what the server adds.
PACKET_MARGIN: Final = 1_024
# A table that has to be begun anew so often will not get better.
MAX_BEGINNINGS: Final = 4
MAX_REPEATS: Final = 5


# It grows with every row written on the source, and says nothing about the table's shape.
_COUNTER: Final = re.compile(rb" AUTO_INCREMENT=[0-9]+")


class Rows(Protocol):
    """Streams a table's rewritten pieces, and says meanwhile what was seen in them."""

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


class _BeginAgain(Exception):  # noqa: N818  not an error: a decision on its way up
    """What was loaded of a table, or the last of it, is lost or uncertain."""


@dataclass(slots=True)
class _Filling:
    """How far a table is."""

    table: Table
    transactional: bool
    point: Point
    stored: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A piece, and what its transaction notes beside its rows."""

    piece: Piece
    keep: Sequence[str]
    point: Point


class Loader:
    """Puts tables into the clone's schema, through server restarts and cut connections."""

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        tell: Callable[[int, int], None],
        keeper: Keeper | None = None,
    ) -> None:
        """Load through `connection`; `tell` hears of the rows and bytes of whatever is in.

        What `keeper` remembers is stored together with the rows it was seen in.
        """
        self._connection = connection
        self._ledger = ledger
        self._tell = tell
        self._keeper = keeper
        self._dialect: Dialect | None = None
        self._limit = 0
        self.changes: list[str] = []

    def load(self, table: Table, rows: Rows) -> Arrived:
        """Load the table whole, or raise ImportFailed; what an earlier run has loaded stays."""
        for _ in range(MAX_BEGINNINGS):
            try:
                return self._load(table, rows)
            except _BeginAgain:
                if self._keeper:
                    self._keeper.renew()
        raise ImportFailed(
            Reason.DATABASE_UNAVAILABLE,
            f"The clone's database server was lost too often while loading {clean(table.name, 64)}",
            retryable=True,
        )

    def _load(self, table: Table, rows: Rows) -> Arrived:
        doing = f"loading {clean(table.name, 64)}"
        filling = self._connection.steady(lambda: self._begun(table), doing)
        # One piece is on its way to the server while the next one is read and rewritten.
        with ThreadPoolExecutor(1) as sender:
            try:
                on_the_way: Future[None] | None = None
                for piece, point in _streamed(filling, rows):
                    self._await(on_the_way)
                    step = _Step(piece, self._keeper.unkept() if self._keeper else (), point)
                    on_the_way = sender.submit(self._put, filling, step)
                self._await(on_the_way)
            except BaseException as error:
                if not isinstance(error, Exception):
                    self._connection.end()  # we are to stop: the sender must not finish first
                raise
        return self._connection.steady(lambda: self._finish(filling), doing)

    def _await(self, on_the_way: Future[None] | None) -> None:
        if on_the_way:
            on_the_way.result()
            if self._keeper:
                self._keeper.kept()

    def _begun(self, table: Table) -> _Filling:
        """Go on with a table that is half there, or make it anew."""
        if self._dialect is None:
            self._dialect = dialect(self._connection)
            packet = int(self._connection.value("SELECT @@max_allowed_packet"))
            self._limit = packet - PACKET_MARGIN
        definition = ddl.mapped(table.name, table.ddl, self._dialect)
        shape = hashlib.sha256(_COUNTER.sub(b"", table.ddl)).hexdigest()
        point = self._ledger.point(table.name)
        if point is None or point.shape != shape:
            point = Point(shape)
            self._create(table, definition)
        self._connection.speak("binary")
        self.changes += [c for c in definition.changes if c not in self.changes]
        self._tell(point.arrived.rows, point.arrived.bytes)
        return _Filling(table, definition.transactional, point, point.arrived.rows)

    def _create(self, table: Table, definition: Definition) -> None:
        self._connection.speak("utf8mb4")
        self._ledger.begin(table.name)
        self._connection.run(f"DROP TABLE IF EXISTS {quoted(table.name)}")
        try:
            self._connection.run(definition.sql)
        except pymysql.MySQLError as error:
            if mysqlerrors.is_about_us(error):
                raise
            raise _unknown_definition(table, error) from error

    def _put(self, filling: _Filling, step: _Step) -> None:
        """Load one piece exactly once, whatever happens to the connection meanwhile."""
        name = filling.table.name
        piece = step.piece
        cut = [
            sql
            for insert in statements.inserts(name, piece.sql)
            for sql in statements.fitting(name, insert, self._limit)
        ]
        for _ in range(MAX_REPEATS):
            try:
                stored = self._send(filling, step, cut)
            except pymysql.MySQLError as error:
                if self._is_in(filling, step, error):
                    stored = piece.rows
                else:
                    continue
            filling.stored += stored
            filling.point = step.point
            self._tell(piece.rows, len(piece.sql))
            return
        raise _BeginAgain

    def _send(self, filling: _Filling, step: _Step, cut: list[bytes]) -> int:
        stored = 0
        with self._connection.transaction():
            for sql in cut:
                done = self._connection.run(sql)
                if done.warnings:
                    damage.check(self._connection, filling.table.name)
                stored += done.rows
            for statement in step.keep:
                self._connection.run(statement)
            # Without transactions, half of a piece may be in: such a table has to begin anew.
            self._ledger.mark(filling.table.name, step.point, resumable=filling.transactional)
        return stored

    def _is_in(self, filling: _Filling, step: _Step, error: pymysql.MySQLError) -> bool:
        """After a fault: True if the piece is in all the same, False if it has to be repeated."""
        if mysqlerrors.number(error) in mysqlerrors.REPEATABLE and filling.transactional:
            return False
        if not mysqlerrors.is_gone(error):
            raise mysqlerrors.failure(error, f"loading {clean(filling.table.name, 64)}") from error
        self._connection.reopen()
        last = self._connection.steady(
            lambda: self._ledger.piece(filling.table.name), "looking how far it is"
        )
        # A table without transactions may hold any part of the piece; and a server that has lost
        # pieces it had confirmed (a crash with relaxed durability) has lost part of this table.
        if not filling.transactional or last not in {step.point.piece, step.point.piece - 1}:
            raise _BeginAgain from error
        return last == step.point.piece

    def _finish(self, filling: _Filling) -> Arrived:
        name, sent = filling.table.name, filling.point.arrived.rows
        there = int(self._connection.value(f"SELECT COUNT(*) FROM {quoted(name)}"))  # noqa: S608  quoted
        if not sent == filling.stored == there:
            raise ImportFailed(
                Reason.VERIFICATION_FAILED,
                f"Table {clean(name, 64)}: the source sent {sent:,} rows,"
                f" {filling.stored:,} were stored and {there:,} are there",
            )
        self._ledger.finish(name, filling.point.arrived)
        return filling.point.arrived


def _streamed(filling: _Filling, rows: Rows) -> Iterator[tuple[Piece, Point]]:
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
    return ddl.Dialect(frozenset(collations), frozenset(engines))


def quoted(name: str) -> str:
    """Return a table's name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def _unknown_definition(table: Table, error: pymysql.MySQLError) -> ImportFailed:
    said = clean(str(error.args[-1]), 160)
    return ImportFailed(
        Reason.DATABASE_ENGINE_MISMATCH,
        f"The clone's database server cannot make table {clean(table.name, 64)} as the source has"
        f" it: {said}",
    )
