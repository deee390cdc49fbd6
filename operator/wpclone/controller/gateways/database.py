# SPDX-License-Identifier: Apache-2.0
"""Makes and drops schemas and users on the shared servers, and records whose they are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import pymysql
from pymysql.constants import CR, ER

from wpclone.api.reasons import Reason
from wpclone.controller.gateways import register
from wpclone.controller.ports import DatabaseView, Fence, Owner, Unavailable
from wpclone.controller.settings import DatabaseServer, Settings

TIMEOUT: Final = 15
# What WordPress and its plugins need of their own schema; nothing reaches beyond it.
GRANTS: Final = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, LOCK TABLES, "
    "CREATE TEMPORARY TABLES, CREATE VIEW, SHOW VIEW, TRIGGER"
)
_DENIED: Final = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, 1698})
_FULL: Final = frozenset({ER.DISK_FULL, ER.RECORD_FILE_FULL})
_NO_RIGHT: Final = frozenset({ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR})

T = TypeVar("T")
Cursor = Any


class MySQLDatabase:
    """The shared servers of the settings, each entered with its provisioner account."""

    def __init__(self, settings: Settings, fence: Fence) -> None:
        """Take the servers, and who knows whether we may write."""
        self._servers = {server.name: server for server in settings.databases}
        self._fence = fence
        # One statement at a time per server: a mass DROP DATABASE would stall everybody on it.
        self._turns = {name: asyncio.Semaphore(1) for name in self._servers}

    async def view(self, server: str, name: str) -> DatabaseView:
        """Return what the server has under this name now."""
        return await self._run(server, lambda cursor: _view(cursor, name))

    async def provide(self, server: str, name: str, owner: Owner, password: str) -> None:
        """Claim the name, make schema and user, and set the user's password."""
        known = self._server(server)
        await self._run(
            server, lambda cursor: _provide(cursor, known, name, owner, password), writes=True
        )

    async def admits(self, server: str, name: str, password: str) -> bool:
        """Tell whether this password opens the clone's schema to its user; True if unclear."""
        known = self._server(server)

        def attempt() -> bool:
            try:
                # Into its schema: a kill between user and grant leaves a user that gets no further.
                _connect(known, name, password, schema=name).close()
            except pymysql.MySQLError as error:
                return register.code(error) not in _DENIED
            except OSError:
                pass  # the authority's certificate cannot be read: `view` tells of it
            return True

        return await asyncio.to_thread(attempt)

    async def lend(self, server: str, name: str, owner: Owner, lender: str) -> None:
        """Let the user read another schema of the installation beside its own."""
        await self._run(
            server, lambda cursor: register.lend(cursor, name, owner, lender), writes=True
        )

    async def reclaim(self, server: str, name: str, owner: Owner) -> None:
        """Let the user read its own schema only."""
        await self._run(server, lambda cursor: register.reclaim(cursor, name, owner), writes=True)

    async def drop(self, server: str, name: str, owner: Owner) -> None:
        """Remove user, schema and claim, if they are this owner's."""
        await self._run(server, lambda cursor: _drop(cursor, name, owner), writes=True)

    def _server(self, name: str) -> DatabaseServer:
        if name not in self._servers:
            raise Unavailable(
                Reason.DATABASE_UNAVAILABLE, f"The database server {name} is not in the settings"
            )
        return self._servers[name]

    async def _run(self, server: str, work: Callable[[Cursor], T], *, writes: bool = False) -> T:
        known = self._server(server)

        def attempt() -> T:
            with (
                _translated(server),
                contextlib.closing(_provisioner(known)) as connection,
                connection.cursor() as cursor,
            ):
                return work(cursor)

        async with self._turns[server]:
            if writes:
                self._fence.check()  # only now: the lease may be lost while others have their turn
            return await _to_its_end(attempt)


async def _to_its_end(work: Callable[[], T]) -> T:
    """Run work in a thread; cancelled, wait for it: it goes on, and must not outlive the lease."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        running.exception()  # taken note of: nobody else asks any more
        raise


def _provisioner(server: DatabaseServer) -> Any:
    # Read at each connection: a rotated password is picked up without a restart.
    user, password = (_secret(server.secret_dir, key) for key in ("username", "password"))
    return _connect(server, user, password)


def _secret(folder: Path, key: str) -> str:
    try:
        return (folder / key).read_text(encoding="utf-8").strip("\n")
    except OSError as error:
        raise Unavailable(
            Reason.DATABASE_UNAVAILABLE, "The operator's login for the database is not mounted"
        ) from error


def _connect(server: DatabaseServer, user: str, password: str, schema: str | None = None) -> Any:
    secure = bool(server.ca_file)
    return pymysql.connect(
        host=server.host,
        port=server.port,
        user=user,
        password=password,
        database=schema,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=5,
        read_timeout=TIMEOUT,
        write_timeout=TIMEOUT,
        local_infile=False,
        init_command=f"SET SESSION lock_wait_timeout={TIMEOUT - 5}",
        ssl_ca=server.ca_file or None,
        ssl_verify_cert=secure or None,
        ssl_verify_identity=secure or None,
    )


@contextlib.contextmanager
def _translated(server: str) -> Iterator[None]:
    # The text of a server's error may echo data or statements: only its number travels on.
    try:
        yield
    except pymysql.MySQLError as error:
        code = register.code(error)
        if code in _DENIED:
            said = (
                f"The database server {server} refused the operator's login;"
                " the operator's Secret for it has to hold the right password"
            )
        elif code in _FULL:
            raise Unavailable(
                Reason.DATABASE_FULL, f"The database server {server} has no room left"
            ) from error
        elif code in {CR.CR_CONN_HOST_ERROR, CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR}:
            said = f"The database server {server} cannot be reached"
        else:
            said = f"The database server {server} answered with error {code}"
        raise Unavailable(Reason.DATABASE_UNAVAILABLE, said) from error
    except OSError as error:
        # Whatever the network does is an error of MySQL above; this is the file of the authority.
        raise Unavailable(
            Reason.DATABASE_UNAVAILABLE,
            f"The certificate authority of the database server {server} cannot be read;"
            " the operator's Secret for it has to hold ca.crt",
        ) from error


def _view(cursor: Cursor, name: str) -> DatabaseView:
    cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (name,))
    schema = cursor.fetchone() is not None
    owner = register.owner(cursor, name)
    lender, certain = register.reads(cursor, name)
    user = _user(cursor, name, owner)
    return DatabaseView(owner=owner, schema=schema, user=user, reads=lender, certain=certain)


def _user(cursor: Cursor, name: str, owner: Owner | None) -> bool:
    try:
        cursor.execute("SELECT 1 FROM mysql.user WHERE user = %s", (name,))
    except pymysql.MySQLError as error:
        if register.code(error) in _NO_RIGHT:
            return owner is not None  # the claim goes last: while it stands, the user may too
        raise
    return cursor.fetchone() is not None


def _provide(
    cursor: Cursor, server: DatabaseServer, name: str, owner: Owner, password: str
) -> None:
    register.claim(cursor, name, owner)
    cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
    secure = "REQUIRE SSL" if server.ca_file else "REQUIRE NONE"
    limits = f"{secure} WITH MAX_USER_CONNECTIONS {server.max_user_connections}"
    for verb in ("CREATE USER IF NOT EXISTS", "ALTER USER"):
        # Both, always: an existing user keeps its old password through the first.
        cursor.execute(f"{verb} '{name}'@'%%' IDENTIFIED BY %s {limits}", (password,))
    register.doubt(cursor, name)
    cursor.execute(f"GRANT {GRANTS} ON `{name}`.* TO '{name}'@'%'")


def _drop(cursor: Cursor, name: str, owner: Owner) -> None:
    found = register.owner(cursor, name)
    if found is None:
        return
    if found != owner:
        raise register.refused(name)
    cursor.execute(f"DROP USER IF EXISTS '{name}'@'%'")
    cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
    # Last: as long as anything of it may be left, the claim says whose it is.
    register.unclaim(cursor, name)
