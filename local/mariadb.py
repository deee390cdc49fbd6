# SPDX-License-Identifier: Apache-2.0
"""Runs MariaDB servers: the one that clones share, and the one of the outside host."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from local import paths, pki
from local.processes import Daemon
from local.shell import run, succeeds


@dataclass(frozen=True)
class Server:
    """One server: where it listens, where its data is."""

    name: str
    data: Path
    socket: Path
    netns: str
    address: str
    port: int = 3306
    options: tuple[str, ...] = ()  # what this server does otherwise than the others

    @property
    def temporary(self) -> Path:
        """Where temporary tables go; in a shared place a server that starts removes the others'."""
        return self.data.with_name(f"{self.data.name}-tmp")

    def initialise(self) -> None:
        """Make an empty data directory, whole or not at all."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        if self.data.exists():
            return
        scratch = self.data.with_name(f".{self.data.name}.new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        run(
            [
                "mariadb-install-db",
                "--no-defaults",
                "--user=root",
                "--auth-root-authentication-method=socket",
                "--skip-test-db",
                f"--datadir={scratch}",
                *self.options,
            ],
            timeout=120,
        )
        scratch.replace(self.data)

    def daemon(self, tls: pki.Pair, authority: pki.Pair) -> Daemon:
        """Return the server process.

        It runs as root because the directories above its data may be closed to everybody else; root
        logs in by the socket, without a password, from this machine only.
        """
        arguments = (
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=root",
            f"--datadir={self.data}",
            f"--tmpdir={self.temporary}",
            f"--socket={self.socket}",
            f"--pid-file={self.socket}.pid",
            f"--bind-address={self.address}",
            f"--port={self.port}",
            f"--ssl-cert={tls.certificate}",
            f"--ssl-key={tls.key}",
            f"--ssl-ca={authority.certificate}",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--character-set-server=utf8mb4",
            "--max-connections=300",
            "--max-allowed-packet=64M",
            "--innodb-buffer-pool-size=128M",
            "--innodb-flush-log-at-trx-commit=0",
            *self.options,
        )
        duty = f"holds data at {self.address}:{self.port}"
        return Daemon(self.name, duty, arguments, self.netns)

    def ready(self) -> bool:
        """Tell whether the server answers."""
        return succeeds([*self._client("mariadb-admin"), "ping"])

    def sql(self, statements: str, *, database: str = "", timeout: float = 60) -> str:
        """Run statements as the server's administrator and return their rows, tab-separated."""
        client = [*self._client("mariadb"), "--batch", "--skip-column-names"]
        return run([*client, *([database] if database else [])], stdin=statements, timeout=timeout)

    def account(self, user: str, password: str, grants: list[str], *, tls: bool = False) -> None:
        """Have an account with this password and these rights, without disturbing its sessions."""
        name = f"{quote(user)}@'%'"
        require = "REQUIRE SSL" if tls else "REQUIRE NONE"
        self.sql(
            f"CREATE USER IF NOT EXISTS {name};\n"
            f"ALTER USER {name} IDENTIFIED BY {quote(password)} {require};\n"
            + "".join(f"{grant.format(user=name)};\n" for grant in grants)
        )

    def dump(self, file: Path) -> None:
        """Write all schemas, accounts included, into a file that `sql` can source."""
        command = [*self._client("mariadb-dump"), "--all-databases", "--single-transaction"]
        command += ["--routines", "--events", "--triggers", f"--result-file={file}"]
        run(command, timeout=600)

    def _client(self, program: str) -> list[str]:
        return [program, "--no-defaults", f"--socket={self.socket}", "--user=root"]


def quote(text: str) -> str:
    """Return a text as an SQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def password(file: Path) -> str:
    """Return the password in a file, made on first use and readable by its owner only."""
    if not file.exists():
        paths.write(file, secrets.token_urlsafe(24), 0o600)
    return file.read_text()
