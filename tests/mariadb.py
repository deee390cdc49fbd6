# SPDX-License-Identifier: Apache-2.0
"""Starts a private MariaDB server in a folder of its own, for any test that wants a real one."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pymysql
import pymysql.connections

START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Login:
    """A schema and the user that owns it, as the operator would make them."""

    schema: str
    user: str
    password: str


@dataclass
class Server:
    """A MariaDB server of ours: started, stopped, killed and started again at will."""

    home: Path
    port: int
    options: Sequence[str] = ()
    root_password: str = field(default_factory=lambda: secrets.token_hex(8))
    _process: subprocess.Popen[bytes] | None = None

    host = "127.0.0.1"

    @property
    def socket(self) -> Path:
        """Where root gets in without a password."""
        return self.home / "s"

    def install(self) -> None:
        """Make the system tables; once per folder."""
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={self.home / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *_user(),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=START_SECONDS,
        )

    def start(self) -> None:
        """Start it and return once it answers."""
        self.socket.unlink(missing_ok=True)  # left by a killed one
        # A server that starts removes what it takes for its own left-over temporary tables: in a
        # folder that it shares with others these vanish under their hands.
        temporary = self.home / "tmp"
        temporary.mkdir(exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(temporary, "mysql", "mysql")
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self.home / 'data'}",
                    f"--socket={self.socket}",
                    f"--pid-file={self.home / 'pid'}",
                    f"--tmpdir={temporary}",
                    f"--port={self.port}",
                    f"--bind-address={self.host}",
                    "--skip-name-resolve",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-log-file-size=16M",
                    "--innodb-flush-log-at-trx-commit=2",
                    *_user(),
                    *self.options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            # Not before there is a socket: each refused connection would leave one unclosed.
            if self.socket.exists():
                with contextlib.suppress(pymysql.OperationalError), self.root():
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                msg = f"mariadbd did not start:\n{(self.home / 'log').read_text()[-2000:]}"
                raise RuntimeError(msg)
            time.sleep(
                0.05
            )  # there is no event to wait for: the server offers a socket, or not yet

    def stop(self) -> None:
        """Shut it down properly."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Take it away from one moment to the next."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    @contextlib.contextmanager
    def root(self, schema: str | None = None) -> Iterator[pymysql.connections.Connection]:
        """Connect as root, who may do anything; commits every statement."""
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=schema,
            autocommit=True,
            ssl_disabled=True,
        )
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, *statements: str, schema: str | None = None) -> list[tuple[object, ...]]:
        """Run statements as root and return the rows of the last one."""
        rows: Sequence[tuple[object, ...]] = ()
        with self.root(schema) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall()
        return list(rows)

    def client(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Run the `mariadb` command line as root; its output."""
        return self._run("mariadb", *arguments, stdin=stdin)

    def dump(self, *arguments: str) -> bytes:
        """Run `mariadb-dump` as root; the dump."""
        return self._run("mariadb-dump", *arguments)

    def _run(self, program: str, *arguments: str, stdin: bytes | None = None) -> bytes:
        command = [program, "--no-defaults", f"--socket={self.socket}", "-uroot", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=300)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout

    def schema(self, name: str | None = None, charset: str = "utf8mb4") -> Login:
        """Make a schema and a user limited to it."""
        # No underscore: in a GRANT it would be a wildcard.
        name = name or f"wpc{secrets.token_hex(10)}"
        login = Login(name, name, secrets.token_hex(12))
        self.execute(
            f"CREATE DATABASE `{name}` CHARACTER SET {charset}",
            f"CREATE USER '{name}'@'%' IDENTIFIED BY '{login.password}'",
            f"GRANT ALL PRIVILEGES ON `{name}`.* TO '{name}'@'%'",
        )
        return login


@contextlib.contextmanager
def server(*options: str) -> Iterator[Server]:
    """Run a MariaDB server in a folder of its own for as long as the context lasts."""
    # Not pytest's folder: a socket's path has room for 107 bytes only. In memory where that is
    # possible: a table made there takes a hundredth of the time that a busy disk needs.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  named by chance
    home = Path(tempfile.mkdtemp(prefix="wpclone-db-", dir=memory))
    if os.getuid() == 0:
        shutil.chown(home, "mysql", "mysql")
    ours = Server(home, _free_port(), options)
    try:
        ours.install()
        ours.start()
        yield ours
    finally:
        ours.kill()
        shutil.rmtree(home, ignore_errors=True)


def missing() -> str | None:
    """Say what is missing to run a server here, or None if nothing is."""
    for program in ("mariadbd", "mariadb-install-db", "mariadb-dump"):
        if not _program(program):
            return f"{program} is not installed (Debian: mariadb-server)"
    return None


def _program(name: str) -> str:
    """Find a server's program, which Debian keeps out of an ordinary user's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


def _user() -> list[str]:
    """Let the server give up root's rights where it is started with them."""
    return ["--user=mysql"] if os.getuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
