# SPDX-License-Identifier: Apache-2.0
"""Reads a large file forwards from any point of it, unpacked if it is gzipped."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.files.blob import PART, Blob

_GZIP: Final = 31  # zlib's number for a stream with gzip's own head and checksum
_STEP: Final = 262_144
_PACKED_STEP: Final = 65_536
# So many places to begin at are kept: each holds the last 32 KiB that were unpacked.
MOST_PLACES: Final = 192
FIRST_DISTANCE: Final = 4 * 1024 * 1024


class Plain:
    """The bytes as they are; a long way forward costs nothing."""

    def __init__(self, blob: Blob, at: int = 0) -> None:
        """Begin at a point."""
        self._blob = blob
        self._held = memoryview(b"")
        self.at = at

    def some(self, most: int) -> memoryview:
        """Return at least one byte, nothing at the end."""
        if not self._held:
            self._held = memoryview(self._blob.read(self.at, PART))
        data, self._held = self._held[:most], self._held[most:]
        self.at += len(data)
        return data

    def skip(self, size: int) -> None:
        """Go forward."""
        self._held = self._held[size:]
        self.at += size


@dataclass(frozen=True, slots=True)
class _Place:
    """A point of the unpacked bytes at which unpacking can begin."""

    at: int
    packed_at: int
    engine: Any


class Places:
    """Points spread evenly over the unpacked bytes, however many those turn out to be."""

    def __init__(self) -> None:
        """Begin with the start."""
        self._distance = FIRST_DISTANCE
        self._known: list[_Place] = [_Place(0, 0, zlib.decompressobj(_GZIP))]

    def offer(self, at: int, take: Callable[[], _Place]) -> None:
        """Keep a point if it is far enough behind the last one."""
        if at - self._known[-1].at < self._distance:
            return
        self._known.append(take())
        if len(self._known) > MOST_PLACES:
            self._distance *= 2
            self._known = self._known[::2]

    def before(self, at: int) -> _Place:
        """Return the last point that is not behind `at`."""
        return next(place for place in reversed(self._known) if place.at <= at)


class Unpacked:
    """The bytes that are gzipped in a file, in one run or in several behind each other."""

    def __init__(self, blob: Blob, places: Places, at: int = 0, *, learn: bool = False) -> None:
        """Begin at a point, if need be a little earlier; `learn` new points on the way."""
        place = places.before(at)
        self._packed = Plain(blob, place.packed_at)
        self._engine = place.engine.copy()
        self._places = places
        self._learn = learn
        self._rest = b""  # packed bytes that have been read and not been unpacked
        self._held = memoryview(b"")  # unpacked bytes that nobody has taken
        self.at = place.at
        self.skip(at - place.at)

    def some(self, most: int) -> memoryview:
        """Return at least one byte, nothing at the end."""
        if not self._held:
            self._held = memoryview(self._more())
        data, self._held = self._held[:most], self._held[most:]
        self.at += len(data)
        return data

    def skip(self, size: int) -> None:
        """Go forward: everything in between has to be unpacked."""
        while size > 0 and (data := self.some(size)):
            size -= len(data)

    def _more(self) -> bytes:
        if self._learn:
            self._places.offer(self.at, self._here)
        while True:
            if self._engine.eof and not self._follow():
                return b""
            packed = self._rest or bytes(self._packed.some(_PACKED_STEP))
            if not packed:
                raise SourceError(
                    Reason.SOURCE_LAYOUT_UNSUPPORTED, "The archive ends in the middle"
                )
            if data := self._unpacked(packed):
                return data

    def _unpacked(self, packed: bytes) -> bytes:
        try:
            data: bytes = self._engine.decompress(packed, _STEP)
        except zlib.error as error:
            raise SourceError(
                Reason.SOURCE_LAYOUT_UNSUPPORTED, "The archive is damaged: it cannot be unpacked"
            ) from error
        self._rest = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
        return data

    def _follow(self) -> bool:
        """Begin with the next run, if there is one; zeros behind the last one are padding."""
        rest = self._rest or bytes(self._packed.some(_PACKED_STEP))
        if not rest or rest[0] == 0:
            self._rest = b""
            return False
        self._engine, self._rest = zlib.decompressobj(_GZIP), rest
        return True

    def _here(self) -> _Place:
        return _Place(self.at, self._packed.at - len(self._rest), self._engine.copy())


Stream = Plain | Unpacked


def is_gzip(blob: Blob) -> bool:
    """Say whether a file is gzipped, by its first bytes."""
    return blob.read(0, 2) == b"\x1f\x8b"


def exactly(stream: Stream, size: int) -> bytes:
    """Return `size` bytes; fewer only where the stream ends."""
    parts = []
    while size > 0 and (data := stream.some(size)):
        parts.append(bytes(data))
        size -= len(data)
    return b"".join(parts)
