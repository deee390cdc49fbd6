# SPDX-License-Identifier: Apache-2.0
"""Lets only INSERTs of plain values into one table through, and cuts them to size.

What a source sends is SQL text that somebody else wrote. A statement passes only if all of it is
understood: an INSERT into the table in question, whose values are literals and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import spool

if TYPE_CHECKING:
    from wpclone.mover.spool import Sql

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
_ROWS: Final = re.compile(_ROW + rb"(?:" + _SPACE + rb"," + _SPACE + _ROW + rb")*+", re.DOTALL)
_COMMA: Final = re.compile(_SPACE + rb"," + _SPACE)
_END: Final = re.compile(_SPACE + rb"(?:;|\Z)" + _SPACE)
_KEY_BYTES: Final = 40


@dataclass(frozen=True, slots=True)
class Insert:
    """One statement that passed: all of it, its head up to VALUES, and its rows."""

    sql: memoryview
    head: bytes
    rows: memoryview


def inserts(table: str, sql: Sql) -> Iterator[Insert]:
    """Yield the INSERTs of `sql` one by one; ImportFailed at the first that is anything else."""
    wanted = b"`" + table.encode().replace(b"`", b"``") + b"`"
    text = spool.view(sql)
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        rows = _ROWS.match(text, head.end()) if head else None
        end = _END.match(text, rows.end()) if rows else None
        if head is None or rows is None or end is None or head[2] != wanted:
            raise _foreign(table)
        begin, last = rows.span()
        yield Insert(text[head.start(1) : last], head[1], text[begin:last])
        at = end.end()


def fitting(table: str, insert: Insert, limit: int) -> Iterator[memoryview]:
    """Yield statements of at most `limit` bytes; ImportFailed names a row that is larger alone."""
    if len(insert.sql) <= limit:
        yield insert.sql
        return
    begin = last = at = 0
    room = limit - len(insert.head) - 1
    while at < len(insert.rows):
        row = _ONE_ROW.match(insert.rows, at)
        if row is None:
            raise _foreign(table)
        if row.end() - at > room:
            raise _too_large(table, insert.rows, row, limit)
        if row.end() - begin > room:
            yield _statement(insert.head, insert.rows[begin:last])
            begin = at
        last = row.end()
        comma = _COMMA.match(insert.rows, last)
        at = comma.end() if comma else len(insert.rows)
    yield _statement(insert.head, insert.rows[begin:])


def _statement(head: bytes, rows: memoryview) -> memoryview:
    whole = spool.Spool()
    whole.write(head + b" ")
    whole.write(rows)
    return spool.view(whole.done())


def _foreign(table: str) -> ImportFailed:
    return ImportFailed(
        Reason.IMPORT_FAILED,
        f"The source sent something else than rows for its table {clean(table, 64)};"
        " it was not run",
    )


def _too_large(table: str, rows: memoryview, row: re.Match[bytes], limit: int) -> ImportFailed:
    low = row.start(1)
    key = bytes(rows[low : min(row.end(1), low + _KEY_BYTES)]).decode("utf-8", "replace")
    size = (row.end() - row.start()) / 1e6
    return ImportFailed(
        Reason.DATABASE_ENGINE_MISMATCH,
        f"A row of table {clean(table, 64)} (its first column is {clean(key, _KEY_BYTES)}) takes"
        f" {size:.1f} MB, more than the clone's database server accepts (its max_allowed_packet,"
        f" which can be raised there, is {limit / 1e6:.1f} MB)",
    )
