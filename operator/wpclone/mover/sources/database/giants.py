# SPDX-License-Identifier: Apache-2.0
"""Reads one long value of a row by itself, in parts that any server is willing to send."""

from __future__ import annotations

from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.database.columns import Column, escaped
from wpclone.mover.sources.database.tables import Shape, number
from wpclone.mover.sources.database.wire import Wire

# A row is held whole while its addresses are rewritten, at about ten times its size, in a Job that
# has 512 MiB; with its quotes escaped it must also stay below what the mover takes as one piece.
MAX_VALUE: Final = 32 * 1024 * 1024
# Characters per part; up to four bytes each.
_PART: Final = 1_048_576
_LEAST_PART: Final = 4_096


def literal(wire: Wire, shape: Shape, column: Column, where: str) -> bytes | None:
    """Write the value as a literal; None if its row has gone."""
    # Once into a variable: reading parts from the column would read all of it for every part.
    wire.run("SET @wpclone_value = NULL")
    wire.run(
        f"SELECT {column.quoted} INTO @wpclone_value FROM {shape.quoted}"  # noqa: S608  quoted
        f" WHERE {where} LIMIT 1"
    )
    size, chars, survives, packet = wire.all(
        "SELECT LENGTH(@wpclone_value), CHAR_LENGTH(@wpclone_value),"
        f" {column.survives('@wpclone_value')}, @@max_allowed_packet"
    )[0]
    if size is None:
        return None
    if number(size) > MAX_VALUE:
        raise _too_large(shape, column, number(size))
    step = max(_LEAST_PART, min(_PART, number(packet) // 8))
    stored = survives != b"1"
    form = "CAST(%s AS BINARY)" if stored else "%s"
    parts = []
    for at in range(1, number(chars) + 1, step):
        part = wire.value("SELECT " + form % f"SUBSTRING(@wpclone_value,{at},{step})") or b""
        parts.append(part.hex().encode() if stored else escaped(part))
    wire.run("SET @wpclone_value = NULL")
    if stored:
        return f"_{column.charset} 0x".encode() + b"".join(parts)
    return column.introducer + b"'" + b"".join(parts) + b"'"


def _too_large(shape: Shape, column: Column, size: int) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"A value in {clean(shape.name, 64)}.{clean(column.name, 64)} of the source has"
        f" {size / 1e6:,.0f} MB; at most {MAX_VALUE / 1e6:,.0f} MB can be copied",
    )
