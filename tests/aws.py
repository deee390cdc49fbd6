# SPDX-License-Identifier: Apache-2.0
"""Runs a simulated AWS for tests, and speaks to it with AWS' own client."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
import pymysql.connections

from local.aws.control import Control
from local.processes import Record, end

REGION = "us-east-1"
# What must never be found in anything that the simulator writes.
PASSWORD = "canary-of-the-master"


@dataclass
class Simulator:
    """A simulator: where it listens, how it is scripted, and its process."""

    state: Path
    url: str
    options: Sequence[str] = ()
    control: Control = field(init=False)
    _process: subprocess.Popen[bytes] | None = None
    _clients: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the control socket."""
        self.control = Control(self.state / "control.sock")

    def start(self) -> None:
        """Start it and return once it answers."""
        command = [sys.executable, "-m", "local.aws", "--state", str(self.state)]
        command += ["--listen", self.url, *self.options]
        with (self.state / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        with self._process.stdout as said:
            assert said.readline() == b"ready\n", (self.state / "log").read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; by SIGKILL its database servers live on, as AWS' do."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def client(self, service: str, *, attempts: int = 1, key: str = "AKIATESTS") -> Any:
        """Return AWS' own client of a service; by default it does not try again by itself."""
        import boto3  # noqa: PLC0415  a second: only who talks to AWS pays for it
        from botocore.config import Config  # noqa: PLC0415  likewise

        known = (service, attempts, key)
        if known in self._clients:
            return self._clients[known]
        made = self._clients[known] = boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key="anything",
            config=Config(retries={"total_max_attempts": attempts}, read_timeout=20),
        )
        return made

    def create(self, identifier: str, **more: Any) -> Any:
        """Ask for a small instance; return what AWS says of it at once."""
        asked = {
            "DBInstanceIdentifier": identifier,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "mariadb",
            "AllocatedStorage": 20,
            "MasterUsername": "master",
            "MasterUserPassword": PASSWORD,
        }
        return self.client("rds").create_db_instance(**asked | more)["DBInstance"]

    def describe(self, identifier: str) -> Any:
        """Return what AWS says of an instance."""
        answer = self.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        return answer["DBInstances"][0]

    @contextlib.contextmanager
    def login(
        self, identifier: str, password: str = PASSWORD, user: str = "master"
    ) -> Iterator[pymysql.connections.Connection]:
        """Log in to the server behind an instance, by TLS, its certificate checked."""
        behind = self.control.instance(identifier)
        connection = pymysql.connect(
            host=behind.address,
            port=behind.port,
            user=user,
            password=password,
            autocommit=True,
            ssl_ca=behind.ca,
            ssl_verify_identity=True,
        )
        try:
            yield connection
        finally:
            connection.close()

    def query(self, identifier: str, *statements: str, password: str = PASSWORD) -> list[Any]:
        """Run statements as the master account; the rows of the last one."""
        rows: Sequence[Any] = ()
        with self.login(identifier, password) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall()
        return list(rows)

    def written(self) -> bytes:
        """Return all that the simulator has written, databases apart."""
        files = [
            path for path in self.state.rglob("*") if path.is_file() and "/data/" not in str(path)
        ]
        return b"".join(path.read_bytes() for path in files)


@contextlib.contextmanager
def simulator(*options: str) -> Iterator[Simulator]:
    """Run a simulator on loopback until the context ends, with nothing left behind it."""
    # A socket's path has room for 107 bytes only; in memory, because tests make many servers.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  named by chance
    state = Path(tempfile.mkdtemp(prefix="wpclone-aws-", dir=memory))
    with _addresses() as addresses:
        asked = ("--databases", addresses, *options)
        ours = Simulator(state, f"http://127.0.0.1:{free_port()}", asked)
        try:
            ours.start()
            yield ours
        finally:
            ours.stop()
            _end_servers(state)
            shutil.rmtree(state, ignore_errors=True)


def _end_servers(state: Path) -> None:
    """End the servers of a simulator that was killed and not started again."""
    for file in state.glob("rds/*/mariadbd.pid"):
        record = Record.of(int(file.read_text()))
        if record is not None and any(str(state) in word for word in record.command()):
            end([record], seconds=0)


@contextlib.contextmanager
def _addresses() -> Iterator[str]:
    """Reserve addresses for databases until the context ends: tests run beside each other."""
    for number in range(1, 255):
        with socket.socket() as claim:
            try:
                claim.bind((f"127.77.{number}.1", 4566))
            except OSError:
                continue  # another simulator's, while it lives
            yield f"127.77.{number}.0/24"
            return
    raise RuntimeError("all addresses for databases are taken")


def missing() -> str | None:
    """Say what is missing to run database servers here, or None if nothing is."""
    if os.getuid():
        return "the servers behind instances are run by root"
    for program in ("mariadbd", "mariadb-install-db", "mariadb-dump"):
        if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            return f"{program} is not installed (Debian: mariadb-server)"
    return None


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
