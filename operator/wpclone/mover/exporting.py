# SPDX-License-Identifier: Apache-2.0
"""Writes a whole source into one export: as it is, with every address left as it stands."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions, spool
from wpclone.mover.files import batches
from wpclone.mover.sources.archive import form
from wpclone.mover.sources.archive.form import Manifest, TableLine
from wpclone.mover.sources.archive.writing import Out, Writer
from wpclone.mover.sources.base import Skipped

if TYPE_CHECKING:
    from wpclone.api.mover import Inspection
    from wpclone.mover.sources.base import FileChunk, FileInfo, Piece, Source, Table

# Small pieces compress badly, and each costs a member's head.
PIECE_BYTES: Final = 1024 * 1024
# A file's size has to be written before its content; larger ones wait in an unnamed file.
FILE_IN_MEMORY: Final = 4 * 1024 * 1024
# Beyond this, text compresses little better and much slower.
_LEVEL: Final = 4
_MOST_SKIPPED: Final = 1000

Tell = Callable[[str], None]
"""Hears where we are."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    sha256: str
    size: int
    tables: int
    rows: int
    files: int
    skipped: int


def run(source: Source, out: Out, tell: Tell, folder: str | None = None) -> Exported:
    """Export a source that is open; files that do not fit into memory wait in `folder`.

    Raises SourceError, or OSError where `out` or `folder` takes no more; then what is in `out` is
    no export, and says so to whoever reads it.
    """
    writer = Writer(out, folder)
    try:
        return _Export(source, writer, tell, folder).everything()
    finally:
        writer.abandon()


class _Export:
    """One export while it is being written."""

    def __init__(self, source: Source, writer: Writer, tell: Tell, folder: str | None) -> None:
        self._source = source
        self._writer = writer
        self._tell = tell
        self._folder = folder
        self._skipped: dict[Skipped, None] = {}
        self._rows = self._files = 0

    def everything(self) -> Exported:
        """Write the members in their order."""
        self._tell("Looking at the source")
        seen = self._source.inspect()
        tables = {
            form.folder(number, table.name): table
            for number, table in enumerate(self._source.tables(), 1)
        }
        self._begin(seen, tables)
        for folder, table in tables.items():
            self._table(folder, table, seen.table_prefix)
        for batch in batches(self._wanted()):
            self._batch(batch)
        skipped = list(dict.fromkeys((*self._skipped, *self._source.skipped())))
        checksum = self._writer.close(skipped)
        return Exported(
            checksum, self._writer.size, len(tables), self._rows, self._files, len(skipped)
        )

    def _begin(self, seen: Inspection, tables: dict[str, Table]) -> None:
        """Write the manifest and how each table is made."""
        definitions = {folder: _definition(table) for folder, table in tables.items()}
        lines = [
            TableLine(
                name=table.name,
                folder=folder,
                rows=table.rows,
                bytes=table.bytes,
                definition_sha256=hashlib.sha256(definitions[folder]).hexdigest(),
            )
            for folder, table in tables.items()
        ]
        versions = dict(self._source.beginning().versions)
        site = seen.model_copy(update={"agent": None})
        manifest = Manifest(site=site, versions=versions, tables=tuple(lines))
        self._writer.text(form.MANIFEST, manifest.text())
        for folder, definition in definitions.items():
            self._writer.text(folder.encode() + form.DEFINITION, definition)

    def _table(self, folder: str, table: Table, prefix: str) -> None:
        if why := exclusions.structure_only(table.name, prefix):
            self._skip(table.name, f"only its structure: {why}")
            return
        done = 0
        for number, (sql, rows) in enumerate(_joined(self._source.rows(table, None)), 1):
            packed = gzip.compress(sql, _LEVEL, mtime=0)
            self._writer.text(form.piece_name(folder, number), packed, rows=rows)
            done += rows
            self._tell(f"{table.name}: {done:,} rows")
        self._rows += done

    def _wanted(self) -> Iterator[FileInfo]:
        for info in self._source.files():
            if why := exclusions.unsafe(info.path) or exclusions.left_out(info.path):
                self._skip(_shown(info.path), why)
            else:
                yield info

    def _batch(self, batch: Sequence[FileInfo]) -> None:
        """Fetch some files; each becomes a member once it is whole."""
        chunks = self._source.fetch(batch)
        for info in batch:
            with tempfile.SpooledTemporaryFile(FILE_IN_MEMORY, dir=self._folder) as held:
                size = _collect(info, chunks, held)
                if size is None:
                    self._skip(_shown(info.path), "deleted on the source meanwhile")
                    continue
                held.seek(0)
                self._writer.file(info.path, held, size, max(0, info.mtime))
            self._files += 1
            self._tell(_shown(info.path))

    def _skip(self, what: str, why: str) -> None:
        if len(self._skipped) < _MOST_SKIPPED:
            self._skipped[Skipped(clean(what), clean(why))] = None


def _joined(pieces: Iterator[Piece]) -> Iterator[tuple[memoryview, int]]:
    """Put small pieces together; the statements stay whole."""
    sql: list[memoryview] = []
    size = rows = 0
    for piece in pieces:
        if sql and size + len(piece.sql) > PIECE_BYTES:
            yield _whole(sql), rows
            sql, size, rows = [], 0, 0
        if piece.sql:
            sql.append(spool.view(piece.sql))
            size += len(piece.sql)
            rows += piece.rows
    if sql:
        yield _whole(sql), rows


def _whole(sql: list[memoryview]) -> memoryview:
    """Join pieces; a giant one stays alone, and in its file."""
    return sql[0] if len(sql) == 1 else memoryview(b"".join(sql))


def _definition(table: Table) -> bytes:
    return table.ddl.strip().removesuffix(b";") + b";\n"


def _collect(info: FileInfo, chunks: Iterator[FileChunk], held: IO[bytes]) -> int | None:
    """Take the chunks of one file; return its size, or None if it has vanished."""
    for chunk in chunks:
        if chunk.path != info.path:
            break
        if chunk.missing:
            return None
        if chunk.offset == 0:
            held.seek(0)
            held.truncate()
        if chunk.offset != held.tell():
            break
        held.write(chunk.data)
        if chunk.last:
            return held.tell()
    raise SourceError(
        Reason.SOURCE_LOST, "The source sent other parts of files than asked for", retryable=True
    )


def _shown(path: bytes) -> str:
    return clean(path.decode("utf-8", "replace"), 120)
