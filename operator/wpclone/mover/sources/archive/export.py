# SPDX-License-Identifier: Apache-2.0
"""Is an export as a source: rows and files by the offsets of its index, each checksum verified."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wpclone.api.mover import Inspection
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import spool
from wpclone.mover.sources.archive import contents, form, marks
from wpclone.mover.sources.archive.form import Entry
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table
from wpclone.mover.sources.remote import folder
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote
from wpclone.mover.spool import Sql

_READ: Final = 256 * 1024
# Each piece is held as a line of the index; at a mebibyte each, this is a terabyte of rows.
_MOST_PIECES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(FileInfo):
    """A file of the export, and its line of the index."""

    offset: int
    sha256: str


class ExportSource:
    """An export that lies somewhere; see `wpclone.mover.sources.base.Source`."""

    def __init__(self, remote: Remote) -> None:
        """Read what it holds; SourceError if it is cut off or damaged."""
        self._remote = remote
        self._contents = contents.read(remote)
        self._pieces = _pieces(self._contents)
        self._skipped: dict[Skipped, None] = {}

    def inspect(self) -> Inspection:
        """Tell what the site was, counted anew where the index tells better."""
        files = list(map(_size, self.files()))
        rows = sum(entry.rows or 0 for pieces in self._pieces.values() for entry in pieces)
        return self._contents.manifest.site.model_copy(
            update={
                "tables": len(self._contents.tables),
                "rows": rows,
                "files": len(files),
                "file_bytes": sum(files),
            }
        )

    def beginning(self) -> Beginning:
        """Tell which archive this is."""
        return Beginning(marks.of(self._contents.version), self._contents.manifest.versions)

    def begin_again(self, marks_then: Mapping[str, str]) -> None:
        """Make sure that it is still the same archive."""
        marks.compare(marks_then, self._contents.version)

    def versions(self) -> Mapping[str, str]:
        """Tell what the site's software was: it never changes."""
        return self._contents.manifest.versions

    def tables(self) -> Sequence[Table]:
        """List the tables in the order in which they were written, parents first."""
        return self._contents.tables

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table's rows, from its start or from a cursor."""
        pieces = self._pieces.get(table.name, [])[int(cursor or 0) :]
        if not pieces:
            yield Piece(b"", 0, None)
            return
        done = len(self._pieces[table.name]) - len(pieces)
        last = pieces[-1]
        with contextlib.closing(Pull(self._remote, end=last.offset + last.size)) as pull:
            for number, entry in enumerate(pieces, done + 1):
                cursor = None if entry is last else str(number)
                yield Piece(_sql(entry, pull), entry.rows or 0, cursor)

    def files(self) -> Iterator[FileInfo]:
        """List the files, and take note of what was left out when the export was made."""
        for line in self._contents.lines():
            if isinstance(line, Skipped):
                self._skipped[line] = None
            elif line.name.startswith(form.FILES):
                path = line.name.removeprefix(form.FILES)
                yield Kept(path, line.size, line.mtime or 0, offset=line.offset, sha256=line.sha256)

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of files that this source has listed."""
        kept = [file for file in files if isinstance(file, Kept)]
        if len(kept) != len(files):
            raise TypeError("only files that the archive has listed can be fetched")
        end = max((file.offset + file.size for file in kept), default=0)
        with contextlib.closing(Pull(self._remote, end=end)) as pull:
            for file in kept:
                pull.go(file.offset)
                yield from _verified(file, folder.chunks(file.path, file.size, pull))

    def skipped(self) -> Sequence[Skipped]:
        """Name what was left out when the export was made."""
        return list(self._skipped)

    def close(self, *, finished: bool) -> None:  # noqa: ARG002  an archive stays as it is
        """Hang up."""
        self._remote.close()


def _pieces(found: contents.Contents) -> dict[str, list[Entry]]:
    """Return the pieces of each table; SourceError if index and manifest are not of one export."""
    tables = {line.folder.encode(): line.name for line in found.manifest.tables}
    pieces: dict[str, list[Entry]] = {}
    lines = found.lines()
    first = next(lines, None)
    if not isinstance(first, Entry) or first.sha256 != found.manifest_sha256:
        raise form.damaged("its manifest has another checksum than its index says")
    for number, line in enumerate(lines):
        if not isinstance(line, Entry) or not line.name.startswith(form.DATABASE):
            break
        if number == _MOST_PIECES:
            raise _too_many()
        where, _, name = line.name.rpartition(b"/")
        table = tables.get(where + b"/")
        if table is None:
            raise form.damaged("its index names a table that its manifest does not")
        if name != form.DEFINITION:
            pieces.setdefault(table, []).append(line)
    return pieces


def _size(info: FileInfo) -> int:
    return info.size


def _sql(entry: Entry, pull: Pull) -> Sql:
    """Return the statements of one piece."""
    pull.go(entry.offset)
    digest, unpack, sql = hashlib.sha256(), zlib.decompressobj(31), spool.Spool()
    left = entry.size
    try:
        while left:
            packed = pull.exactly(min(left, _READ))
            left -= len(packed)
            digest.update(packed)
            while packed and not unpack.eof:
                sql.write(unpack.decompress(packed, _READ))
                packed = unpack.unconsumed_tail
    except zlib.error:
        # Damaged on its way, more often than written wrongly.
        raise form.damaged(f"{_shown(entry.name)} cannot be unpacked") from None
    except spool.TooLong:
        raise _too_large(entry) from None
    if digest.hexdigest() != entry.sha256:
        raise _other_checksum(entry.name)
    if not unpack.eof:
        raise form.damaged(f"{_shown(entry.name)} cannot be unpacked")
    return sql.done()


def _verified(file: Kept, chunks: Iterator[FileChunk]) -> Iterator[FileChunk]:
    """Pass the chunks of a file on; the last one only if all of it is as it was written."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk.data)
        if chunk.last and digest.hexdigest() != file.sha256:
            raise _other_checksum(file.path)
        yield chunk


def _other_checksum(name: bytes) -> SourceError:
    return form.damaged(f"{_shown(name)} has another checksum than its index says")


def _too_large(entry: Entry) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"{_shown(entry.name)} in the archive is larger than the"
        f" {spool.MOST / 1e6:,.0f} MB that can be copied at once",
    )


def _too_many() -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"The archive's tables have more than the {_MOST_PIECES:,} pieces that can be copied",
    )


def _shown(name: bytes) -> str:
    return clean(name.decode("utf-8", "replace"), 120)
