# SPDX-License-Identifier: Apache-2.0
"""Loads one table into the clone: created afresh, filled piece by piece, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import pymysql

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import damage, ddl, mysqlerrors, statements
from wpclone.mover.ledger import Arrived, Ledger

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.ddl import Definition, Dialect
    from wpclone.mover.sources.base import Piece, Table

# The statement's own header, and what the server adds.
PACKET_MARGIN: Final = 1_024
# A table that has to be begun anew so often will not get better.
MAX_BEGINNINGS: Final = 4
MAX_REPEATS: Final = 5


class Rows(Protocol):
    """Streams a table's rewritten pieces, and says afterwards what was seen in them."""

    def pieces(self, table: Table) -> Iterator[Piece]:
        """Begin the table anew and stream it."""
        ...

    def seen(self) -> Arrived:
        """Return the counters of the table streamed last."""
        ...


class _BeginAgain(Exception):  # noqa: N818  not an error: a decision on its way up
    """What was loaded of a table is lost or uncertain."""


@dataclass(slots=True)
class _Filling:
    """How far a table is."""

    table: Table
    transactional: bool
    piece: int = 0
    sent: int = 0
    stored: int = 0
    bytes: int = 0


class Loader:
    """Puts tables into the clone's schema, through server restarts and cut connections."""

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        tell: Callable[[Piece], None],
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        """Load through `connection`; `tell` hears of every piece that is in.

        `keep` stores what has to outlive this run before a table is called finished.
        """
        self._connection = connection
        self._ledger = ledger
        self._tell = tell
        self._keep = keep
        self._dialect: Dialect | None = None
        self._limit = 0
        self.changes: list[str] = []

    def load(self, table: Table, rows: Rows) -> Arrived:
        """Load the table whole, or raise ImportFailed; an earlier half of it is replaced."""
        for _ in range(MAX_BEGINNINGS):
            try:
                return self._load(table, rows)
            except _BeginAgain:
                continue
        raise ImportFailed(
            Reason.DATABASE_UNAVAILABLE,
            f"The clone's database server was lost too often while loading {clean(table.name, 64)}",
            retryable=True,
        )

    def _load(self, table: Table, rows: Rows) -> Arrived:
        doing = f"loading {clean(table.name, 64)}"
        definition = self._connection.steady(lambda: self._create(table), doing)
        filling = _Filling(table, definition.transactional)
        # One piece is on its way to the server while the next one is read and rewritten.
        with ThreadPoolExecutor(1) as sender:
            try:
                on_the_way: Future[None] | None = None
                for piece in rows.pieces(table):
                    if on_the_way:
                        on_the_way.result()
                    on_the_way = sender.submit(self._put, filling, piece)
                if on_the_way:
                    on_the_way.result()
            except BaseException as error:
                if not isinstance(error, Exception):
                    self._connection.end()  # we are to stop: the sender must not finish first
                raise
        return self._connection.steady(lambda: self._finish(filling, rows.seen()), doing)

    def _create(self, table: Table) -> Definition:
        if self._dialect is None:
            self._dialect = dialect(self._connection)
            packet = int(self._connection.value("SELECT @@max_allowed_packet"))
            self._limit = packet - PACKET_MARGIN
        definition = ddl.mapped(table.name, table.ddl, self._dialect)
        self._connection.speak("utf8mb4")
        name = quoted(table.name)
        self._connection.run(f"DROP TABLE IF EXISTS {name}")
        try:
            self._connection.run(definition.sql)
        except pymysql.MySQLError as error:
            if mysqlerrors.is_about_us(error):
                raise
            raise _unknown_definition(table, error) from error
        self._ledger.begin(table.name)
        self._connection.speak("binary")
        self.changes += [c for c in definition.changes if c not in self.changes]
        return definition

    def _put(self, filling: _Filling, piece: Piece) -> None:
        """Load one piece exactly once, whatever happens to the connection meanwhile."""
        name = filling.table.name
        cut = [
            sql
            for insert in statements.inserts(name, piece.sql)
            for sql in statements.fitting(name, insert, self._limit)
        ]
        filling.piece += 1
        for _ in range(MAX_REPEATS):
            try:
                stored = self._send(filling, cut)
            except pymysql.MySQLError as error:
                if self._is_in(filling, error):
                    stored = piece.rows
                else:
                    continue
            filling.sent += piece.rows
            filling.stored += stored
            filling.bytes += len(piece.sql)
            self._tell(piece)
            return
        raise _BeginAgain

    def _send(self, filling: _Filling, cut: list[bytes]) -> int:
        stored = 0
        with self._connection.transaction():
            for sql in cut:
                done = self._connection.run(sql)
                if done.warnings:
                    damage.check(self._connection, filling.table.name)
                stored += done.rows
            self._ledger.mark(filling.table.name, filling.piece)
        return stored

    def _is_in(self, filling: _Filling, error: pymysql.MySQLError) -> bool:
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
        if not filling.transactional or last not in {filling.piece, filling.piece - 1}:
            raise _BeginAgain from error
        return last == filling.piece

    def _finish(self, filling: _Filling, seen: Arrived) -> Arrived:
        name = filling.table.name
        there = int(self._connection.value(f"SELECT COUNT(*) FROM {quoted(name)}"))  # noqa: S608  quoted
        if not filling.sent == filling.stored == there:
            raise ImportFailed(
                Reason.VERIFICATION_FAILED,
                f"Table {clean(name, 64)}: the source sent {filling.sent:,} rows,"
                f" {filling.stored:,} were stored and {there:,} are there",
            )
        self._keep()
        arrived = seen.plus(Arrived(rows=there, bytes=filling.bytes))
        self._ledger.finish(name, arrived)
        return arrived


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
