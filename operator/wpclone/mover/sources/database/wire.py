# SPDX-License-Identifier: Apache-2.0
"""Is one connection to a server that nobody vouches for: it is asked, and obeyed in nothing.

No file of ours is ever sent, no password goes over in clear text, no answer may last or grow
without end, and nothing is written.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import pymysql
from pymysql import converters, cursors
from pymysql.connections import Connection
from pymysql.protocol import MysqlPacket

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover import mysqlerrors
from wpclone.mover.net.timed import TimedSocket
from wpclone.mover.sources.database import trouble

CONNECT_SECONDS: Final = 10.0
# One row, or one number that takes the server a while to find.
ANSWER_SECONDS: Final = 300.0
# A row without its long values has less.
MAX_PACKET: Final = 64 * 1024 * 1024
# A list of tables, columns or options; no site has longer ones.
MAX_ROWS: Final = 100_000
# How long the server keeps a half-read answer for a clone whose own database is slow.
SEND_SECONDS: Final = 600
_SETTINGS: Final = (
    "SET SESSION sql_mode = '', time_zone = '+00:00', sql_quote_show_create = 1,"
    f" net_write_timeout = {SEND_SECONDS}",
    "SET character_set_client = utf8mb4, character_set_connection = utf8mb4",
)
# A syntax error, and a system variable that is none.
_UNKNOWN: Final = frozenset({1064, 1193})
# Everything as the server sent it: only the ways to write values, none to read them.
_RAW: Any = {kind: way for kind, way in converters.conversions.items() if not isinstance(kind, int)}

# Its types do not speak of what we bound.
_PyMySQL: Any = Connection

Row = tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, who we are there, and how it proves itself."""

    host: str
    port: int
    addresses: tuple[str, ...]
    schema: str
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None

    @property
    def called(self) -> str:
        """The server's name for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"The database server {host}:{self.port}"


class Wire:
    """A connection whose errors are reasons; for one thread at a time."""

    def __init__(self, server: Server, charset: str) -> None:
        """Connect; text arrives in `charset`, which is a name the server knows."""
        self._server = server
        try:
            self._wire = _connected(server)
            for statement in (*_SETTINGS, f"SET character_set_results = {charset}"):
                self.run(statement)
            _protect(self._wire)
        except (OSError, pymysql.MySQLError, *trouble.NONSENSE) as error:
            doing, plain = "connecting to it", server.tls is None
            raise trouble.problem(error, server.called, doing, plain=plain) from error

    def run(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        self.all(sql)

    def all(self, sql: str, most: int = MAX_ROWS) -> list[Row]:
        """Return all rows of a short answer; SourceError if it is not short."""
        found = []
        for row in self.rows(sql):
            found.append(row)
            if len(found) > most:
                self.cut()
                error = trouble.Oversized()
                raise trouble.problem(error, self._server.called, "listing what is there")
        return found

    def value(self, sql: str) -> bytes | None:
        """Return the first column of the first row, or None."""
        rows = self.all(sql)
        return rows[0][0] if rows and rows[0] else None

    def rows(self, sql: str) -> Iterator[Row]:
        """Yield the rows of an answer as they come; whoever stops early loses the connection."""
        whole = False
        try:
            with contextlib.closing(cursors.SSCursor(self._wire)) as cursor:
                try:
                    cursor.execute(sql)
                    while (row := cursor.fetchone()) is not None:
                        yield row
                    whole = True
                finally:
                    if not whole:
                        self.cut()
        except (OSError, pymysql.MySQLError, *trouble.NONSENSE) as error:
            raise trouble.problem(error, self._server.called, "reading from it") from error

    def cut(self) -> None:
        """Close without the server's word, which an ordinary end would wait for."""
        result = self._wire._result  # noqa: SLF001  it would ask for the rest of its rows
        if result is not None:
            result.unbuffered_active = False
        self._wire._result = None  # noqa: SLF001
        self._wire._force_close()  # noqa: SLF001


class _Paced(TimedSocket):
    """A socket under a deadline, with what PyMySQL asks of one."""

    def settimeout(self, _seconds: float | None) -> None:
        """Keep to the deadline instead."""

    def secured(self, context: ssl.SSLContext, host: str) -> _Paced:
        """Speak TLS from here on, before the deadline."""
        self.arm()
        inner = _Paced(context.wrap_socket(self._wire, server_hostname=host))
        inner.deadline = self.deadline
        return inner


@dataclass(frozen=True, slots=True)
class _Securing:
    """Stands where PyMySQL expects a context of TLS."""

    context: ssl.SSLContext

    def wrap_socket(self, paced: _Paced, server_hostname: str) -> _Paced:
        return paced.secured(self.context, server_hostname)


class _Bounded(_PyMySQL):  # type: ignore[misc]
    """PyMySQL's connection, each of whose answers ends in time and has an end at all."""

    _taken = 0

    def _read_packet(self, packet_type: type = MysqlPacket) -> Any:
        self._taken = 0
        self._sock.deadline = time.monotonic() + ANSWER_SECONDS
        return super()._read_packet(packet_type)

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._taken += num_bytes
        if self._taken > MAX_PACKET:
            self._force_close()
            raise trouble.Oversized
        data: bytes = super()._read_bytes(num_bytes)
        return data

    def _write_bytes(self, data: bytes) -> None:
        self._sock.deadline = time.monotonic() + ANSWER_SECONDS
        super()._write_bytes(data)


class _NoPlainPassword:
    """Refuses the ways of logging in that would send the password as it is."""

    def __init__(self, _wire: object) -> None:
        """Take what PyMySQL hands to every plugin."""

    def authenticate(self, _packet: object) -> NoReturn:
        """Refuse."""
        raise SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            "The source's database server asks for the password in clear text; that is refused",
        )


_PLUGINS: Final[dict[str, Any]] = dict.fromkeys(
    ("mysql_clear_password", "dialog", "mysql_old_password"), _NoPlainPassword
)


def _connected(server: Server) -> Any:
    wire = _Bounded(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password.encode(),
        database=server.schema,
        charset="utf8mb4",
        use_unicode=False,
        conv=_RAW,
        autocommit=True,
        local_infile=False,
        auth_plugin_map=_PLUGINS,
        ssl=server.tls,
        ssl_disabled=server.tls is None,
        defer_connect=True,
    )
    if server.tls is not None:
        wire.ctx = _Securing(server.tls)
    wire.connect(_dialled(server.addresses, server.port))
    return wire


def _protect(wire: Any) -> None:
    """Make the session read-only, on a server that knows such a thing: MySQL since 5.6."""
    try:
        with wire.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
    except pymysql.MySQLError as error:
        if mysqlerrors.number(error) not in _UNKNOWN:
            raise


def _dialled(addresses: Sequence[str], port: int) -> _Paced:
    """Connect to the first vetted address that answers."""
    failure = OSError("the name has no address")
    for address in addresses:
        try:
            wire = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as error:
            failure = error
            continue
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        paced = _Paced(wire)
        paced.deadline = time.monotonic() + ANSWER_SECONDS
        return paced
    raise failure
