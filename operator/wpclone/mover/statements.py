# SPDX-License-Identifier: Apache-2.0
"""Lets only INSERTs of plain values into one table through, and cuts them to size.

What a source sends is SQL text that somebody else wrote. A statement passes only if all of it is
understood: an INSERT into the table in question, whose values are literals and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed

_STRING: Final = rb"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
# An introducer names the character set of the bytes behind it.
_LITERAL: Final = (
    rb"(?:(?:_[a-z0-9]{1,31}+\ ?)?(?:" + _STRING + rb"|0x[0-9A-Fa-f]++)"
    rb"|[xX]'[0-9A-Fa-f]*+'|[bB]'[01]*+'"
    rb"|-?[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?"
    rb"|NULL)"
)
_SPACE: Final = rb"[ \t\r\n]*+"
_ROW: Final = rb"\((" + _LITERAL + rb")(?:," + _SPACE + _LITERAL + rb")*+\)"
_NAME: Final = rb"`(?:[^`]|``){1,200}+`"
_HEAD: Final = re.compile(
    _SPACE
    + rb"(INSERT\ INTO\ ("
    + _NAME
    + rb")\ (?:\("
    + _NAME
    + rb"(?:,"
    + _SPACE
    + _NAME
    + rb")*+\)\ )?VALUES)"
    + _SPACE,
    re.IGNORECASE,
)
_ONE_ROW: Final = re.compile(_ROW, re.DOTALL)
_ROWS: Final = re.compile(rb"(?:" + _ROW + _SPACE + rb"," + _SPACE + rb")*+" + _ROW, re.DOTALL)
_COMMA: Final = re.compile(_SPACE + rb"," + _SPACE)
_END: Final = re.compile(_SPACE + rb"(?:;|\Z)" + _SPACE)
_KEY_BYTES: Final = 40


@dataclass(frozen=True, slots=True)
class Insert:
    """One statement that passed: its head up to VALUES, and its rows."""

    head: bytes
    rows: bytes

    @property
    def sql(self) -> bytes:
        """The whole statement."""
        return self.head + b" " + self.rows


def inserts(table: str, sql: bytes) -> Iterator[Insert]:
    """Yield the INSERTs of `sql` one by one; ImportFailed at the first that is anything else."""
    wanted = b"`" + table.encode().replace(b"`", b"``") + b"`"
    at = 0
    while at < len(sql):
        head = _HEAD.match(sql, at)
        rows = _ROWS.match(sql, head.end()) if head else None
        end = _END.match(sql, rows.end()) if rows else None
        if head is None or rows is None or end is None or head[2] != wanted:
            raise _foreign(table)
        yield Insert(head[1], rows[0])
        at = end.end()


def fitting(table: str, insert: Insert, limit: int) -> Iterator[bytes]:
    """Yield statements of at most `limit` bytes; ImportFailed names a row that is larger alone."""
    if len(insert.head) + 1 + len(insert.rows) <= limit:
        yield insert.sql
        return
    begin = at = 0
    room = limit - len(insert.head) - 1
    while at < len(insert.rows):
        row = _ONE_ROW.match(insert.rows, at)
        if row is None:
            raise _foreign(table)
        if row.end() - at > room:
            raise _too_large(table, row, limit)
        if row.end() - begin > room:
            yield insert.head + b" " + insert.rows[begin:at].rstrip(b", \t\r\n")
            begin = at
        comma = _COMMA.match(insert.rows, row.end())
        at = comma.end() if comma else len(insert.rows)
    yield insert.head + b" " + insert.rows[begin:]


def _foreign(table: str) -> ImportFailed:
    return ImportFailed(
        Reason.IMPORT_FAILED,
        f"The source sent something else than rows for its table {clean(table, 64)};"
        " it was not run",
    )


def _too_large(table: str, row: re.Match[bytes], limit: int) -> ImportFailed:
    key = clean(row[1][:_KEY_BYTES].decode("utf-8", "replace"), _KEY_BYTES)
    size = (row.end() - row.start()) / 1e6
    return ImportFailed(
        Reason.IMPORT_FAILED,
        f"A row of table {clean(table, 64)} (its first column is {key}) takes {size:.1f} MB, more"
        f" than the clone's database server accepts (max_allowed_packet: {limit / 1e6:.1f} MB)",
    )
