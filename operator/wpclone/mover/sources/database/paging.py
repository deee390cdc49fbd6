# SPDX-License-Identifier: Apache-2.0
"""Pages a table by its key, or by a digest of its rows where it has none.

Unlike an offset this costs the same on every page, and rows that come or go do not shift it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Final, Protocol

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.database.tables import Shape
from wpclone.mover.sources.database.wire import Row, Wire

_DIGEST: Final = re.compile(r"[0-9a-f]{32}")


class Pager(Protocol):
    """Where in a table we are."""

    width: int
    """How many columns in front of each row are its key."""

    def query(self, wire: Wire, selected: str, limit: int) -> str:
        """Return the query for the next page of about `limit` rows."""
        ...

    def advance(self, key: Row) -> None:
        """Hear that the row with this key has been passed on."""
        ...

    def may_stop(self, following: Row) -> bool:
        """Tell whether the point before the row with this key is good to resume at."""
        ...

    def ended(self, seen: int, limit: int) -> bool:
        """Hear that a page has ended; tell whether the table has."""
        ...

    def cursor(self) -> str:
        """Return the point to resume at."""
        ...

    def exactly(self, key: Row) -> str:
        """Return the condition for one row."""
        ...


class ByKey:
    """Each page begins after the last key of the one before."""

    def __init__(self, shape: Shape, condition: str, cursor: str | None) -> None:
        """Begin at the start, or at a cursor."""
        self._shape = shape
        self._condition = condition
        self._last = _read(shape, cursor) if cursor else None
        self.width = len(shape.key)

    def query(self, _wire: Wire, selected: str, limit: int) -> str:
        """Return the query for the next page."""
        keys = ",".join(column.quoted for column in self._shape.key)
        where = self._condition + (f" AND {self._after(self._last)}" if self._last else "")
        return (
            f"SELECT {keys},{selected} FROM {self._shape.quoted}{self._shape.beside} WHERE {where}"  # noqa: S608  quoted
            f" ORDER BY {keys} LIMIT {limit}"
        )

    def advance(self, key: Row) -> None:
        """Note the row's key."""
        self._last = tuple(part or b"" for part in key)

    def may_stop(self, _following: Row) -> bool:
        """Stop anywhere: no two rows have one key."""
        return True

    def ended(self, seen: int, limit: int) -> bool:
        """Tell that a page with room left was the last one."""
        return seen < limit

    def cursor(self) -> str:
        """Return the last key."""
        return json.dumps([base64.b64encode(part).decode() for part in self._last or ()])

    def exactly(self, key: Row) -> str:
        """Compare the whole key."""
        pairs = zip(self._shape.key, key, strict=True)
        return " AND ".join(column.compared("=", part or b"") for column, part in pairs)

    def _after(self, last: tuple[bytes, ...]) -> str:
        """Return the condition for rows after a key; any server uses the index for it."""
        choices: list[str] = []
        equal: list[str] = []
        for column, part in zip(self._shape.key, last, strict=True):
            choices.append("(" + " AND ".join([*equal, column.compared(">", part)]) + ")")
            equal.append(column.compared("=", part))
        least = self._shape.key[0].compared(">=", last[0])
        return f"{least} AND ({' OR '.join(choices)})"


class ByDigest:
    """Each page holds the rows of so many digests: equal rows stay together, none comes twice.

    A page costs two looks at the whole table.
    """

    width = 1

    def __init__(self, shape: Shape, condition: str, cursor: str | None) -> None:
        """Begin at the start, or at a cursor."""
        self._shape = shape
        self._condition = condition
        self._last = self._end = cursor or ""  # sorts before every digest
        if cursor and not _DIGEST.fullmatch(cursor):
            raise _changed(shape)
        self._full = False

    def query(self, wire: Wire, selected: str, limit: int) -> str:
        """Look for the page's end, and return the query for its rows."""
        digest = self._shape.digest()
        source = f"{self._shape.quoted} WHERE {self._condition}"
        ends = wire.all(
            f"SELECT DISTINCT d FROM (SELECT {digest} AS d FROM {source}) AS digests"  # noqa: S608  quoted
            f" WHERE d > '{self._last}' ORDER BY d LIMIT {limit}"
        )
        self._full = len(ends) >= limit
        self._end = _hex(ends[-1][0], self._shape) if ends else self._last
        return (
            f"SELECT {digest} AS d,{selected} FROM {source} AND {digest} > '{self._last}'"  # noqa: S608  quoted
            f" AND {digest} <= '{self._end}' ORDER BY d"
        )

    def advance(self, key: Row) -> None:
        """Note the row's digest."""
        self._last = _hex(key[0], self._shape)

    def may_stop(self, following: Row) -> bool:
        """Stop only where the next row is another one."""
        return following[0] != self._last.encode()

    def ended(self, _seen: int, _limit: int) -> bool:
        """Tell that the page before the last digests was the last one."""
        self._last = self._end
        return not self._full

    def cursor(self) -> str:
        """Return the last digest."""
        return self._last

    def exactly(self, key: Row) -> str:
        """Compare the digest."""
        return f"{self._shape.digest()} = '{_hex(key[0], self._shape)}'"


def pager(shape: Shape, condition: str, cursor: str | None) -> Pager:
    """Return how a table is paged, from its start or from a cursor."""
    return (ByKey if shape.key else ByDigest)(shape, condition, cursor)


def _read(shape: Shape, cursor: str) -> tuple[bytes, ...]:
    try:
        key = tuple(base64.b64decode(part, validate=True) for part in json.loads(cursor))
    except (ValueError, TypeError, binascii.Error):
        raise _changed(shape) from None
    if len(key) != len(shape.key):
        raise _changed(shape)
    return key


def _hex(digest: bytes | None, shape: Shape) -> str:
    """Return a digest of the server's, which becomes part of the next query."""
    text = (digest or b"").decode("ascii", "replace")
    if not _DIGEST.fullmatch(text):
        raise _changed(shape)
    return text


def _changed(shape: Shape) -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST,
        f"The key of table {clean(shape.name, 64)} has changed while it was copied",
        retryable=True,
    )
