# SPDX-License-Identifier: Apache-2.0
"""Opens a database as a source, as the mover would, and builds the site in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wpclone.api.mover import ImportConfig
from wpclone.mover.config import Config
from wpclone.mover.sources.database.source import DatabaseSource

if TYPE_CHECKING:
    from tests.mariadb import Login, Server

WORDPRESS = Path(__file__).parents[3] / "operator/wpclone/mover/blank/wordpress.sql"
ADDRESS = "https://www.acme.test"


@dataclass
class Site:
    """A schema with a WordPress, a login that may only read it, and a folder with its files."""

    server: Server
    login: Login
    folder: Path
    reader: Login
    opened: list[DatabaseSource] = field(default_factory=list)

    @property
    def schema(self) -> str:
        """The schema's name."""
        return self.login.schema

    def query(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements in the schema, as its administrator."""
        return self.server.execute(*statements, schema=self.schema)

    def config(self, **changes: Any) -> Config:
        """Return the mover's configuration; changes are to what the clone says of its database."""
        told = {"port": self.server.port, "name": self.schema, **changes}
        return config(login=self.reader, folder=self.folder, **told)

    def open(self, **changes: Any) -> DatabaseSource:
        """Open it; whoever made the site closes it."""
        source = DatabaseSource.open(self.config(**changes))
        self.opened.append(source)
        return source


def config(
    port: int,
    login: Login,
    folder: Path,
    *,
    seconds: int = 30,
    allow: tuple[dict[str, Any], ...] | None = None,
    inspection: dict[str, Any] | None = None,
    authority: Path = Path("/nowhere"),
    certificates: Path = Path("/nowhere"),
    **database: Any,
) -> Config:
    """Return a configuration for a server on this machine."""
    wish = {
        "host": "127.0.0.1",
        "port": port,
        "name": login.schema,
        "credentialsRef": {"name": "acme"},
        "tls": {"mode": "Disabled"},
        "files": {"claimRef": {"name": "acme-files"}},
        **database,
    }
    listed = ({"cidr": "127.0.0.0/8", "port": port},) if allow is None else allow
    job = {
        "attempt": 1,
        "source": {"kind": "database", "database": wish},
        "network": {"databases": listed, "allow": ["127.0.0.0/8"], "http": True},
        "limits": {"sourceBudgetSeconds": seconds, "requestSeconds": 10},
        **({"inspection": inspection} if inspection else {}),
    }
    return Config(
        uid="3f2a",
        clone="copy",
        target_url="https://copy.clones.test",
        job=ImportConfig.model_validate(job),
        secret={"username": login.user, "password": login.password},
        certificates=certificates,
        site=None,
        source_ca=authority,
        source_files=folder,
    )


def build(server: Server, folder: Path) -> Site:
    """Make a fresh WordPress with a few files."""
    login, reader = server.schema(), server.schema()
    dump = WORDPRESS.read_bytes().replace(b"http://blank.invalid", ADDRESS.encode())
    server.client(login.schema, stdin=dump)
    server.execute(
        "INSERT INTO wp_users (user_login, user_pass, user_email)"
        " VALUES ('admin', 'x', 'admin@acme.test')",
        schema=login.schema,
    )
    server.execute(f"GRANT SELECT, TRIGGER ON `{login.schema}`.* TO '{reader.user}'@'%'")
    for path, content in {
        "wp-content/plugins/one/one.php": b"<?php",
        "wp-content/uploads/2024/picture.png": bytes(50_000),
        "wp-includes/version.php": b"<?php\n$wp_version = '6.8.1';\n",
    }.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return Site(server, login, folder, reader)


def clear(site: Site) -> None:
    """Close what was opened, and drop what was made."""
    for source in site.opened:
        source.close(finished=True)
    site.server.execute(
        f"DROP DATABASE `{site.schema}`",
        f"DROP DATABASE `{site.reader.schema}`",
        f"DROP USER '{site.reader.user}'@'%'",
        f"DROP USER '{site.login.user}'@'%'",
    )
    shutil.rmtree(site.folder, ignore_errors=True)


def built(server: Server, folder: Path) -> Iterator[Site]:
    """Give a site for as long as a fixture lasts."""
    site = build(server, folder)
    yield site
    clear(site)
