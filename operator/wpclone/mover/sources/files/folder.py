# SPDX-License-Identifier: Apache-2.0
"""Reads a site's files from a folder whose links may lead anywhere: never out of it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions
from wpclone.mover.sources.base import FileChunk, FileInfo, Skipped
from wpclone.mover.sources.files import place
from wpclone.mover.sources.files.place import Found

CHUNK: Final = 1_048_576
# Deeper folders exist only by accident: a backup inside a backup.
DEEPEST: Final = 40
_MOST_SKIPPED: Final = 1000
_MOST_FOLDERS: Final = 1000
_MOST_RESTARTS: Final = 3
# Without blocking: opening a pipe would wait for whoever writes to it.
_READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

Identity = tuple[int, int]


class Folder:
    """A folder that holds wp-content; see `wpclone.mover.sources.files.place.Place`."""

    def __init__(self, root: str, called: str) -> None:
        """Read below `root`, which people know as `called`."""
        self._root = os.path.realpath(os.fsencode(root))
        self._called = called
        self._skipped: dict[Skipped, None] = {}

    def look(self) -> Found:
        """Count the files."""
        try:
            place.judge(self._called, set(self._folders(b"", place.LAYOUT_DEPTH)))
            self._names(place.CONTENT)
        except OSError as error:
            raise SourceError(
                Reason.SOURCE_LAYOUT_UNSUPPORTED,
                f"{self._called} cannot be read by the mover (user {os.getuid()}):"
                f" {clean(error.strerror or 'error')}",
            ) from error
        files = size = 0
        for info in self.files():
            files += 1
            size += info.size
        telling = {path: self._telling(path) for path in place.TELLING}
        return Found(files, size, telling)

    def files(self) -> Iterator[FileInfo]:
        """Walk the areas one after the other."""
        for area in place.AREAS:
            if area:
                yield from self._walk(area, ())
            else:
                yield from self._loose(b"")
                yield from self._loose(b".well-known")

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Read the files."""
        for info in files:
            handle = self._open(info.path)
            if handle is None:
                yield FileChunk(info.path, 0, b"", last=True, missing=True)
                continue
            try:
                yield from _chunks(info.path, handle)
            finally:
                os.close(handle)

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        return list(self._skipped)

    def close(self) -> None:
        """Hold nothing."""

    def _folders(self, path: bytes, depth: int) -> Iterator[bytes]:
        """List folders down to a depth, as far as there are not too many."""
        for name in self._names(path)[:_MOST_FOLDERS]:
            below = path + b"/" + name if path else name
            if self._path(below).is_dir():
                yield below
                if depth > 1 and below != place.CONTENT:
                    with contextlib.suppress(PermissionError):
                        yield from self._folders(below, depth - 1)

    def _loose(self, folder: bytes) -> Iterator[FileInfo]:
        """List what lies beside wp-content and belongs to the site's content."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for name in self._names(folder):
                path = folder + b"/" + name if folder else name
                if exclusions.left_out(path) is None:
                    yield from self._entry(path, ())

    def _walk(self, path: bytes, above: tuple[Identity, ...]) -> Iterator[FileInfo]:
        """List what a folder holds, other areas left out."""
        try:
            seen = self._path(path).stat()
            names = self._names(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        except PermissionError:
            self._skip(path, "not readable")
            return
        identity = (seen.st_dev, seen.st_ino)
        if identity in above or len(above) >= DEEPEST:
            self._skip(path, "folders nested without end")
            return
        for name in names:
            below = path + b"/" + name
            if below not in place.AREAS:
                yield from self._entry(below, (*above, identity))

    def _entry(self, path: bytes, above: tuple[Identity, ...]) -> Iterator[FileInfo]:
        """List one entry: a file, what a folder holds, or nothing and why."""
        there = self._path(path)
        if there.is_symlink() and not self._is_inside(os.fsencode(os.path.realpath(there))):
            self._skip(path, "symbolic link that leads out of the site")
            return
        try:
            seen = there.stat()
        except OSError:
            self._skip(path, "not readable")
            return
        if stat.S_ISDIR(seen.st_mode):
            # A cache may have more files than the site: its folder alone is named.
            if why := exclusions.left_out(path + b"/"):
                self._skip(path, why)
            else:
                yield from self._walk(path, above)
        elif not stat.S_ISREG(seen.st_mode):
            self._skip(path, "not a regular file")
        elif not os.access(there, os.R_OK):
            self._skip(path, "not readable")
        elif why := exclusions.unsafe(path) or exclusions.left_out(path):
            self._skip(path, why)
        else:
            yield FileInfo(path, seen.st_size, int(seen.st_mtime))

    def _open(self, path: bytes) -> int | None:
        """Open a file if it is one, wherever links lead: what counts is where it really is."""
        try:
            handle = os.open(self._absolute(path), _READ)
        except OSError:
            return None
        really = os.fsencode(Path(f"/proc/self/fd/{handle}").readlink())
        if self._is_inside(really) and stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
        return None

    def _telling(self, path: bytes) -> bytes:
        handle = self._open(path)
        if handle is None:
            return b""
        with open(handle, "rb") as file:  # noqa: PTH123  a handle, not a path
            return file.read(place.MAX_TELLING)

    def _is_inside(self, absolute: bytes) -> bool:
        return absolute.startswith(self._root + b"/")

    def _absolute(self, path: bytes) -> bytes:
        return self._root + b"/" + path

    def _path(self, path: bytes) -> Path:
        return Path(os.fsdecode(self._absolute(path)))

    def _names(self, folder: bytes) -> list[bytes]:
        with os.scandir(self._absolute(folder)) as entries:
            return [entry.name for entry in entries]

    def _skip(self, path: bytes, why: str) -> None:
        if len(self._skipped) < _MOST_SKIPPED:
            self._skipped[Skipped(clean(path.decode("utf-8", "replace")), why)] = None


def _chunks(path: bytes, handle: int) -> Iterator[FileChunk]:
    """Read an open file; begin again if it changes meanwhile, as often as is sensible."""
    for restarts_left in reversed(range(_MOST_RESTARTS)):
        before = os.fstat(handle)
        os.lseek(handle, 0, os.SEEK_SET)
        at, data = 0, os.read(handle, CHUNK)
        while following := os.read(handle, CHUNK):
            yield FileChunk(path, at, data, last=False, missing=False)
            at, data = at + len(data), following
        after = os.fstat(handle)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if same or not restarts_left:
            yield FileChunk(path, at, data, last=True, missing=False)
            return
