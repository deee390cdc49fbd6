# SPDX-License-Identifier: Apache-2.0
"""States what the mover may ask of any source, and the plain values that come back."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wpclone.api.mover import Inspection
    from wpclone.mover.spool import Sql


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the site: its name, its size when inspected, and its real CREATE statement."""

    name: str
    rows: int
    bytes: int
    ddl: builtins.bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole SQL statements of one table, and where to go on after them.

    The statements are meant for a connection that speaks `SET NAMES binary`: literals hold the
    bytes PHP saw on the source; binary columns carry the introducer `_binary`, and text whose
    column has another character set than the site's connection that one's (`_utf8mb4'…'`).
    `cursor` is the point to resume at once this piece is loaded; None says the table is done.
    """

    sql: Sql
    rows: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows that the clone's database server copies by itself, and where to go on after them.

    `sql` copies them; `measured` tells how many have come by it, and their bytes.
    """

    sql: str
    measured: str
    cursor: str


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One file of the site, its path relative to the folder that holds `wp-content`.

    `have` bytes of this very version have come already: a source that can goes on after them.
    """

    path: bytes
    size: int
    mtime: int
    have: int = 0


@dataclass(frozen=True, slots=True)
class FileChunk:
    """A run of bytes of one file.

    Chunks of a file arrive in order, from what the caller has on or from the start. An offset of 0
    means: begin this file (again), because it changed while it was being read. `missing` says that
    the file has vanished since it was listed; such a chunk is the last one, holds no data and may
    follow earlier ones.
    """

    path: bytes
    offset: int
    data: bytes
    last: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the source was when its copy began.

    `marks` fix which rows belong to the copy, in the source's own words; `versions` name its
    software, database and theme included.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of the source that is not copied, and why, for people to read."""

    what: str
    why: str


class Source(Protocol):
    """Where a clone's content comes from.

    Every method may raise `wpclone.errors.SourceError`. A source may be used from several threads
    and from forked children; `close` is called once, by the process that opened it.
    """

    def inspect(self) -> Inspection:
        """Tell what the source is and how big."""
        ...

    def beginning(self) -> Beginning:
        """Tell what the source was when this session first looked, or last began again."""
        ...

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Look anew, but copy only rows up to the marks of an earlier beginning."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Ask which versions the software of the source has now."""
        ...

    def tables(self) -> Sequence[Table]:
        """List the tables under the site's own prefix, parents before their children."""
        ...

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table's rows, from its start or from the cursor of an earlier piece."""
        ...

    def files(self) -> Iterator[FileInfo]:
        """List the files to copy: what a page needs first, uploads last."""
        ...

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of the named files, in their order."""
        ...

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far (views, triggers, caches, backups, odd files)."""
        ...

    def close(self, *, finished: bool) -> None:
        """End the session; `finished` takes our plugin off the source if no one else uses it."""
        ...
