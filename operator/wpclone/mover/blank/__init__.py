# SPDX-License-Identifier: Apache-2.0
"""A fresh WordPress as a source: what a clone begins with that copies nobody's site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Final

from wpclone.api.mover import Inspection
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table

DUMP: Final = "wordpress.sql"
ADDRESS: Final = "http://blank.invalid"
PREFIX: Final = "wp_"
_VERSIONS: Final = re.compile(rb"^-- WordPress (\S+), database version (\d+)$", re.MULTILINE)
_STATEMENT: Final = re.compile(
    rb"^(CREATE TABLE|INSERT INTO) `(\w+)`.*?;$", re.MULTILINE | re.DOTALL
)
_ROWS: Final = re.compile(rb"^\(", re.MULTILINE)


class BlankSource:
    """The committed dump, read as any other source."""

    def __init__(self) -> None:
        """Read the dump: it is some tens of kilobytes."""
        self._dump = resources.files(__package__).joinpath(DUMP).read_bytes()
        self._statements = list(_STATEMENT.finditer(self._dump))

    def inspect(self) -> Inspection:
        """Tell what a fresh WordPress is."""
        versions = _VERSIONS.search(self._dump)
        tables = self.tables()
        return Inspection(
            site_url=ADDRESS,
            home_url=ADDRESS,
            wordpress_version=versions[1].decode() if versions else "",
            db_version=versions[2].decode() if versions else "",
            table_prefix=PREFIX,
            charset="utf8mb4",
            tables=len(tables),
            rows=sum(table.rows for table in tables),
            database_bytes=len(self._dump),
        )

    def beginning(self) -> Beginning:
        """Tell nothing: a dump does not change."""
        return Beginning()

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Do nothing: all rows belong to the copy."""

    def versions(self) -> Mapping[str, str]:
        """Tell nothing."""
        return {}

    def tables(self) -> Sequence[Table]:
        """List the tables of the dump."""
        return [
            Table(found[2].decode(), *self._size(found[2]), ddl=found[0].removesuffix(b";"))
            for found in self._statements
            if found[1] == b"CREATE TABLE"
        ]

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Give the rows of a table in one piece."""
        inserts = [] if cursor else self._inserts(table.name.encode())
        if inserts:
            yield Piece(b"\n".join(inserts), table.rows, None)

    def files(self) -> Iterator[FileInfo]:
        """Give none: the image has all that a fresh WordPress needs."""
        return iter(())

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Say that a file is missing: there are none."""
        return (FileChunk(info.path, 0, b"", last=True, missing=True) for info in files)

    def skipped(self) -> Sequence[Skipped]:
        """Nothing is left out."""
        return ()

    def close(self, *, finished: bool) -> None:
        """End nothing: there is no session."""

    def _inserts(self, name: bytes) -> list[bytes]:
        return [s[0] for s in self._statements if s[1] == b"INSERT INTO" and s[2] == name]

    def _size(self, name: bytes) -> tuple[int, int]:
        inserts = self._inserts(name)
        return sum(len(_ROWS.findall(sql)) for sql in inserts), sum(map(len, inserts))
