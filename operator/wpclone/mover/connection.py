# SPDX-License-Identifier: Apache-2.0
"""Holds a connection into the clone's schema, and the clone's lock with it."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeVar

import pymysql
from pymysql import cursors

from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed
from wpclone.mover import mysqlerrors

if TYPE_CHECKING:
    from wpclone.mover.config import Database

CONNECT_SECONDS: Final = 10
# One statement carries a few megabytes; a server that needs longer for them is of no use.
STATEMENT_SECONDS: Final = 300
# How long a server may be away (a restart, a failover) before this attempt gives up.
OUTAGE_SECONDS: Final = 180
# How long it may refuse our user or schema: they were made a moment ago.
SHUT_SECONDS: Final = 20
MAX_REPEATS: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 5.0
# The server ends a session that has been idle for so long: the lock of a mover that vanished with
# its node is free afterwards, and a new one waits for it just a little longer.
IDLE_SECONDS: Final = 120
LOCK_SECONDS: Final = 150
# The most the server keeps. With its default of 64, harmless warnings hide a harmful one.
MAX_WARNINGS: Final = 65_535
# Damage must not pass in silence, but zero dates and ids of 0 are WordPress' own, and old sites
# hold a 30th of February: so no strict mode, and the loader looks at the warnings instead.
SQL_MODE: Final = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"

Params = Sequence[object]
Row = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """What a statement did."""

    rows: int
    warnings: int


class _NoPlainPassword:
    """Refuses the ways of logging in that would send the password as it is."""

    def __init__(self, wire: object) -> None:
        """Take what PyMySQL hands to every plugin."""

    def authenticate(self, _packet: object) -> NoReturn:
        """Refuse: a server that asks for it is not ours, or somebody stands in between."""
        raise ImportFailed(
            Reason.DATABASE_UNAVAILABLE,
            "The clone's database server asks for the password in clear text; that is refused",
        )


_PLUGINS: Final[dict[str, Any]] = dict.fromkeys(
    ("mysql_clear_password", "dialog", "mysql_old_password"), _NoPlainPassword
)


class Connection:
    """The way into the clone's schema: whoever has it holds the clone's lock.

    It comes back after a fault of the server or the network (`reopen`), with all its settings.
    """

    def __init__(self, database: Database, lock: str, outage: float = OUTAGE_SECONDS) -> None:
        """Prepare; `lock` names what only one mover at a time may work on."""
        self._database = database
        self._lock = lock
        self._outage = outage
        self._names = "utf8mb4"
        self._wire: Any = None
        self._over = False

    def __enter__(self) -> Self:
        """Connect, waiting for a server that is about to come."""
        self.reopen()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave; the server frees the lock."""
        self.end()

    def another(self, name: str) -> Connection:
        """Return a second way into the schema, not open yet, with a lock of its own.

        So whoever has opened both knows that nothing an earlier mover has sent is still at work.
        """
        return Connection(self._database, f"{self._lock}-{name}", self._outage)

    def speak(self, names: str) -> None:
        """Use this character set from now on: `binary` for rows as they are, `utf8mb4` else."""
        self._names = names
        self.run(f"SET NAMES {names}")

    @contextlib.contextmanager
    def patiently(self, seconds: float) -> Iterator[None]:
        """Wait for the answers to what is asked inside for longer than usual."""
        wire = self._wire
        if wire is not None:
            wire._read_timeout = seconds  # noqa: SLF001  there is no other way to change it
        try:
            yield
        finally:
            if wire is not None:
                wire._read_timeout = STATEMENT_SECONDS  # noqa: SLF001

    def query(self, sql: str, params: Params | None = None) -> list[Row]:
        """Return all rows of a small result, as bytes and numbers."""
        with self._cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def stream(self, sql: str) -> Iterator[Row]:
        """Give the rows of a result one by one; nothing else may be asked meanwhile."""
        if self._wire is None:
            raise pymysql.err.InterfaceError(0, "not connected")
        with self._wire.cursor(cursors.SSCursor) as cursor:
            cursor.execute(sql)
            yield from cursor.fetchall_unbuffered()

    def value(self, sql: str, params: Params | None = None) -> Any:
        """Return the first column of the first row, or None."""
        rows = self.query(sql, params)
        return rows[0][0] if rows else None

    def run(self, sql: str | bytes | memoryview, params: Params | None = None) -> Done:
        """Run a statement that returns nothing."""
        with self._cursor() as cursor:
            # PyMySQL takes bytes too, and a view of them, and sends them as they are, 16 MB at a
            # time; its types say otherwise.
            rows = cursor.execute(sql, params)
            return Done(rows, cursor.warning_count)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside one step: all of it, or none."""
        self.run("START TRANSACTION")
        try:
            yield
        except BaseException:
            with contextlib.suppress(pymysql.MySQLError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def steady(self, step: Callable[[], T], doing: str) -> T:
        """Run a step that may be repeated, again after each lost connection; map other errors."""
        for repeats_left in reversed(range(MAX_REPEATS)):
            try:
                return step()
            except pymysql.MySQLError as error:
                if not repeats_left or not mysqlerrors.is_repeatable(error):
                    raise mysqlerrors.failure(error, doing) from error
                self.reopen()
        raise AssertionError("the last repeat returns or raises")

    def reopen(self) -> None:
        """Connect anew, patiently; raise DatabaseUnavailable once the server's time is over."""
        self._drop()
        begun = time.monotonic()
        pause = FIRST_PAUSE_SECONDS
        while not self._over:
            try:
                self._wire = self._connect()
            except pymysql.MySQLError as error:
                if time.monotonic() - begun > self._patience(error):
                    raise mysqlerrors.failure(error, "connecting to it") from error
                # Some spread, so that the movers of a restarted server do not return as one.
                time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                return
        raise ImportFailed(Reason.IMPORT_FAILED, "The import was stopped", retryable=True)

    def _patience(self, error: pymysql.MySQLError) -> float:
        """Return for how many seconds such an error is worth waiting."""
        if mysqlerrors.is_untrusted(error):
            return 0.0
        if mysqlerrors.is_gone(error):
            return self._outage
        return min(self._outage, SHUT_SECONDS) if mysqlerrors.is_shut(error) else 0.0

    def end(self) -> None:
        """Drop the connection for good, whatever it is doing, also from another thread."""
        self._over = True
        self._drop()

    def disown(self) -> None:
        """Forget the connection in a forked child, without a word to the server."""
        wire, self._wire = self._wire, None
        self._over = True
        if wire is not None:
            wire._force_close()  # noqa: SLF001  closes this process' copy only

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            _cut(wire)

    def _cursor(self) -> Any:
        if self._wire is None:
            raise pymysql.err.InterfaceError(0, "not connected")
        return self._wire.cursor()

    def _connect(self) -> Any:
        # Without an authority TLS is used if the server offers it, PyMySQL's default; with one,
        # nothing else is spoken.
        ca = self._database.ca
        wire: Any = pymysql.connect(
            host=self._database.host,
            port=self._database.port,
            user=self._database.user,
            password=self._database.password,
            database=self._database.name,
            charset="utf8mb4",
            use_unicode=False,
            autocommit=True,
            local_infile=False,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=STATEMENT_SECONDS,
            write_timeout=STATEMENT_SECONDS,
            auth_plugin_map=_PLUGINS,
            ssl_ca=None if ca is None else str(ca),
            ssl_verify_cert=True if ca else None,
            ssl_verify_identity=True if ca else None,
        )
        try:
            self._settle(wire)
        except BaseException:
            _cut(wire)
            raise
        return wire

    def _settle(self, wire: Any) -> None:
        with wire.cursor() as cursor:
            cursor.execute(
                "SET SESSION sql_mode=%s, foreign_key_checks=0, unique_checks=0,"
                " time_zone='+00:00', wait_timeout=%s, max_error_count=%s",
                (SQL_MODE, IDLE_SECONDS, MAX_WARNINGS),
            )
            cursor.execute(f"SET NAMES {self._names}")
            cursor.execute("SELECT GET_LOCK(%s, %s)", (self._lock, LOCK_SECONDS))
            held = cursor.fetchone()
        if not held or held[0] != 1:
            raise ImportFailed(
                Reason.DATABASE_UNAVAILABLE,
                "Another import of this clone is still at work on its database",
                retryable=True,
            )


def _cut(wire: Any) -> None:
    """Close without the server's word, which `close` would wait for."""
    # Another thread may be waiting on this socket: only a shutdown wakes it.
    with contextlib.suppress(OSError, AttributeError):
        wire._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001
    wire._force_close()  # noqa: SLF001
