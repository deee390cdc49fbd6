# SPDX-License-Identifier: Apache-2.0
"""Puts the statement of a row with long values together from their pieces, on disk if need be."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final, Self

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.database.columns import escaped
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.frames import Damaged, Frame
from wpclone.mover.spool import Spool

_MOST_RESTARTS: Final = 3


def write(agent: Agent, table: str, form: dict[str, Any], sql: Spool) -> bool:
    """Write the statement of one row; nothing and False if the row has gone meanwhile."""
    begin = sql.size
    sql.write(base64.b64decode(form["head"]))
    for number, part in enumerate(form["parts"]):
        sql.write(b"," if number else b"(")
        if "sql" in part:
            sql.write(base64.b64decode(part["sql"]))
            continue
        args = {"table": table, "key": form["key"], "column": str(part["column"])}
        if not _value(agent, args, str(part["form"]), sql):
            sql.cut(begin)
            return False
    sql.write(b");\n")
    return True


def _value(agent: Agent, args: dict[str, Any], introducer: str, sql: Spool) -> bool:
    """Write one long value; begin anew if it changes while it is being read."""
    begin = sql.size
    for _ in range(_MOST_RESTARTS):
        found = _read(agent, args, introducer, sql)
        if found is not None:
            return found
        sql.cut(begin)
    raise SourceError(
        Reason.SOURCE_LOST,
        f"A long value in {clean(args['table'], 64)}.{clean(args['column'], 64)} changes faster"
        " than it is read",
        retryable=True,
    )


def _read(agent: Agent, args: dict[str, Any], introducer: str, sql: Spool) -> bool | None:
    """Write one long value; False if its row has gone, None if it has changed meanwhile."""
    facts: _Facts | None = None
    done = 0
    while facts is None or done < facts.size:
        page = agent.call("value", args | {"offset": done})
        said = page[0].json()
        if said.get("gone"):
            return False
        seen = _Facts.of(said)
        if facts is None:
            facts = seen
            sql.expect(facts.size)
            sql.write(facts.opening(introducer))
        elif seen != facts:
            return None
        done += _append(page, facts, done, sql)
    sql.write(facts.closing)
    return True


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the agent says of a value; it is another one as soon as that differs."""

    size: int
    sum: int
    # The bytes are those that the source's server stores, in this character set.
    stored: str | None

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        stored = said.get("stored")
        return cls(int(said["bytes"]), int(said["crc"]), None if stored is None else str(stored))

    def opening(self, introducer: str) -> bytes:
        """Begin the literal."""
        # In the strings of some character sets a backslash may be none.
        return f"{introducer}'".encode() if self.stored is None else f"_{self.stored} 0x".encode()

    def literal(self, data: bytes) -> bytes:
        """Write a part of the value."""
        return escaped(data) if self.stored is None else data.hex().encode()

    @property
    def closing(self) -> bytes:
        """End the literal."""
        return b"'" if self.stored is None else b""


def _append(page: list[Frame], facts: _Facts, done: int, sql: Spool) -> int:
    """Write the pieces of one reply; return how many bytes of the value they are."""
    size = 0
    for frame in page:
        if frame.kind == "V":
            size += len(frame.data)
            sql.write(facts.literal(frame.data))
    at = page[-1].json()["cursor"]
    fits = done + size == facts.size if at is None else size and done + size == int(at["offset"])
    if not fits:
        raise Damaged("the pieces of a long value do not fit together")
    return size
