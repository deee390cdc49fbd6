# SPDX-License-Identifier: Apache-2.0
"""Tells all that a clone holds, so that two of them can be compared."""

from __future__ import annotations

from typing import Any

from tests.integration.mover.jobs import Job


def rows(job: Job, prefix: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of a clone, but for its own administrator's."""
    names = [str(name) for (name,) in job.rows("SHOW TABLES") if "wpclone" not in str(name)]
    found = {n: sorted(job.rows(f"SELECT * FROM `{n}`"), key=repr) for n in names}
    ((own,),) = job.rows(f"SELECT ID FROM {prefix}users WHERE user_login = '{job.username}'")
    # The number of a row of metadata depends on how often somebody has logged in meanwhile.
    for table, column in ((f"{prefix}users", 0), (f"{prefix}usermeta", 1)):
        found[table] = [row for row in found[table] if row[column] != own]
    return found


def files(job: Job) -> dict[str, bytes]:
    """Return every file of a clone."""
    return {
        str(path.relative_to(job.root)): path.read_bytes()
        for path in job.root.rglob("*")
        if path.is_file()
    }
