# SPDX-License-Identifier: Apache-2.0
"""Fills one table of the clone through one connection: made, loaded by pieces, indexed, counted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pymysql

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import damage, keys, mysqlerrors, statements
from wpclone.mover.ledger import Arrived, Ledger, Point

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.ddl import Definition
    from wpclone.mover.sources.base import Copy, Piece, Table

MAX_REPEATS: Final = 5
# Sorting a table of many gigabytes takes its time, and says nothing meanwhile.
INDEX_SECONDS: Final = 3_600
# Smaller tables gain less from it than the further statement costs.
WORTH_SORTING_BYTES: Final = 262_144
# A page of 16 KB keeps a sixteenth free for rows that come later (InnoDB).
MOST_BETWEEN: Final = 1 / 16
# It grows with every row written on the source, and says nothing about the table's shape.
COUNTER: Final = re.compile(rb" AUTO_INCREMENT=[0-9]+")


class BeginAgain(Exception):  # noqa: N818  not an error: a decision on its way up
    """Part of what was loaded of a table is lost or uncertain: go on from what the ledger says."""


class Estranged(Exception):  # noqa: N818  likewise
    """The server does not copy this table by itself after all: its rows have to be streamed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a table is filled.

    One that is `bound` to others by foreign keys needs its indexes early; of one that is `near`,
    the server copies what it can by itself before the rest is streamed.
    """

    bound: bool = False
    near: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A piece, and what its transaction notes beside its rows."""

    piece: Piece
    keep: Sequence[str]
    point: Point


class Filling:
    """One table on its way; its pieces come one after another."""

    def __init__(
        self,
        connection: Connection,
        table: Table,
        definition: Definition,
        limit: int,
        manner: Manner,
    ) -> None:
        """Take the table; no statement may be longer than `limit`."""
        self.table = table
        self.near = manner.near
        shape = hashlib.sha256(COUNTER.sub(b"", table.ddl)).hexdigest()
        # Where one way has stopped, the other cannot go on.
        self.point = Point(shape + ":near" if manner.near else shape)
        self._connection = connection
        self._ledger = Ledger(connection)
        self._definition = definition
        self._limit = limit
        sorts = not manner.bound and table.bytes >= WORTH_SORTING_BYTES
        self._later: Sequence[bytes] = definition.later if sorts else ()
        self._doing = f"loading {clean(table.name, 64)}"
        self._stored = 0

    def begin(self) -> None:
        """Go on with a table that is half there, or make it anew."""
        self.point = self._connection.steady(self._begun, self._doing)
        self._stored = self.point.arrived.rows

    def _begun(self) -> Point:
        point = self._ledger.point(self.table.name)
        if point is None or point.shape != self.point.shape:
            point = Point(self.point.shape)
            self._create()
        elif self._definition.later:
            self._later = self._definition.later  # an earlier run may have put them off
        self._connection.speak("binary")
        return point

    def _create(self) -> None:
        definition = self._definition
        self._connection.speak("utf8mb4")
        self._ledger.begin(self.table.name)
        self._connection.run(f"DROP TABLE IF EXISTS {quoted(self.table.name)}")
        try:
            self._connection.run(definition.first if self._later else definition.sql)
        except pymysql.MySQLError as error:
            if mysqlerrors.is_about_us(error):
                raise
            raise _unknown_definition(self.table, error) from error

    def copy(self, copy: Copy) -> None:
        """Let the server copy rows exactly once; Estranged if it does not do so."""
        for _ in range(MAX_REPEATS):
            try:
                self.point = self._copied(copy)
            except pymysql.MySQLError as error:
                if mysqlerrors.number(error) in mysqlerrors.REPEATABLE:
                    continue
                if mysqlerrors.is_gone(error):
                    self._connection.reopen()
                    raise BeginAgain from error
                if mysqlerrors.is_full(error):
                    raise mysqlerrors.failure(error, self._doing) from error
                raise Estranged from error
            self._stored = self.point.arrived.rows
            return
        raise BeginAgain

    def _copied(self, copy: Copy) -> Point:
        name, point = self.table.name, self.point
        # Each statement sees what is committed, and no row of the other schema is locked.
        self._connection.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        with self._connection.transaction():
            done = self._connection.run(copy.sql)
            if done.warnings:
                damage.check(self._connection, name)
            ((rows, size),) = self._connection.query(copy.measured)
            if int(rows) != done.rows:
                raise _miscounted(self.table, done.rows, int(rows))
            came = Arrived(rows=done.rows, bytes=int(size or 0), neighbours=done.rows)
            point = Point(point.shape, point.piece + 1, copy.cursor, point.arrived.plus(came))
            self._ledger.mark(name, point, resumable=True)
        return point

    def put(self, step: Step) -> None:
        """Load one piece exactly once, whatever happens to the connection meanwhile."""
        cut = self._statements(step.piece)
        for _ in range(MAX_REPEATS):
            try:
                stored = self._send(step, cut)
            except pymysql.MySQLError as error:
                if not self._is_in(step, error):
                    continue
                stored = step.piece.rows
            self._stored += stored
            self.point = step.point
            return
        raise BeginAgain

    def _statements(self, piece: Piece) -> list[memoryview]:
        name = self.table.name
        return [
            sql
            for insert in statements.inserts(name, piece.sql)
            for sql in statements.fitting(name, insert, self._limit)
        ]

    def _send(self, step: Step, cut: Sequence[memoryview]) -> int:
        stored = 0
        transactional = self._definition.transactional
        with self._connection.transaction():
            for sql in cut:
                done = self._connection.run(sql)
                if done.warnings:
                    damage.check(self._connection, self.table.name)
                stored += done.rows
            for statement in step.keep:
                self._connection.run(statement)
            # Without transactions, half of a piece may be in: such a table has to begin anew.
            self._ledger.mark(self.table.name, step.point, resumable=transactional)
        return stored

    def _is_in(self, step: Step, error: pymysql.MySQLError) -> bool:
        """After a fault: True if the piece is in all the same, False if it has to be repeated."""
        transactional = self._definition.transactional
        if mysqlerrors.number(error) in mysqlerrors.REPEATABLE and transactional:
            return False
        if not mysqlerrors.is_gone(error):
            raise mysqlerrors.failure(error, self._doing) from error
        self._connection.reopen()
        last = self._connection.steady(
            lambda: self._ledger.piece(self.table.name), "looking how far it is"
        )
        # A table without transactions may hold any part of the piece; and a server that has lost
        # pieces it had confirmed (a crash with relaxed durability) has lost part of this table.
        if not transactional or last not in {step.point.piece, step.point.piece - 1}:
            raise BeginAgain from error
        return last == step.point.piece

    def finish(self) -> None:
        """Add the indexes that were put off, count, and call the table finished."""
        self._connection.steady(self._finish, self._doing)

    def _finish(self) -> None:
        name, arrived = self.table.name, self.point.arrived
        with self._connection.patiently(INDEX_SECONDS):
            self._sort()
            there = int(self._connection.value(f"SELECT COUNT(*) FROM {quoted(name)}"))  # noqa: S608  quoted
        if not arrived.rows == self._stored == there:
            raise ImportFailed(
                Reason.VERIFICATION_FAILED,
                f"Table {clean(name, 64)}: the source sent {arrived.rows:,} rows,"
                f" {self._stored:,} were stored and {there:,} are there",
            )
        self._ledger.finish(name, arrived)

    @property
    def _has_gaps(self) -> bool:
        """Whether many rows came between those that were copied, which leaves pages half empty."""
        arrived = self.point.arrived
        return 0 < arrived.neighbours < arrived.rows * (1 - MOST_BETWEEN)

    def _sort(self) -> None:
        """Add the indexes that are not there yet: an interrupted run may have made them."""
        if not self._later:
            return
        connection, table = self._connection, quoted(self.table.name)
        connection.speak("utf8mb4")
        found = connection.query(f"SHOW KEYS FROM {table}")
        there = {row[2].decode("utf-8", "replace").lower() for row in found}
        missing = [key for key in self._later if keys.name(key).lower() not in there]
        if missing:
            changes = [b"ADD " + key for key in missing]
            if self._has_gaps:
                changes.insert(0, b"FORCE")  # in the same go, it is written anew
            connection.run(b"ALTER TABLE " + table.encode() + b" " + b", ".join(changes))
        connection.speak("binary")


def quoted(name: str) -> str:
    """Return a table's name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def _miscounted(table: Table, copied: int, there: int) -> ImportFailed:
    return ImportFailed(
        Reason.VERIFICATION_FAILED,
        f"Table {clean(table.name, 64)}: {copied:,} rows were copied and {there:,} are there",
    )


def _unknown_definition(table: Table, error: pymysql.MySQLError) -> ImportFailed:
    said = clean(str(error.args[-1]), 160)
    return ImportFailed(
        Reason.DATABASE_ENGINE_MISMATCH,
        f"The clone's database server cannot make table {clean(table.name, 64)} as the source has"
        f" it: {said}",
    )
