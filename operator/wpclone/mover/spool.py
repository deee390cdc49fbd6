# SPDX-License-Identifier: Apache-2.0
"""Holds SQL on its way: in memory while it is short, in a file without a name once it is long.

A statement cannot be cut inside a row, so a giant row has to be somewhere whole. Mapped, its file
reads like bytes, and its pages are the kernel's to take back.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path
from typing import Final

# The largest page of ordinary rows that a source sends is half of it.
IN_MEMORY: Final = 8 * 1024 * 1024
# Rewriting a row takes up to eight times its size on disk, while the one before it, perhaps as
# large, is on its way to the database (measured): that fits into the Job's /tmp of 2 GiB.
MOST: Final = 220_000_000


class TooLong(Exception):  # noqa: N818  a finding: whoever knows the table tells people
    """SQL is longer than there is room for."""

    def __init__(self, size: int) -> None:
        """Keep how long it is, as far as it is known."""
        super().__init__(size)
        self.size = size


class Spooled:
    """Long SQL in a file that is gone with the last one who holds it."""

    def __init__(self) -> None:
        """Make an empty file."""
        self.descriptor, name = tempfile.mkstemp(prefix="wpclone-")
        Path(name).unlink()

    def __del__(self) -> None:
        """Give its room back; who still looks at the bytes keeps them."""
        os.close(self.descriptor)

    def __len__(self) -> int:
        """Tell how many bytes it has."""
        return os.fstat(self.descriptor).st_size

    def view(self) -> memoryview:
        """Show the bytes without reading them into memory."""
        if not len(self):
            return memoryview(b"")  # a file that may be mapped has a byte at least
        return memoryview(mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ))

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes at the end."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]

    def cut(self, size: int) -> None:
        """Drop what is behind a size."""
        os.truncate(self.descriptor, size)
        os.lseek(self.descriptor, size, os.SEEK_SET)


Sql = bytes | Spooled


def view(sql: Sql) -> memoryview:
    """Show SQL as bytes, wherever it is held."""
    return sql.view() if isinstance(sql, Spooled) else memoryview(sql)


class Spool:
    """Takes SQL part by part."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: list[bytes | memoryview] = []
        self._file: Spooled | None = None
        self.size = 0

    def expect(self, size: int) -> None:
        """Say how much is about to come; TooLong if that is too much."""
        if self.size + size > MOST:
            raise TooLong(self.size + size)

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes at the end; TooLong if they are too many."""
        self.expect(len(data))
        self.size += len(data)
        if self._file is None and self.size <= IN_MEMORY:
            self._parts.append(data)
            return
        if self._file is None:
            self._file = Spooled()
            self._file.write(b"".join(self._parts))
            self._parts.clear()
        self._file.write(data)

    def cut(self, size: int) -> None:
        """Drop what is behind a size."""
        self.size = size
        if self._file is None:
            self._parts = [b"".join(self._parts)[:size]]
        else:
            self._file.cut(size)

    def done(self) -> Sql:
        """Give what has been written; nothing more may follow."""
        return b"".join(self._parts) if self._file is None else self._file
