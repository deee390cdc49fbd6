# SPDX-License-Identifier: Apache-2.0
"""Writes an export member by member, in one pass, with memory for one member's data at most."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import tempfile
from collections.abc import Iterable
from typing import IO, Final, Protocol

from wpclone.mover.sources.archive import form
from wpclone.mover.sources.archive.form import End, Entry, IndexPlace
from wpclone.mover.sources.base import Skipped

_READ: Final = 256 * 1024
_INDEX_IN_MEMORY: Final = 1024 * 1024
_MODE: Final = 0o644


class Out(Protocol):
    """What the archive is written to."""

    def write(self, data: bytes, /) -> int | None:
        """Write all of it."""
        ...


class Writer:
    """An export that is being written; nothing of it is ever read or changed again."""

    def __init__(self, out: Out, folder: str | None = None) -> None:
        """Write to `out`; the index waits in an unnamed file in `folder` if it is long."""
        self._out = out
        self._whole = hashlib.sha256()
        self._index = tempfile.SpooledTemporaryFile(_INDEX_IN_MEMORY, dir=folder)  # noqa: SIM115
        self._lines = gzip.GzipFile(filename="", mode="wb", fileobj=self._index, mtime=0)
        self._members = 0
        self.size = 0

    def text(self, name: bytes, data: bytes, *, rows: int | None = None) -> None:
        """Add a member that is in memory."""
        self._head(name, len(data), 0)
        entry = Entry(name, self.size, len(data), hashlib.sha256(data).hexdigest(), rows)
        self._put(data)
        self._end_member(entry)

    def file(self, path: bytes, data: IO[bytes], size: int, mtime: int) -> None:
        """Add one of the site's files, from where `data` stands."""
        name = form.FILES + path
        self._head(name, size, mtime)
        offset, digest, left = self.size, hashlib.sha256(), size
        while left and (part := data.read(min(_READ, left))):
            digest.update(part)
            left -= len(part)
            self._put(part)
        if left:
            raise EOFError(f"{left} bytes of a file are missing")
        self._end_member(Entry(name, offset, size, digest.hexdigest(), mtime=mtime))

    def close(self, skipped: Iterable[Skipped]) -> str:
        """Write index and end, and return the SHA-256 of the whole archive."""
        for left_out in skipped:
            self._lines.write(form.skipped_text(left_out))
        self._lines.close()
        size = self._index.tell()
        self._index.seek(0)
        self._head(form.INDEX, size, 0)
        offset, digest = self.size, hashlib.sha256()
        while part := self._index.read(_READ):
            digest.update(part)
            self._put(part)
        self._pad()
        place = IndexPlace(offset=offset, size=size, sha256=digest.hexdigest())
        text = End(index=place, members=self._members).text()
        self._head(form.END, len(text), 0)
        self._put(text + bytes(2 * form.BLOCK))
        self.abandon()
        return self._whole.hexdigest()

    def abandon(self) -> None:
        """Let go of what waits on the disk."""
        self._index.close()

    def _head(self, name: bytes, size: int, mtime: int) -> None:
        info = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
        info.size, info.mtime, info.mode = size, mtime, _MODE
        self._put(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))

    def _end_member(self, entry: Entry) -> None:
        self._pad()
        self._members += 1
        self._lines.write(entry.text())

    def _pad(self) -> None:
        self._put(bytes(-self.size % form.BLOCK))

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._whole.update(data)
        self.size += len(data)
