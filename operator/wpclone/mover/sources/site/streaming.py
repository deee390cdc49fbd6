# SPDX-License-Identifier: Apache-2.0
"""Streams a table's rows as whole statements; long values are put together from their pieces."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.base import Piece
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.ahead import Ahead
from wpclone.mover.sources.site.frames import Frame
from wpclone.mover.sources.site.listing import SiteTable

# A row is held whole while its addresses are rewritten, at about ten times its size, in a Job that
# has 512 MiB; with its quotes escaped it must also stay below what the mover takes as one piece.
MAX_VALUE: Final = 32 * 1024 * 1024
_MOST_RESTARTS: Final = 3
_ESCAPES: Final = (
    (b"\\", b"\\\\"),
    (b"\0", b"\\0"),
    (b"\n", b"\\n"),
    (b"\r", b"\\r"),
    (b"\x1a", b"\\Z"),
    (b"'", b"\\'"),
    (b'"', b'\\"'),
)


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
    sql: list[bytes] = []
    gone = 0
    for frame in page:
        if frame.kind == "S":
            sql.append(frame.data)
        elif frame.kind == "G":
            statement = _giant(agent, table.table.name, frame.json())
            gone += not statement
            sql.append(statement)
        elif frame.kind == "C":
            said = frame.json()
            at = said["cursor"]
            count = max(0, int(said["count"]) - gone)
            if sql or at is None:
                yield Piece(b"".join(sql), count, None if at is None else json.dumps(at))
            sql, gone = [], 0


def _giant(agent: Agent, table: str, form: dict[str, Any]) -> bytes:
    """Return the statement of a row with long values; b"" if the row has gone meanwhile."""
    values = []
    for part in form["parts"]:
        if "sql" in part:
            values.append(base64.b64decode(part["sql"]))
            continue
        found = _value(agent, table, form["key"], str(part["column"]))
        if found is None:
            return b""
        value, stored = found
        values.append(_stored(value, stored) if stored else _literal(value, str(part["form"])))
    return base64.b64decode(form["head"]) + b"(" + b",".join(values) + b");\n"


def _value(
    agent: Agent, table: str, key: list[str], column: str
) -> tuple[bytes, str | None] | None:
    """Fetch one long value; begin anew if it changes while it is being read.

    The character set beside it says that these are the bytes as the source's server stores them.
    """
    for _ in range(_MOST_RESTARTS):
        pieces: list[bytes] = []
        facts: dict[str, Any] | None = None
        offset: int | None = 0
        while offset is not None:
            args = {"table": table, "key": key, "column": column, "offset": offset}
            page = agent.call("value", args)
            said = page[0].json()
            if said.get("gone"):
                return None
            if facts is not None and said != facts:
                break
            facts = said
            if int(said["bytes"]) > MAX_VALUE:
                raise _too_large(table, column, int(said["bytes"]))
            pieces += [frame.data for frame in page if frame.kind == "V"]
            cursor = page[-1].json()["cursor"]
            offset = None if cursor is None else int(cursor["offset"])
        else:
            stored = (facts or {}).get("stored")
            return b"".join(pieces), None if stored is None else str(stored)
    raise SourceError(
        Reason.SOURCE_LOST,
        f"A long value in {clean(table, 64)}.{clean(column, 64)} changes faster than it is read",
        retryable=True,
    )


def _literal(value: bytes, form: str) -> bytes:
    """Write a value as a string; `form` is the introducer in front of it, or nothing."""
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return form.encode() + b"'" + value + b"'"


def _stored(value: bytes, charset: str) -> bytes:
    """Write bytes that are text in some character set, in whose strings a backslash may be none."""
    return f"_{charset} 0x".encode() + value.hex().encode()


def _too_large(table: str, column: str, size: int) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"A value in {clean(table, 64)}.{clean(column, 64)} of the source has"
        f" {size / 1e6:,.0f} MB; at most {MAX_VALUE / 1e6:,.0f} MB can be copied",
    )
