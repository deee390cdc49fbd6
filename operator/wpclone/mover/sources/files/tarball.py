# SPDX-License-Identifier: Apache-2.0
"""Reads a site's files from a tar archive that is too large to be kept: listed once, then by part.

The first pass remembers where each file begins; a gzipped archive is given points at which
unpacking can begin. So any file can be fetched again, and nothing of it is kept on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Final

from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions
from wpclone.mover.sources.base import FileChunk, FileInfo, Skipped
from wpclone.mover.sources.files import members, place, stream
from wpclone.mover.sources.files.blob import Blob
from wpclone.mover.sources.files.index import Entry, Index
from wpclone.mover.sources.files.members import Member
from wpclone.mover.sources.files.place import Found
from wpclone.mover.sources.files.stream import Places, Plain, Stream, Unpacked

_MOST_SKIPPED: Final = 1000
_MOST_FOLDERS: Final = 10_000
# Going forward so far is quicker than asking anew.
_NEAR: Final = 8 * 1024 * 1024


class Tarball:
    """An archive of the folder that holds wp-content; see `place.Place`."""

    def __init__(self, blob: Blob) -> None:
        """Read an archive."""
        self._blob = blob
        self._places = Places() if stream.is_gzip(blob) else None
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._telling: dict[bytes, bytes] = {}
        self._folders: set[bytes] = set()
        self._skipped: dict[Skipped, None] = {}

    def look(self) -> Found:
        """List the archive, which reads all of it."""
        files, size = self._listed().sums()
        place.judge(f"The archive {self._blob.name}", self._folders)
        return Found(files, size, dict(self._telling))

    def files(self) -> Iterator[FileInfo]:
        """List the files: what a page needs first, uploads last."""
        for entry in self._listed().entries():
            yield entry.info

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Read the files, going forward through the archive as far as they allow."""
        source: Stream | None = None
        for info in files:
            entry = self._listed().get(info.path)
            if entry is None:
                yield FileChunk(info.path, 0, b"", last=True, missing=True)
                continue
            if source is None or not 0 <= entry.at - source.at <= _NEAR:
                source = self._from(entry.at)
            source.skip(entry.at - source.at)
            yield from _chunks(entry, source)

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        return list(self._skipped)

    def close(self) -> None:
        """Let go of the archive and of what was remembered."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None
        self._blob.close()

    def _from(self, at: int) -> Stream:
        return Unpacked(self._blob, self._places, at) if self._places else Plain(self._blob, at)

    def _listed(self) -> Index:
        """Read the archive once; a second thread waits for the first one."""
        with self._lock:
            if self._index is None:
                index = Index()
                try:
                    self._list(index)
                except BaseException:
                    index.close()
                    raise
                index.done()
                self._index = index
            return self._index

    def _list(self, index: Index) -> None:
        source: Stream = (
            Unpacked(self._blob, self._places, learn=True) if self._places else Plain(self._blob)
        )
        try:
            for member in members.members(source):
                self._take(member, index, source)
        except SourceError as error:
            sentence = error.message.replace("The archive", self._blob.name, 1)
            sentence = sentence.replace("It is", f"{self._blob.name} is", 1)
            raise SourceError(error.reason, sentence, retryable=error.retryable) from error

    def _take(self, member: Member, index: Index, source: Stream) -> None:
        self._learn_folders(member)
        path = member.path
        if member.kind == members.FILE and path in place.TELLING:
            self._telling[path] = stream.exactly(source, min(member.size, place.MAX_TELLING))
            return
        inside = path.startswith(place.CONTENT + b"/")
        if member.kind == members.FOLDER or (not inside and exclusions.left_out(path)):
            return
        if why := exclusions.unsafe(path) or exclusions.left_out(path):
            self._skip(path, why)
        elif member.kind == members.FILE:
            index.put(path, member.size, member.mtime, member.at)
        elif member.kind == members.HARD_LINK and (first := index.get(member.target)):
            index.put(path, first.info.size, first.info.mtime, first.at)
        else:
            self._skip(path, "not a regular file")

    def _learn_folders(self, member: Member) -> None:
        parts = member.path.split(b"/")
        if member.kind != members.FOLDER:
            parts = parts[:-1]
        for depth in range(1, min(len(parts), place.LAYOUT_DEPTH + 3) + 1):
            if len(self._folders) < _MOST_FOLDERS:
                self._folders.add(b"/".join(parts[:depth]))

    def _skip(self, path: bytes, why: str) -> None:
        if len(self._skipped) < _MOST_SKIPPED:
            self._skipped[Skipped(clean(path.decode("utf-8", "replace")), why)] = None


def _chunks(entry: Entry, source: Stream) -> Iterator[FileChunk]:
    """Read one file."""
    at, size = 0, entry.info.size
    if not size:
        yield FileChunk(entry.info.path, 0, b"", last=True, missing=False)
    while at < size:
        data = bytes(source.some(size - at))
        if not data:
            raise SourceError("SourceLost", "The archive has become shorter while it was read")
        last = at + len(data) == size
        yield FileChunk(entry.info.path, at, data, last=last, missing=False)
        at += len(data)
