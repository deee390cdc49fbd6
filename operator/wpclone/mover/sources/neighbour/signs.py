# SPDX-License-Identifier: Apache-2.0
"""Writes, as SQL, the condition that the rewriter would pass a row through untouched.

It looks for the texts of the rewriter's own prefilter, in the bytes that the server stores. Where
it is not plain that these are the bytes the rewriter would see, there is no condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wpclone.mover.sources.database.columns import Column
from wpclone.rewrite import Prefilter

# A longer value is not looked into: the server turns what exceeds its packet into NULL.
LONGEST: Final = 1_048_576
# None of these can hold an address, which has slashes.
_BARE: Final = frozenset(
    (
        *("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric"),
        *("float", "double", "year", "bit", "date", "datetime", "timestamp", "time"),
    )
)
_TEXT: Final = frozenset(
    (
        *("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"),
        *("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"),
    )
)
# Character sets in which ASCII stands for itself, and nothing else looks like it.
_ASCII_INSIDE: Final = frozenset(
    ("", "binary", "ascii", "latin1", "utf8", "utf8mb3", "utf8mb4"),
)


def untouched(columns: Sequence[Column], prefilter: Prefilter) -> str | None:
    """Return the condition for rows without any sign, or None if SQL cannot tell.

    It is true for such rows only; for others it is false, or NULL.
    """
    parts = ["1"]
    for column in columns:
        if column.type in _BARE:
            continue
        if column.type not in _TEXT or column.charset not in _ASCII_INSIDE:
            return None
        parts.append(_without(column, prefilter))
    return " AND ".join(parts)


def _without(column: Column, prefilter: Prefilter) -> str:
    stored = f"CAST({column.quoted} AS BINARY)"
    # This collation gives both cases of a letter one weight, and each byte a weight.
    folded = f"CONVERT({stored} USING latin1)"
    absent = [f"LENGTH({column.quoted})<={LONGEST}"]
    absent += [
        f"LOCATE(_latin1 X'{text.hex()}' COLLATE latin1_general_ci,{folded})=0"
        for text in prefilter.folded
    ]
    absent += [f"LOCATE(_binary X'{text.hex()}',{stored})=0" for text in prefilter.exact]
    return f"({column.quoted} IS NULL OR ({' AND '.join(absent)}))"
