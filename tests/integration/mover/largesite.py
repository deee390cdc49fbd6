# SPDX-License-Identifier: Apache-2.0
"""Compares a copy of a large site with its source: rows through the reference engine, files whole.

The expected copy is a dump of the source, rewritten by the reference engine and loaded beside the
mover's: neither the agent nor the mover nor the native engine has a part in it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.live_site import PREFIX
from wpclone.rewrite import Pair
from wpclone.rewrite.sql import SqlStream
from wpclone.rewrite.values import Rewriter

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.live_site import LiveSite

# What an import changes on purpose: its own options, the administrator, the agent's traces.
CHANGED: Final = {
    "options": "option_name LIKE 'acme\\_%'",
    "users": "user_login = 'admin'",
    "usermeta": "0",
}
_DUMP: Final = ("--single-transaction", "--hex-blob", "--skip-triggers")


def expected(live: LiveSite, target: str) -> str:
    """Load what a copy has to be into a schema of its own; return its name."""
    dump = live.server.dump(
        *_DUMP, "--default-character-set=utf8mb4", *_options(live), live.login.schema
    )
    stream = SqlStream(Rewriter([Pair(live.url, target)]), prefix=PREFIX)
    rewritten = b"".join([*stream.feed(dump), *stream.close()])
    schema = live.server.schema().schema
    live.server.client("--default-character-set=utf8mb4", schema, stdin=rewritten)
    return schema


def tables(live: LiveSite) -> list[str]:
    """Return the names of the tables that a copy has."""
    return [
        str(name)
        for name, kind in live.query("SHOW FULL TABLES")
        if kind == "BASE TABLE" and str(name).startswith(PREFIX)
    ]


def differing(live: LiveSite, wanted: str, job: Job) -> list[str]:
    """Return the tables whose rows in the copy are not those of another schema."""
    there, here = rows(live, wanted), rows(live, job.login.schema)
    return [name for name in there if there[name] != here.get(name)]


def rows(live: LiveSite, schema: str) -> dict[str, tuple[object, ...]]:
    """Return a digest of every table that a copy has, as it is in some schema."""
    return {name: _digest(live, schema, name) for name in tables(live)}


def files(root: Path) -> dict[str, str]:
    """Return a digest of every file below the uploads of a document root."""
    uploads = root / "wp-content" / "uploads"
    return {
        str(path.relative_to(uploads)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in uploads.rglob("*")
        if path.is_file()
    }


def _digest(live: LiveSite, schema: str, table: str) -> tuple[object, ...]:
    """Return how many rows there are, and a sum over the digests of all their columns."""
    columns = [row[0] for row in live.query(f"SHOW COLUMNS FROM `{table}`")]
    parts = ",".join(f"IFNULL(MD5(CAST(`{name}` AS BINARY)),'-')" for name in columns)
    where = CHANGED.get(table.removeprefix(PREFIX), "1")
    (row,) = live.server.execute(
        f"SELECT COUNT(*), SUM(CAST(CONV(LEFT(MD5(CONCAT({parts})),15),16,10) AS UNSIGNED))"
        f" FROM `{table}` WHERE {where}",
        schema=schema,
    )
    return row


def _options(live: LiveSite) -> list[str]:
    """Leave the view out: a dump would carry its definition."""
    views = [name for name, kind in live.query("SHOW FULL TABLES") if kind == "VIEW"]
    return [f"--ignore-table={live.login.schema}.{name}" for name in views]
