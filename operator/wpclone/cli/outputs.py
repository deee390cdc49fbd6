# SPDX-License-Identifier: Apache-2.0
"""Gives a command what it writes to: a file of its owner's alone, which is there once whole."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

STANDARD: Final = "-"


@contextlib.contextmanager
def opened(output: str) -> Iterator[BinaryIO]:
    """Give what to write to, or raise OSError; a file gets its name at the end, or never.

    A symbolic link stays and what it leads to is written; so are a FIFO and a device.
    """
    if output == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif _is_file_or_absent(output):
        with _replaced(Path(output).resolve()) as out:
            yield out
    else:
        # No O_CREAT: should it have gone meanwhile, nothing takes its place.
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_NOCTTY), "wb") as out:
            yield out


@contextlib.contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Give a file beside a path, which takes the path's name at the end."""
    # It holds password hashes: mkstemp lets nobody but its owner read it.
    handle, name = tempfile.mkstemp(".part", f"{path.name[:100]}.", path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if not _is_file_or_absent(str(path)):
            raise FileExistsError(errno.EEXIST, "something else has come to this place meanwhile")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_file_or_absent(output: str) -> bool:
    """Tell whether a file may get this name; False for what is written in place, else OSError."""
    if output.endswith("/"):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        mode = os.stat(output).st_mode  # noqa: PTH116  Path("") would be a folder
    except FileNotFoundError:
        if not output:
            raise
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_ISREG(mode)
