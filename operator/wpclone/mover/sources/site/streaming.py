# SPDX-License-Identifier: Apache-2.0
"""Streams a table's rows as whole statements, in pieces that can be resumed after."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from wpclone.mover.sources.base import Piece
from wpclone.mover.sources.site import giants
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.ahead import Ahead
from wpclone.mover.sources.site.frames import Frame
from wpclone.mover.sources.site.listing import SiteTable
from wpclone.mover.spool import Spool


def first(agent: Agent, table: SiteTable, cursor: str | None) -> list[Frame]:
    """Fetch the page of rows that begins at a cursor."""
    return _fetch(agent, table, None if cursor is None else json.loads(cursor))


def rows(
    agent: Agent,
    table: SiteTable,
    page: Future[list[Frame]],
    ahead: Ahead,
    at_end: Callable[[], None],
) -> Iterator[Piece]:
    """Yield the rows of a table from a page on; the last piece has no cursor.

    The next page is on its way while the pieces of the last one are worked on; `at_end` is called
    when the table has no next page.
    """
    while True:
        frames = page.result()
        at = frames[-1].json()["cursor"]
        if at is None:
            at_end()
        else:
            page = ahead.ask(functools.partial(_fetch, agent, table, at))
        yield from _pieces(agent, table, frames)
        if at is None:
            return


def _fetch(agent: Agent, table: SiteTable, at: Any) -> list[Frame]:
    args = {"table": table.table.name, "limits": table.limits, "cursor": at}
    return agent.call("rows", args)


def _pieces(agent: Agent, table: SiteTable, page: list[Frame]) -> Iterator[Piece]:
    """Yield the pieces of one reply."""
    sql = Spool()
    gone = 0
    for frame in page:
        if frame.kind == "S":
            sql.write(frame.data)
        elif frame.kind == "G":
            gone += not giants.write(agent, table.table.name, frame.json(), sql)
        elif frame.kind == "C":
            said = frame.json()
            at = said["cursor"]
            count = max(0, int(said["count"]) - gone)
            if sql.size or gone or at is None:
                yield Piece(sql.done(), count, None if at is None else json.dumps(at))
            sql, gone = Spool(), 0
