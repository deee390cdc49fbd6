# SPDX-License-Identifier: Apache-2.0
"""Runs the real MariaDB server behind each database instance, and keeps the copies of snapshots."""

import ipaddress
import json
import shutil
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from local import paths, pki
from local.errors import PartFailed
from local.mariadb import Server, quote
from local.processes import Record, end, spawn
from local.shell import run

# What RDS gives the master account: everything but SUPER, FILE and the like.
MASTER_RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,"
    " SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE,"
    " REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER,"
    " EVENT, TRIGGER, DELETE HISTORY"
)
# Many servers stand side by side here, and none is large: 50 MB each.
SMALL = (
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--aria-pagecache-buffer-size=8M",
    "--max-connections=100",
)
_START_SECONDS = 60.0
_RECORD = "process.json"
_PID = "mariadbd.pid"


@dataclass(frozen=True)
class Account:
    """The master account; of the password only what the server keeps too."""

    user: str
    password_hash: str


@dataclass(frozen=True)
class Home:
    """Where one instance lives; its key is never used again."""

    key: str
    address: str
    name: str  # what clients are told: the address, or a name for it
    port: int = 3306


@dataclass
class Engines:
    """All servers of one simulated AWS."""

    root: Path
    sockets: Path
    network: ipaddress.IPv4Network
    domain: str  # empty: clients are told addresses
    authority: pki.Pair
    _last: int = field(default=9, init=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False)

    def settle(self, key: str, identifier: str, port: int, taken: Collection[str]) -> Home:
        """Return a home for an instance, at the address that was free for longest."""
        count = self.network.num_addresses
        for step in range(1, count):
            host = (self._last + step) % (count - 1)
            address = str(self.network[host])
            if host and address not in taken:
                self._last = host
                # Like the public services that find an address in a name: no record to keep.
                label = address.replace(".", "-")
                name = f"{identifier}.{label}.{self.domain}" if self.domain else address
                return Home(key, address, name, port)
        raise PartFailed("aws", f"has no address left in {self.network}", self.root / "log")

    def open(self, home: Home, account: Account, schema: str, copy: str) -> None:
        """Start a server; a new one gets its master account, or what is in a copy."""
        server = self._server(home)
        self._furnish(server)
        self._start(home)
        if self._whole(home).exists():
            return
        if copy:
            server.sql(f"source {self._copy(copy)}\n", timeout=600)
            server.sql("FLUSH PRIVILEGES;")
        else:
            name = f"{quote(account.user)}@'%'"
            server.sql(
                f"CREATE OR REPLACE USER {name}"
                f" IDENTIFIED BY PASSWORD {quote(account.password_hash)};\n"
                f"GRANT {MASTER_RIGHTS} ON *.* TO {name} WITH GRANT OPTION;\n"
                + (f"CREATE DATABASE IF NOT EXISTS `{schema}`;\n" if schema else "")
            )
        paths.write(self._whole(home), "")

    def _furnish(self, server: Server) -> None:
        """Have empty system tables; a copy of them costs a tenth of making them."""
        template = replace(server, data=self.root.parent / "template" / "data")
        with self._making:
            template.initialise()
        if not server.data.exists():
            scratch = server.data.with_name("new")
            shutil.rmtree(scratch, ignore_errors=True)
            server.data.parent.mkdir(parents=True, exist_ok=True)
            run(["cp", "--archive", "--reflink=auto", template.data, scratch])
            scratch.replace(server.data)
        server.initialise()  # what is not data: the folder of temporary tables

    def start(self, home: Home) -> None:
        """Start a server that has been opened before, unless it runs; return when it answers."""
        if self._whole(home).exists():
            self._start(home)

    def _start(self, home: Home) -> None:
        server = self._server(home)
        if not self.runs(home):
            names = sorted({home.name, home.address})
            tls = pki.issue(self.authority, home.key, common="rds", names=names)
            argv = server.daemon(tls, self.authority).argv
            server.socket.unlink(missing_ok=True)
            record = spawn(home.key, argv, self._log(home))
            paths.write(self._home(home) / _RECORD, json.dumps(asdict(record)))
        deadline = time.monotonic() + _START_SECONDS
        while not (server.socket.exists() and server.ready()):
            if not self.runs(home) or time.monotonic() > deadline:
                raise PartFailed(home.key, "did not start", self._log(home))
            time.sleep(0.02)  # there is no event to wait for: it offers a socket, or not yet

    def stop(self, home: Home, seconds: float = 10) -> None:
        """Stop a server; its data stays."""
        record = _record(self._home(home))
        if record is not None:
            end([record], seconds)
        (self._home(home) / _RECORD).unlink(missing_ok=True)

    def remove(self, home: Home) -> None:
        """Stop a server and lose its data."""
        self._whole(home).unlink(missing_ok=True)  # else a kill in between would leave half of it
        self.stop(home, seconds=0)
        shutil.rmtree(self._home(home), ignore_errors=True)
        for file in self.authority.directory.glob(f"{home.key}.*"):
            file.unlink(missing_ok=True)

    def password(self, home: Home, account: Account) -> None:
        """Give the master account its new password."""
        name = f"{quote(account.user)}@'%'"
        secret = quote(account.password_hash)
        self.sql(home, f"ALTER USER {name} IDENTIFIED BY PASSWORD {secret};")

    def copy(self, home: Home, copy: str) -> None:
        """Keep a server's present content under a name, consistent, without disturbing it."""
        if not self._whole(home).exists():
            return  # it was copied, and then half removed, by a process that was killed
        file, running = self._copy(copy), self.runs(home)
        file.parent.mkdir(parents=True, exist_ok=True)
        self.start(home)
        partial = file.with_suffix(".partial")
        self._server(home).dump(partial)
        partial.replace(file)
        if not running:
            self.stop(home)

    def forget(self, copy: str) -> None:
        """Lose a copy."""
        self._copy(copy).unlink(missing_ok=True)

    def sql(self, home: Home, statements: str) -> str:
        """Run statements as the machine's administrator, whom RDS shows to nobody."""
        return self._server(home).sql(statements)

    def runs(self, home: Home) -> bool:
        """Tell whether a server runs."""
        record = _record(self._home(home))
        return record is not None and record.runs()

    def keys(self) -> list[str]:
        """Return the homes that there are on disk."""
        return sorted(path.name for path in self.root.glob("db-*"))

    def end_all(self, seconds: float = 10) -> None:
        """Stop every server there is a record of, also those of an earlier process."""
        records = [_record(self.root / key) for key in self.keys()]
        end([record for record in records if record is not None], seconds)
        for key in self.keys():
            (self.root / key / _RECORD).unlink(missing_ok=True)

    def clear(self) -> None:
        """Stop every server and lose all data and copies."""
        self.end_all(seconds=0)
        shutil.rmtree(self.root, ignore_errors=True)

    def _server(self, home: Home) -> Server:
        return Server(
            name=home.key,
            data=self._home(home) / "data",
            socket=self.sockets / f"{home.address}.sock",
            netns="",
            address=home.address,
            port=home.port,
            options=(*SMALL, f"--pid-file={self._home(home) / _PID}"),
        )

    def _home(self, home: Home) -> Path:
        return self.root / home.key

    def _copy(self, copy: str) -> Path:
        return self.root / "copies" / f"{copy}.sql"

    def _log(self, home: Home) -> Path:
        return self._home(home) / "log"

    def _whole(self, home: Home) -> Path:
        """Return the file that tells that a server has all it was made for."""
        return self._home(home) / "whole"


def _record(home: Path) -> Record | None:
    """Return who the server is, by our record or, if we were killed before it, by its own."""
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Record(**json.loads((home / _RECORD).read_text()))
    with suppress(FileNotFoundError, ValueError):
        found = Record.of(int((home / _PID).read_text()))
        if found is not None and f"--datadir={home / 'data'}" in found.command():
            return found
    return None
