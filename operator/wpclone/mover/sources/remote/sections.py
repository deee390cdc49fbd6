# SPDX-License-Identifier: Apache-2.0
"""Makes files out of files: a part of one, the content of a compressed one."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.remote.reader import READ, Remote, Sequential, truncated

# What zlib calls them: a gzip header is expected, or none at all.
GZIP: Final = 31
DEFLATE: Final = -15
_GZIP_BEGIN: Final = 0x1F
# Text of a site becomes 30 times larger when it is unpacked, at most; a bomb a thousand times.
_MOST_RATIO: Final = 250
_FREE_BYTES: Final = 256 * 1024 * 1024


class Section:
    """A part of a file, as a file of its own."""

    def __init__(self, whole: Remote, offset: int, size: int) -> None:
        """Take the file, and where the part begins and how long it is."""
        self._whole = whole
        self._offset = offset
        self._size = size
        self.size: int | None = size
        self.version = whole.version
        self.ranged = whole.ranged

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from an offset on."""
        end = self._size if end is None else min(end, self._size)
        return self._whole.stream(self._offset + offset, self._offset + end)

    def close(self) -> None:
        """Leave the whole file to who has opened it."""


def unpacked(packed: Remote, form: int = GZIP) -> Sequential:
    """Return the content of a compressed file, which can only be read from its start."""
    return Sequential(lambda: plain(packed.stream(), form), None, packed.version)


def plain(packed: Iterator[bytes], form: int = GZIP) -> Generator[bytes]:
    """Yield what compressed bytes hold; SourceError if they are cut, damaged or a bomb."""
    taken = given = 0
    unpack = zlib.decompressobj(form)
    for data in packed:
        taken += len(data)
        rest = data
        while rest:
            if unpack.eof:
                # Compressed files one after the other are one; anything else is filling.
                if rest[0] != _GZIP_BEGIN or form != GZIP:
                    break
                unpack = zlib.decompressobj(form)
            some = _some(unpack, rest)
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            given += len(some)
            if given > max(_FREE_BYTES, taken * _MOST_RATIO):
                raise _bomb()
            if some:
                yield some
    while not unpack.eof:
        # All is in, but not all is out.
        some = _some(unpack, unpack.unconsumed_tail)
        if not some:
            raise truncated()
        yield some


def _some(unpack: zlib._Decompress, data: bytes) -> bytes:
    try:
        return unpack.decompress(data, READ)
    except zlib.error as error:
        raise SourceError(
            Reason.SOURCE_LOST, "The archive is damaged: it cannot be unpacked"
        ) from error


def _bomb() -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"The archive unpacks to more than {_MOST_RATIO} times its size, as no site does",
    )
