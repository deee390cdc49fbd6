# SPDX-License-Identifier: Apache-2.0
"""Finds out whether the clone that is copied is a neighbour: on our server, and open to us."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pymysql

from wpclone.errors import SourceError
from wpclone.mover.sources.database.pool import Pool
from wpclone.mover.sources.database.wire import Server
from wpclone.mover.sources.neighbour.neighbour import Neighbour, Schemas

if TYPE_CHECKING:
    from wpclone.mover.config import Database
    from wpclone.mover.connection import Connection
    from wpclone.rewrite import Prefilter

# In these, names of tables and columns arrive as they are, too.
_CHARSETS: Final = frozenset(("utf8", "utf8mb3", "utf8mb4"))


@dataclass(frozen=True, slots=True)
class Way:
    """How we get into our own schema, and so into the other one."""

    connection: Connection
    database: Database
    budget: float
    """For how many seconds a server that was there is waited for."""


@contextlib.contextmanager
def neighbour(way: Way, schemas: Schemas, prefilter: Prefilter) -> Iterator[Neighbour | None]:
    """Yield the neighbour for a while, None if there is none: the guard has all its rows, too."""
    found = None
    if schemas.charset in _CHARSETS:
        with contextlib.suppress(pymysql.MySQLError, SourceError, OSError):
            found = _met(way, schemas)
    if found is None:
        yield None
        return
    try:
        yield Neighbour(found, schemas, prefilter)
    finally:
        found.close()


def _met(way: Way, schemas: Schemas) -> Pool | None:
    """Return the way into the other schema, or None if we are not let in."""
    connection, database = way.connection, way.database
    # Such a log would refuse to copy without locking the other clone's rows.
    ((logs, form),) = connection.query("SELECT @@log_bin, @@binlog_format")
    there = connection.query(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = %s LIMIT 1",
        (schemas.theirs,),
    )
    if not there or (logs and form == b"STATEMENT"):
        return None
    server = Server(
        host=database.host,
        port=database.port,
        addresses=(database.host,),
        schema=schemas.theirs,
        user=database.user,
        password=database.password,
        tls=_tls(connection, database),
    )
    pool = Pool(server, schemas.charset, way.budget)
    with pool.lent() as wire:
        wire.value("SELECT 1")
    return pool


def _tls(connection: Connection, database: Database) -> ssl.SSLContext | None:
    """Speak TLS as the connection that loads does."""
    made = ssl.create_default_context(cafile=database.ca)
    if database.ca is not None:
        # Authorities that MySQL and MariaDB make for themselves lack what newer Pythons insist on.
        made.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return made
    ((_, cipher),) = connection.query("SHOW STATUS LIKE 'Ssl_cipher'")
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made if cipher else None
