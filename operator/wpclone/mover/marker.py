# SPDX-License-Identifier: Apache-2.0
"""Marks a finished import in the database and on the volume, so that it happens once.

The volume is marked first and the database last: a database that is marked had a volume that was
complete. If the volume's mark is missing later, the volume has been lost, and only its files are
copied anew; rows that people have changed since are never touched again.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed
from wpclone.mover import tree
from wpclone.mover.ledger import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from wpclone.mover.connection import Connection

FILE: Final = "imported.json"
_CREATE: Final = (
    f"CREATE TABLE IF NOT EXISTS `{MARKER}` ("
    "uid VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY, attempt INT NOT NULL,"
    "finished DATETIME NOT NULL, report MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL) ENGINE=InnoDB"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What an earlier run has left behind."""

    database: Outcome | None
    volume: bool


class Marker:
    """Reads and sets the two marks of one clone."""

    def __init__(self, connection: Connection, state: Path, uid: str) -> None:
        """Look for the marks of the clone `uid` and no other."""
        self._connection = connection
        self._file = state / FILE
        self._uid = uid

    def read(self) -> Marks:
        """Return what is marked; NameConflict if database or volume belong to another clone."""
        return Marks(self._database(), self._volume())

    def set(self, outcome: Outcome, attempt: int) -> None:
        """Mark volume and database as imported, in this order."""
        self.set_volume()
        self._connection.run(_CREATE)
        self._connection.run(
            f"REPLACE INTO `{MARKER}` (uid, attempt, finished, report)"  # noqa: S608  a constant
            " VALUES (%s, %s, UTC_TIMESTAMP(), %s)",
            (self._uid, attempt, json.dumps(outcome.to_json())),
        )

    def set_volume(self) -> None:
        """Mark the volume alone, once all it holds has reached the disk."""
        draft = self._file.with_suffix(".part")
        with tree.said():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            tree.sync(self._file.parent)
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"uid": self._uid}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)

    def _database(self) -> Outcome | None:
        if not self._connection.query(f"SHOW TABLES LIKE '{MARKER}'"):
            return None
        rows = self._connection.query(f"SELECT uid, report FROM `{MARKER}`")  # noqa: S608  a constant
        for uid, report in rows:
            if uid.decode() == self._uid:
                return Outcome.read(report)
        if rows:
            raise _foreign("database")
        return None

    def _volume(self) -> bool:
        with contextlib.suppress(FileNotFoundError, ValueError):
            mark = json.loads(self._file.read_text("utf-8"))
            if mark.get("uid") == self._uid:
                return True
            raise _foreign("volume")
        return False


def _foreign(what: str) -> ImportFailed:
    return ImportFailed(
        Reason.NAME_CONFLICT, f"The clone's {what} holds what was imported for another clone"
    )
