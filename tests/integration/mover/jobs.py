# SPDX-License-Identifier: Apache-2.0
"""Prepares the mover's environment as the operator would, and runs it as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from tests.mariadb import Login, Server

ROOT = Path(__file__).parents[3]
# A few hundred megabytes on a busy machine.
DEADLINE_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of the mover left behind."""

    code: int
    lines: list[dict[str, Any]]
    outcome: dict[str, Any]
    errors: str


@dataclass
class Job:
    """One import Job: its schema, its volume, its configuration."""

    server: Server
    login: Login
    home: Path
    target: str = "https://copy.clones.test"
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    config: dict[str, Any] = field(
        default_factory=lambda: {"attempt": 1, "source": {"kind": "blank", "title": "A début"}}
    )
    username: str = "clone-admin"
    password: str = "correct horse"
    program: tuple[str, ...] = ("-m", "wpclone.mover", "import")
    extra: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, server: Server, home: Path) -> Self:
        """Make a schema and an empty volume."""
        job = cls(server, server.schema(), home)
        credentials = home / "credentials"
        credentials.mkdir()
        for key, value in {
            "db-username": job.login.user,
            "db-password": job.login.password,
            "wordpress-username": job.username,
            "wordpress-password": job.password,
        }.items():
            (credentials / key).write_text(value + "\n", "utf-8")
        return job

    @property
    def root(self) -> Path:
        """The document root."""
        return self.home / "site" / "html"

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.home / "site" / "state"

    def environment(self) -> dict[str, str]:
        """Return what the Job's pod would have."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'operator'}:{ROOT}",
            "WPCLONE_CLONE_UID": self.uid,
            "WPCLONE_CLONE_NAME": "copy",
            "WPCLONE_TARGET_URL": self.target,
            "WPCLONE_DB_HOST": self.server.host,
            "WPCLONE_DB_PORT": str(self.server.port),
            "WPCLONE_DB_NAME": self.login.schema,
            "WPCLONE_SOURCE_SECRET": str(self.home / "source"),
            "WPCLONE_CREDENTIALS": str(self.home / "credentials"),
            "WPCLONE_CA": str(self.home / "ca"),
            "WPCLONE_DOCUMENT_ROOT": str(self.root),
            "WPCLONE_STATE_DIR": str(self.state),
            "WPCLONE_IMPORT": json.dumps(self.config),
            "WPCLONE_TERMINATION_LOG": str(self.home / "termination-log"),
            **self.extra,
        }

    def start(self) -> subprocess.Popen[str]:
        """Start the mover."""
        (self.home / "termination-log").unlink(missing_ok=True)
        return subprocess.Popen(
            [sys.executable, *self.program],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str], seconds: float = DEADLINE_SECONDS) -> Result:
        """Wait for the end of a mover and read what it said."""
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        log = self.home / "termination-log"
        return Result(
            process.returncode,
            [json.loads(line) for line in out.splitlines()],
            json.loads(log.read_bytes()) if log.exists() else {},
            errors,
        )

    def run(self, seconds: float = DEADLINE_SECONDS) -> Result:
        """Run the mover to its end."""
        return self.finish(self.start(), seconds)

    def forget(self) -> None:
        """Take the clone's schema and volume away."""
        self.server.execute(f"DROP DATABASE `{self.login.schema}`")
        shutil.rmtree(self.home / "site")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the clone's schema."""
        return self.server.execute(sql, schema=self.login.schema)

    def option(self, name: str, prefix: str = "wp_") -> str | None:
        """Return an option of the clone."""
        found = self.rows(f"SELECT option_value FROM {prefix}options WHERE option_name = '{name}'")
        return found[0][0] if found else None
