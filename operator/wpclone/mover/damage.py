# SPDX-License-Identifier: Apache-2.0
"""Tells warnings that mean damage from those that WordPress has always lived with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection

# 1264 out of range, 1265 cut, 1366 bytes the column's character set does not have, 1406 too long
_DAMAGE: Final = frozenset({1264, 1265, 1366, 1406})
# 1292 is old sites' odd dates, and nothing worse; but of these types the value is gone.
_GONE: Final = re.compile(r"^Incorrect (?:uuid|inet[46]) value")
# An empty text in a number's place has always meant 0.
_EMPTY_NUMBER: Final = re.compile(r"^Incorrect \w+ value: ''")
_COLUMN: Final = re.compile(r"column (?:`[^`]*`\.`[^`]*`\.)?[`']([^`']+)[`']")


def check(connection: Connection, table: str) -> None:
    """Raise ImportFailed if the statement that ran last has stored something else than was sent."""
    for row in connection.query("SHOW WARNINGS"):
        code, text = int(row[1]), row[2].decode("utf-8", "replace")
        if not _GONE.match(text) and (code not in _DAMAGE or _EMPTY_NUMBER.match(text)):
            continue
        column = _COLUMN.search(text)
        if column and code == 1265 and _is_choice(connection, table, column[1]):  # noqa: PLR2004  see above
            continue  # the empty text an ENUM holds for a value that it does not have
        raise ImportFailed(
            Reason.IMPORT_FAILED,
            f"The clone's database cannot hold a value of table {clean(table, 64)} as the source"
            f" has it: {clean(text, 160)}",
        )


def _is_choice(connection: Connection, table: str, column: str) -> bool:
    kind = connection.value(
        "SELECT data_type FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s",
        (table, column),
    )
    return kind in {b"enum", b"set"}
