# SPDX-License-Identifier: Apache-2.0
"""Pages through the agent's lists of tables and files."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wpclone.api.text import clean
from wpclone.mover.sources.base import FileInfo, Skipped, Table
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.frames import Damaged, Frame

# Path, size and mtime.
_PARTS = 3


@dataclass(frozen=True, slots=True)
class SiteTable:
    """A table, and the limits that fix which of its rows belong to the copy."""

    table: Table
    limits: dict[str, str] = field(default_factory=dict)


def tables(agent: Agent, marks: dict[str, str]) -> Iterator[SiteTable]:
    """Yield the site's tables, parents first."""
    for frame in _paged(agent, "tables", {"marks": marks}):
        if frame.kind != "T":
            continue
        said = frame.json()
        yield SiteTable(
            Table(
                name=str(said["name"]),
                rows=int(said["rows"]),
                bytes=int(said["bytes"]),
                ddl=base64.b64decode(said["ddl"]),
            ),
            {str(column): str(most) for column, most in dict(said["limits"]).items()},
        )


def files(agent: Agent) -> Iterator[FileInfo | Skipped]:
    """Yield the site's files, and what is left out."""
    for frame in _paged(agent, "files", {}):
        if frame.kind == "K":
            said = frame.json()
            yield Skipped(clean(str(said.get("what"))), clean(str(said.get("why"))))
        elif frame.kind == "F":
            yield from _entries(frame.data)


def _entries(data: bytes) -> Iterator[FileInfo]:
    parts = data.split(b"\0")
    if len(parts) % _PARTS != 1:
        raise Damaged("the list of files cannot be read")
    for at in range(0, len(parts) - 1, _PARTS):
        yield FileInfo(parts[at], int(parts[at + 1]), int(parts[at + 2]))


def _paged(agent: Agent, route: str, args: dict[str, Any]) -> Iterator[Frame]:
    """Yield the frames of all pages; each page ends in where the next one begins."""
    cursor: Any = None
    while True:
        page = agent.call(route, args if cursor is None else {**args, "cursor": cursor})
        yield from page[:-1]
        cursor = page[-1].json()["cursor"] if page and page[-1].kind == "C" else None
        if cursor is None:
            return
