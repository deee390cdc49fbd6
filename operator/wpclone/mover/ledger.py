# SPDX-License-Identifier: Apache-2.0
"""Keeps, in the clone's own schema, which tables have arrived and how far the current one is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Self

from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed
from wpclone.mover.sources.base import Beginning

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection

TABLE: Final = "wpcloneprogress"
MARKER: Final = "wpcloneimport"
MASKED: Final = "wpclonemasked"
# Tables of a schema that are the mover's and never the site's.
OURS: Final = frozenset({TABLE, MARKER, MASKED})

_CREATE: Final = (
    f"CREATE TABLE IF NOT EXISTS `{TABLE}` ("
    "name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,"
    "done TINYINT NOT NULL, piece BIGINT NOT NULL, report MEDIUMTEXT NOT NULL) ENGINE=InnoDB"
)
# The line about the import as a whole: no table has this name.
_BEGINNING: Final = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one table brought, and what the rewriter saw in it."""

    rows: int = 0
    bytes: int = 0
    rewritten: int = 0
    residual: int = 0
    protected: int = 0
    serialized: int = 0
    invalid_before: int = 0
    invalid_after: int = 0
    masked: int = 0
    dropped: int = 0  # rows that masking left out
    neighbours: int = 0  # rows that the database server has copied by itself

    def plus(self, other: Self) -> Self:
        """Add two tables up."""
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Point:
    """How far a table is: pieces that are in, where to go on, and what has come until there.

    `shape` tells the definition that the table had on the source.
    """

    shape: str
    piece: int = 0
    cursor: str | None = None
    arrived: Arrived = field(default_factory=Arrived)

    @property
    def is_whole(self) -> bool:
        """Tell whether no piece is missing."""
        return self.piece > 0 and self.cursor is None

    def text(self) -> str:
        """Return the text that the ledger keeps."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """Return the point in such a text."""
        said: dict[str, Any] = json.loads(text)
        return cls(**{**said, "arrived": Arrived(**said["arrived"])})


class Ledger:
    """The bookkeeping of one import; each line is written in the transaction of what it tells."""

    def __init__(self, connection: Connection) -> None:
        """Use the connection that loads."""
        self._connection = connection

    def open(self) -> None:
        """Make the ledger; ImportFailed if the schema holds what no import of ours has put there.

        The ledger is made before anything else, so a schema with tables but without it is not
        a clone's own fresh one.
        """
        there = {_text(row[0]) for row in self._connection.query("SHOW TABLES")}
        if there and TABLE not in there:
            raise ImportFailed(
                Reason.IMPORT_FAILED,
                "The clone's database already holds tables that no import of it has made",
            )
        self._connection.run(_CREATE)

    def beginning(self) -> Beginning | None:
        """Return what the source was when the import began, or None if it has not begun."""
        if not self._connection.query(f"SHOW TABLES LIKE '{TABLE}'"):
            return None
        found: Any = self._connection.value(
            f"SELECT report FROM `{TABLE}` WHERE name = %s",  # noqa: S608  a constant
            (_BEGINNING,),
        )
        return None if found is None else Beginning(**json.loads(found))

    def begin_import(self, beginning: Beginning, again: Iterable[str] = ()) -> None:
        """Note what the source is now; the tables in `again` have to come once more."""
        with self._connection.transaction():
            self._connection.run(
                f"REPLACE INTO `{TABLE}` (name, done, piece, report) VALUES (%s, 0, 0, %s)",  # noqa: S608  a constant
                (_BEGINNING, json.dumps(asdict(beginning))),
            )
            for name in again:
                self._connection.run(
                    f"UPDATE `{TABLE}` SET done = 0, report = '' WHERE name = %s",  # noqa: S608  a constant
                    (name,),
                )

    def arrived(self) -> dict[str, Arrived]:
        """Return the tables that are complete."""
        rows = self._connection.query(f"SELECT name, report FROM `{TABLE}` WHERE done = 1")  # noqa: S608  a constant
        return {_text(name): Arrived(**json.loads(report)) for name, report in rows}

    def begin(self, table: str) -> None:
        """Note that the table is about to be made anew: nothing of it counts any more."""
        self._connection.run(
            f"REPLACE INTO `{TABLE}` (name, done, piece, report) VALUES (%s, 0, 0, '')",  # noqa: S608  a constant
            (table,),
        )

    def forget(self) -> None:
        """Let every table be copied anew by the next run."""
        self._connection.run(
            f"UPDATE `{TABLE}` SET done = 0, report = '' WHERE name <> %s",  # noqa: S608  a constant
            (_BEGINNING,),
        )

    def mark(self, table: str, point: Point, *, resumable: bool) -> None:
        """Note, within a piece's own transaction, that the table is so far."""
        self._connection.run(
            f"UPDATE `{TABLE}` SET piece = %s, report = %s WHERE name = %s",  # noqa: S608  a constant
            (point.piece, point.text() if resumable else "", table),
        )

    def point(self, table: str) -> Point | None:
        """Return where a table that is not finished can go on, or None if it begins anew."""
        found: Any = self._connection.value(
            f"SELECT report FROM `{TABLE}` WHERE name = %s AND done = 0",  # noqa: S608  a constant
            (table,),
        )
        return Point.read(found) if found else None

    def piece(self, table: str) -> int | None:
        """Return the last piece of the table that has been loaded, or None: no such table."""
        found: Any = self._connection.value(
            f"SELECT piece FROM `{TABLE}` WHERE name = %s",  # noqa: S608  a constant
            (table,),
        )
        return None if found is None else int(found)

    def finish(self, table: str, arrived: Arrived) -> None:
        """Note that the table is complete and counted."""
        self._connection.run(
            f"UPDATE `{TABLE}` SET done = 1, report = %s WHERE name = %s",  # noqa: S608  a constant
            (json.dumps(asdict(arrived)), table),
        )


def total(arrived: Iterable[Arrived]) -> Arrived:
    """Add all tables up."""
    whole = Arrived()
    for one in arrived:
        whole = whole.plus(one)
    return whole


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
