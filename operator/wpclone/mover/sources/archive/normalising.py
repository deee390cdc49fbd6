# SPDX-License-Identifier: Apache-2.0
"""Writes the rows of a stranger's dump as a source has to: plain INSERTs, bytes as PHP saw them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wpclone.errors import TruncatedDump
from wpclone.mover.sources.archive import columns, scanning
from wpclone.mover.sources.archive.columns import Column
from wpclone.mover.sources.archive.scanning import Found
from wpclone.mover.sources.base import Piece
from wpclone.mover.sources.remote.reader import truncated
from wpclone.rewrite import Form, RowHook, Value, literals, statements

PIECE_BYTES: Final = 1024 * 1024


def pieces(
    found: Found, charset: str, parts: Iterator[bytes], cursor: str | None
) -> Iterator[Piece]:
    """Yield the rows of one table out of the part of the dump that holds them.

    A cursor says how many statements, with how many rows, an earlier piece has ended after.
    """
    passed, told = map(int, cursor.split()) if cursor else (0, 0)
    stream = scanning.stream(_hook(found, charset), lambda name: name == found.name)
    held: list[bytes] = []
    size = seen = 0
    for part in parts:
        for statement in stream.statements(part):
            seen += 1
            if seen > passed:
                insert = _insert(found.name, statement)
                held.append(insert)
                size += len(insert)
        if size >= PIECE_BYTES:
            rows = stream.rows.get(found.name, 0)
            yield Piece(b"".join(held), rows - told, f"{seen} {rows}")
            held, size, told = [], 0, rows
    try:
        held += [_insert(found.name, statement) for statement in stream.close()]
    except TruncatedDump:
        raise truncated() from None
    yield Piece(b"".join(held), stream.rows.get(found.name, 0) - told, None)


def _insert(table: str, statement: bytes) -> bytes:
    """Return a statement of this table's rows with a plain head; nothing for any other."""
    head = statements.INSERT.match(statement, scanning.beginning(statement))
    if head is None or statements.name(head["table"]) != table:
        return b""
    listed = head["columns"]
    names = "" if listed is None else ",".join(map(_quoted, statements.listed(listed)))
    said = f"INSERT INTO {_quoted(table)} {f'({names}) ' if names else ''}VALUES "
    return said.encode() + statement[head.end() :] + b"\n"


def _hook(found: Found, charset: str) -> RowHook | None:
    """Return what writes values anew, if any of this table have to be."""
    known = {column.name: column for column in columns.read(found.ddl, charset)}
    foreign = {c.name for c in known.values() if c.charset and not _same(c, charset)}
    if not foreign and not found.quotes:
        return None
    intro = b"_" + charset.encode()
    order = tuple(known)

    def write(_table: str, named: tuple[str, ...], values: list[Value]) -> list[Value]:
        names = named if len(named) == len(values) else order
        return [
            _written(value, intro if name in foreign else b"")
            for name, value in zip(names, values, strict=True)
        ]

    return write


def _same(column: Column, charset: str) -> bool:
    return column.charset is None or columns.same_bytes(column.charset, charset)


def _written(value: Value, intro: bytes) -> Value:
    """Return a value in single quotes, with the character set of its bytes if it needs one."""
    if value.form is not Form.TEXT:
        return value
    raw = value.raw[len(value.intro) :]
    if raw.startswith(b'"'):
        raw = literals.BACKSLASHES.encode(value.data or b"", b"''")
    intro = value.intro or intro
    return Value(intro + raw, Form.TEXT, value.dialect, intro)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
