# SPDX-License-Identifier: Apache-2.0
"""Reads a remote file as a program reads a tape: so many bytes, so many passed over."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from wpclone.mover.sources.remote.reader import READ, Remote, truncated

# Reading on costs less than asking anew, up to here.
_JUMP: Final = 1024 * 1024


class Pull:
    """A place in a remote file, which moves on with what is read."""

    def __init__(self, remote: Remote, end: int | None = None) -> None:
        """Begin at its start; nothing behind `end` is asked for, and no server's work is lost."""
        self._remote = remote
        self._end = end
        self._stream: Iterator[bytes] | None = None
        self._rest = b""
        self.at = 0

    def some(self, most: int) -> bytes:
        """Return at most so many bytes; b"" at the end of the file."""
        if not self._rest:
            if self._stream is None:
                self._stream = self._remote.stream(self.at, self._end)
            self._rest = next(self._stream, b"")
        data, self._rest = self._rest[:most], self._rest[most:]
        self.at += len(data)
        return data

    def exactly(self, size: int) -> bytes:
        """Return so many bytes; SourceError if there are fewer."""
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[bytes]:
        """Yield so many bytes piece by piece; SourceError if there are fewer."""
        while size:
            data = self.some(min(size, READ))
            if not data:
                raise truncated()
            size -= len(data)
            yield data

    def go(self, offset: int) -> None:
        """Move to another place."""
        ahead = offset - self.at
        if self._stream is None:
            self.at = offset
        elif 0 <= ahead <= len(self._rest):
            self._rest = self._rest[ahead:]
            self.at = offset
        elif ahead < 0 or (self._remote.ranged and ahead > _JUMP):
            self.close()
            self.at = offset
        else:
            for _ in self.pieces(ahead):
                pass

    def close(self) -> None:
        """Let others read."""
        if self._stream is not None and hasattr(self._stream, "close"):
            with contextlib.suppress(ValueError):
                self._stream.close()
        self._stream, self._rest = None, b""
