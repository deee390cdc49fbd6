# SPDX-License-Identifier: Apache-2.0
"""Finds out what an export holds: its manifest, its tables' definitions, its index."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import ddl
from wpclone.mover.sources.archive import form
from wpclone.mover.sources.archive.form import End, Entry, Manifest, TableLine
from wpclone.mover.sources.base import Skipped, Table
from wpclone.mover.sources.remote import tar
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote, truncated
from wpclone.mover.sources.remote.tar import Member

# A million files; it is held in memory as it is, compressed.
MOST_INDEX: Final = 64 * 1024 * 1024
_READ: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of an export before its content is read."""

    manifest: Manifest
    manifest_sha256: str
    tables: tuple[Table, ...]
    index: bytes
    version: str
    """Another archive has another one."""

    def lines(self) -> Iterator[Entry | Skipped]:
        """Yield the lines of the index."""
        unpack = zlib.decompressobj(31)
        rest, packed = b"", self.index
        while not unpack.eof:
            plain = _unpacked(unpack, packed)
            packed = unpack.unconsumed_tail
            if not plain and not unpack.eof:
                raise form.damaged("its index is cut")
            *whole, rest = (rest + plain).split(b"\n")
            yield from map(form.line, whole)
            if len(rest) > form.MOST_LINE:
                raise form.damaged("its index cannot be read")


def read(remote: Remote) -> Contents:
    """Return what an export holds; SourceError if it is cut off or damaged."""
    with contextlib.closing(Pull(remote)) as pull:
        members = tar.members(pull)
        text = _text(pull, next(members, None), form.MANIFEST, form.MOST_MANIFEST)
        manifest = form.manifest(text)
        tables = tuple(_table(pull, next(members, None), line) for line in manifest.tables)
        if remote.ranged and remote.size is not None:
            pull.close()
            last, packed = _from_the_end(remote, remote.size)
        else:
            last, packed = _walked_to(pull, members)
    if sha256(packed) != last.index.sha256:
        raise form.damaged("its index has another checksum than its end says")
    return Contents(manifest, sha256(text), tables, packed, last.index.sha256)


def has_end(remote: Remote, size: int) -> bool:
    """Tell whether a file ends as our exports do."""
    return _is_end(_tail(remote, size))


def sha256(data: bytes) -> str:
    """Return a checksum as the format writes it."""
    return hashlib.sha256(data).hexdigest()


def _table(pull: Pull, member: Member | None, line: TableLine) -> Table:
    ddl_text = _text(pull, member, line.folder.encode() + form.DEFINITION, ddl.MAX_BYTES)
    if sha256(ddl_text) != line.definition_sha256:
        raise form.damaged(f"the definition of {clean(line.name, 64)} has another checksum")
    return Table(line.name, line.rows, line.bytes, ddl_text)


def _from_the_end(remote: Remote, size: int) -> tuple[End, bytes]:
    tail = _tail(remote, size)
    if not _is_end(tail):
        raise truncated()
    last = form.end(tail[form.BLOCK : 2 * form.BLOCK])
    index = last.index
    if index.size > MOST_INDEX:
        raise _too_many()
    if index.offset + index.size > size:
        raise form.damaged("its index is said to be where it cannot be")
    return last, b"".join(remote.stream(index.offset, index.offset + index.size))


def _tail(remote: Remote, size: int) -> bytes:
    return b"".join(remote.stream(max(0, size - form.TAIL_BYTES)))


def _is_end(tail: bytes) -> bool:
    return tar.is_tar(tail) and tail.startswith(form.END + b"\0")


def _walked_to(pull: Pull, members: Iterator[Member]) -> tuple[End, bytes]:
    """Read on to the index: all that is before it has to come."""
    packed = b""
    for member in members:
        if member.name == form.INDEX:
            if member.size > MOST_INDEX:
                raise _too_many()
            packed = pull.exactly(member.size)
        elif member.name == form.END:
            return form.end(_text(pull, member, form.END, form.BLOCK)), packed
    raise truncated()


def _text(pull: Pull, member: Member | None, name: bytes, most: int) -> bytes:
    if member is None or member.name != name or member.odd or member.size > most:
        raise form.damaged(f"its member {clean(name.decode(), 120)} is not where it has to be")
    return pull.exactly(member.size)


def _unpacked(unpack: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return unpack.decompress(packed, _READ)
    except zlib.error:
        raise form.damaged("its index cannot be unpacked") from None


def _too_many() -> SourceError:
    return SourceError(Reason.SOURCE_TOO_LARGE, "The archive holds more files than can be listed")
