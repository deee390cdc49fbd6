# SPDX-License-Identifier: Apache-2.0
"""Remembers where in an archive each file is: on disk, so that memory stays small."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wpclone.mover.sources.base import FileInfo
from wpclone.mover.sources.files import place

_TABLE: Final = (
    "CREATE TABLE file (path BLOB PRIMARY KEY, size INTEGER, mtime INTEGER, at INTEGER,"
    " area INTEGER) WITHOUT ROWID"
)
_PUT: Final = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)"
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, and where its bytes begin."""

    info: FileInfo
    at: int


class Index:
    """The files of one archive, in the order in which they are to be copied.

    Of two files with one path the later one counts, as with `tar` itself. It is filled by one
    thread; once that is done, threads and forked children may share it.
    """

    def __init__(self) -> None:
        """Begin empty, in a file of our own."""
        handle, self._path = tempfile.mkstemp(prefix="wpclone-index-")
        os.close(handle)
        self._lock = threading.Lock()
        self._maker = self._process = os.getpid()
        self._base = self._opened()
        self._base.execute(_TABLE)
        self._base.execute("BEGIN")

    def put(self, path: bytes, size: int, mtime: int, at: int) -> None:
        """Remember a file."""
        self._base.execute(_PUT, (path, size, mtime, at, place.area(path)))

    def done(self) -> None:
        """Say that there are no more."""
        self._base.execute("CREATE INDEX in_order ON file (area, at, path)")
        self._base.execute("COMMIT")

    def get(self, path: bytes) -> Entry | None:
        """Return where a file is."""
        with self._lock:
            found = (
                self._ours()
                .execute("SELECT path, size, mtime, at FROM file WHERE path = ?", (path,))
                .fetchone()
            )
        return _entry(found) if found else None

    def sums(self) -> tuple[int, int]:
        """Return how many files there are, and their bytes."""
        with self._lock:
            count, size = (
                self._ours().execute("SELECT COUNT(*), IFNULL(SUM(size), 0) FROM file").fetchone()
            )
        return int(count), int(size)

    def entries(self) -> Iterator[Entry]:
        """Yield the files by area, in each as the archive has them."""
        last: tuple[int, int, bytes] = (-1, -1, b"")
        while True:
            with self._lock:
                page = (
                    self._ours()
                    .execute(
                        "SELECT path, size, mtime, at, area FROM file"
                        " WHERE (area, at, path) > (?, ?, ?) ORDER BY area, at, path LIMIT ?",
                        (*last, _PAGE),
                    )
                    .fetchall()
                )
            for row in page:
                yield _entry(row)
            if len(page) < _PAGE:
                return
            last = (page[-1][4], page[-1][3], bytes(page[-1][0]))

    def close(self) -> None:
        """Forget everything, in the process that made it."""
        if os.getpid() == self._maker:
            self._base.close()
            Path(self._path).unlink(missing_ok=True)

    def _ours(self) -> sqlite3.Connection:
        """Return this process' own connection: SQLite's must not be shared with a parent."""
        if os.getpid() != self._process:
            self._process, self._base = os.getpid(), self._opened()
        return self._base

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4096"):
            base.execute(f"PRAGMA {setting}")
        return base


def _entry(row: tuple[bytes, int, int, int]) -> Entry:
    return Entry(FileInfo(bytes(row[0]), row[1], row[2]), row[3])
