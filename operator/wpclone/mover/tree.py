# SPDX-License-Identifier: Apache-2.0
"""Writes files below one folder, whole or not at all, and never through a link or out of it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Self

from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed

if TYPE_CHECKING:
    from pathlib import Path

    from wpclone.mover.sources.base import FileInfo

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PART: Final = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
# What has come of a large file is brought to the disk stretch by stretch. A part that a killed run
# has left is good but for its last stretch, even if the machine has lost its power since.
STRETCH: Final = 16_000_000
_PARTS: Final = b"part-"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# Something else stands where the file or one of its folders should be.
_IN_THE_WAY: Final = frozenset(
    {errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST, errno.ENAMETOOLONG}
)
_NANOSECONDS: Final = 1_000_000_000
# The latest time that every file system can keep (2106, and 2038 where seconds are signed).
_LATEST: Final = 2**31 - 1


class InTheWay(Exception):  # noqa: N818  tells of the source's own odd layout
    """The place of a file is taken by a folder, a link or a file."""


class Draft:
    """A file on its way: bytes go to a place aside until it is complete."""

    def __init__(self, tree: Tree, name: bytes, have: int = 0) -> None:
        """Begin a file in the tree's staging folder, with what is there of an earlier part."""
        self._tree = tree
        self._name = name
        flags = _PART if name.startswith(_PARTS) else _NEW
        self._file = os.open(name, flags, 0o644, dir_fd=tree.staging)
        os.ftruncate(self._file, have)
        self._size = os.lseek(self._file, 0, os.SEEK_END)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        before, self._size = self._size, self._size + len(data)
        if self._size // STRETCH > before // STRETCH:
            os.fdatasync(self._file)

    def commit(self, path: bytes, stamp: int) -> None:
        """Put the file where it belongs, in one step."""
        os.utime(self._file, ns=(stamp, stamp))
        self._close()
        try:
            self._tree.place(self._name, path)
        except BaseException:
            self.discard()
            raise

    def leave(self) -> None:
        """Stop in the middle: the part of a large file is for another run to go on with."""
        if self._name.startswith(_PARTS):
            self._close()
        else:
            self.discard()

    def discard(self) -> None:
        """Throw away what has come so far."""
        self._close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._name, dir_fd=self._tree.staging)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Tree:
    """A folder to be filled, with a place aside on the same file system."""

    def __init__(self, root: Path, staging: Path) -> None:
        """Use `root` as it is; of what an earlier run has in `staging`, only large parts stay."""
        with said():
            root.mkdir(parents=True, exist_ok=True)
            staging.mkdir(parents=True, exist_ok=True)
            _sweep(staging)
            self._root = os.open(root, _FOLDER)
            self.staging = os.open(staging, _FOLDER)
        self._path = staging
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Let go of both folders; the one aside vanishes, unless another run will go on."""
        os.close(self._root)
        os.close(self.staging)
        if kind is None:
            shutil.rmtree(self._path, ignore_errors=True)

    def draft(self, info: FileInfo, have: int = 0) -> Draft:
        """Begin a file, or go on with the first bytes of it that are there."""
        large = info.size >= 2 * STRETCH
        return Draft(self, _part(info) if large else b"%d" % next(self._numbers), have)

    def part(self, info: FileInfo) -> int:
        """Return how many bytes of this version of a large file an earlier run has left."""
        if info.size < 2 * STRETCH:
            return 0
        try:
            found = os.stat(_part(info), dir_fd=self.staging, follow_symlinks=False)
        except OSError:
            return 0
        return max(0, min(found.st_size, info.size) // STRETCH - 1) * STRETCH

    def has(self, info: FileInfo) -> bool:
        """Say whether this very version of the file is there: an earlier run has brought it."""
        try:
            with self._folder(info.path, make=False) as (folder, name):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except (OSError, InTheWay):
            return False
        # A machine that lost power may have kept the name and lost the bytes.
        return found.st_mtime_ns == stamp(info.mtime, info.size) and (
            found.st_size > 0 or info.size == 0
        )

    def place(self, draft: bytes, path: bytes) -> None:
        """Move a finished draft to its path, over an older version of the file."""
        with self._folder(path, make=True) as (folder, name):
            try:
                os.rename(draft, name, src_dir_fd=self.staging, dst_dir_fd=folder)
            except OSError as error:
                if error.errno in _IN_THE_WAY:
                    raise InTheWay from error
                raise

    @contextlib.contextmanager
    def _folder(self, path: bytes, *, make: bool) -> Iterator[tuple[int, bytes]]:
        """Open the folder of a path step by step, so that no link can lead away."""
        *parts, name = path.split(b"/")
        folder = os.dup(self._root)
        try:
            for part in parts:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, 0o755, dir_fd=folder)
                below = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder, name
        except OSError as error:
            if error.errno in _IN_THE_WAY:
                raise InTheWay from error
            raise
        finally:
            os.close(folder)


def _part(info: FileInfo) -> bytes:
    """Name the part of a file after all that makes this version of it."""
    version = b"%d-%d-%s" % (info.size, info.mtime, info.path)
    return _PARTS + hashlib.sha256(version).hexdigest().encode()


def _sweep(staging: Path) -> None:
    for path in staging.iterdir():
        if not path.name.startswith(_PARTS.decode()):
            path.unlink()


def stamp(mtime: int, size: int) -> int:
    """Return the time a copy carries, in nanoseconds: the source's second, and its size below.

    A text file's size changes when it is rewritten; this way the copy still tells which version
    of the source's file it was made from, without a list beside it.
    """
    return max(0, min(mtime, _LATEST)) * _NANOSECONDS + size % _NANOSECONDS


def sync(folder: Path) -> None:
    """Wait until everything on this folder's file system has reached the disk, and nothing else."""
    with said():
        opened = os.open(folder, _FOLDER)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(opened):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(opened)


@contextlib.contextmanager
def said() -> Iterator[None]:
    """Turn the file system's errors into reasons."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise ImportFailed(
                Reason.STORAGE_FULL,
                "The clone's volume is full: give it more room (spec.site.storage)",
            ) from error
        raise ImportFailed(
            Reason.IMPORT_FAILED,
            f"The clone's volume cannot be written to: {error.strerror}",
            retryable=True,
        ) from error
