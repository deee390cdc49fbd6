# SPDX-License-Identifier: Apache-2.0
"""Streams the content of files, many per request, each resumed where it was cut."""

from __future__ import annotations

import base64
import struct
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wpclone.mover.sources.base import FileChunk, FileInfo
from wpclone.mover.sources.site.agent import Agent
from wpclone.mover.sources.site.frames import Damaged, Frame

_HEAD: Final = struct.Struct(">IQQB")
_LAST: Final = 1
_MISSING: Final = 2
# Files in one request: their names have to fit into it, if need be into a query.
MOST_FILES: Final = 200
MOST_NAMES: Final = 100_000
MOST_NAMES_IN_QUERY: Final = 3000


@dataclass(slots=True)
class _Wanted:
    """A file that is not complete yet."""

    path: bytes
    offset: int = 0
    mtime: int = 0


def fetch(agent: Agent, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
    """Yield the chunks of the files in their order."""
    wanted = [_Wanted(file.path, file.have, file.mtime if file.have else 0) for file in files]
    at = 0
    while at < len(wanted):
        most = MOST_NAMES_IN_QUERY if agent.is_narrow else MOST_NAMES
        batch = _fitting(wanted[at : at + MOST_FILES], most)
        asked = [[base64.b64encode(file.path).decode(), file.offset, file.mtime] for file in batch]
        at += yield from _batch(batch, agent.call("fetch", {"files": asked}))


def _fitting(files: list[_Wanted], most: int) -> list[_Wanted]:
    """Return the first files whose names take no more room than there is, at least one."""
    room = most
    for count, file in enumerate(files):
        room -= len(file.path) * 4 // 3 + 20
        if room < 0:
            return files[: max(1, count)]
    return files


def _batch(batch: list[_Wanted], page: list[Frame]) -> Generator[FileChunk, None, int]:
    """Yield the chunks of one reply; return how many files are complete."""
    done = 0
    for frame in page:
        if frame.kind != "D":
            continue
        number, offset, mtime, flags = _HEAD.unpack_from(frame.data)
        if number != done or number >= len(batch):
            raise Damaged("files come in another order than asked for")
        data = frame.data[_HEAD.size :]
        file = batch[number]
        file.offset, file.mtime = offset + len(data), mtime
        last = bool(flags & _LAST)
        yield FileChunk(file.path, offset, data, last=last, missing=bool(flags & _MISSING))
        done += last
    return done
