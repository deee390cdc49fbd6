# SPDX-License-Identifier: Apache-2.0
"""Looks at the live site before and after a clone: rows, files, and what we might have left there.

Rows that any visitor changes are masked: see VOLATILE.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from local.sample.site import DOCUMENT_ROOT, PREFIX, SCHEMA
from tests.e2e.stage import Stage

# What WordPress itself writes at every login, page view or turn of its clock: masked.
VOLATILE: Final = {
    "options": (
        "option_name LIKE '\\_transient\\_%' OR option_name LIKE '\\_site\\_transient\\_%'"
        " OR option_name IN ('cron', 'recently_activated', 'recovery_keys')"
    ),
    "usermeta": "meta_key IN ('session_tokens', 'community-events-location')",
}


def snapshot(stage: Stage) -> dict[str, str]:
    """Return a digest of every row and of every file below the document root."""
    return {**_tables(stage), **_files(stage)}


def difference(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Return what is new, gone or changed."""
    names = before.keys() | after.keys()
    kinds = {name: (before.get(name), after.get(name)) for name in sorted(names)}
    return {
        name: "new" if old is None else "gone" if new is None else "changed"
        for name, (old, new) in kinds.items()
        if old != new
    }


def traces(stage: Stage) -> list[str]:
    """Return every option and file on the live site that names our project."""
    where = "option_name LIKE '%wpclone%' OR option_value LIKE '%wpclone%'"
    rows = sql(stage, f"SELECT option_name FROM {PREFIX}options WHERE {where}").split()
    return rows + [name for name in _files(stage) if "wpclone" in name]


def _tables(stage: Stage) -> dict[str, str]:
    listing = sql(stage, f"SHOW TABLES FROM {SCHEMA}").split("\n")
    digests = {}
    for table in filter(None, listing):
        masked = VOLATILE.get(table.removeprefix(PREFIX))
        where = f"WHERE NOT ({masked})" if masked else ""
        for row in sql(stage, f"SELECT * FROM `{table}` {where}").split("\n"):
            digest = _digest(row.encode())
            digests[f"{table}: {row[:60]} ({digest[:8]})"] = digest
    return digests


def _files(stage: Stage) -> dict[str, str]:
    root = stage.cluster.native.outside.root / DOCUMENT_ROOT.lstrip("/")
    files = (path for path in root.rglob("*") if path.is_file())
    return {f"file {_name(path, root)}": _digest(path.read_bytes()) for path in files}


def _name(path: Path, root: Path) -> str:
    return str(path.relative_to(root)).encode(errors="surrogateescape").decode("latin-1")


def sql(stage: Stage, query: str) -> str:
    """Ask the live site's own database server, as its administrator."""
    return stage.cluster.native.outside.mariadb.sql(query, database=SCHEMA)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
