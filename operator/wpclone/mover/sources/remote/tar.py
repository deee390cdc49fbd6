# SPDX-License-Identifier: Apache-2.0
"""Reads the heads of a tar archive that a stranger has made: bounded, and no more than we need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.remote.pulling import Pull

BLOCK: Final = 512
_MAGIC: Final = b"ustar"
_FILES: Final = frozenset(b"0\x007")
_FOLDER: Final = ord("5")
_LONG_NAME: Final = ord("L")
_HEADS: Final = frozenset(b"xg")
# Links and devices hold no data, whatever their size says.
_EMPTY: Final = frozenset(b"123456")
_KINDS: Final = {
    ord("1"): "a link",
    ord("2"): "a link",
    ord("3"): "a device",
    ord("4"): "a device",
    ord("6"): "a device",
    ord("S"): "a sparse file",
    ord("M"): "part of a file that begins in another archive",
}
# Far above any name; a head that is longer is there to fill our memory.
_MOST_HEAD: Final = 64 * 1024
_RECORD: Final = re.compile(rb"(\d{1,9}) ([^=\n]+)=")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the archive, and where its data is."""

    name: bytes
    offset: int
    size: int
    mtime: int
    odd: str | None = None
    """What it is, if it is neither file nor folder."""
    is_folder: bool = False


@dataclass(slots=True)
class _Ahead:
    """What the entries before a file say of it."""

    name: bytes | None = None
    size: int | None = None
    mtime: int | None = None
    sparse: bool = False


def is_tar(head: bytes) -> bool:
    """Tell whether a file begins as tar archives do."""
    return len(head) >= BLOCK and head[257:262] == _MAGIC


def members(pull: Pull) -> Iterator[Member]:
    """Yield what is in the archive; the caller may read a member's data before the next one.

    SourceError if it is cut, or no tar archive.
    """
    ahead = _Ahead()
    while True:
        block = pull.exactly(BLOCK)
        if not block.strip(b"\0"):
            return  # the end is marked by empty blocks
        kind = block[156]
        size = _number(_checked(block)[124:136])
        if kind in _HEADS or kind in b"LK":
            _take(ahead, kind, _head(pull, size))
            continue
        member = _member(block, kind, size, ahead, pull.at)
        ahead = _Ahead()
        yield member
        pull.go(member.offset + _padded(member.size))


def _member(block: bytes, kind: int, size: int, ahead: _Ahead, at: int) -> Member:
    name = ahead.name if ahead.name is not None else _name(block)
    if kind in _EMPTY:
        size = 0
    elif ahead.size is not None:
        size = ahead.size
    mtime = ahead.mtime if ahead.mtime is not None else _number(block[136:148])
    odd = _KINDS.get(kind)
    if odd is None and kind not in _FILES and kind != _FOLDER:
        odd = "an entry of a kind we do not know"
    if ahead.sparse:
        odd = _KINDS[ord("S")]
    return Member(name, at, size, mtime, odd, is_folder=kind == _FOLDER or name.endswith(b"/"))


def _checked(block: bytes) -> bytes:
    said = _number(block[148:156])
    if said != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise _damaged()
    return block


def _number(text: bytes) -> int:
    if text[0] & 0x80:
        value = int.from_bytes(bytes([text[0] & 0x7F]) + text[1:], "big")
        if text[0] & 0x40 or value >= 1 << 62:
            raise _damaged()
        return value
    digits = text.split(b"\0", 1)[0].strip()
    if not re.fullmatch(rb"[0-7]*", digits):
        raise _damaged()
    return int(digits or b"0", 8)


def _name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    # Only the standard's own form has a prefix; GNU keeps other things in its place.
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _head(pull: Pull, size: int) -> bytes:
    if size > _MOST_HEAD:
        raise _damaged()
    return pull.exactly(_padded(size))[:size]


def _take(ahead: _Ahead, kind: int, data: bytes) -> None:
    """Keep what an entry says about the next one; what it says about all of them is no matter."""
    if kind == _LONG_NAME:
        ahead.name = data.split(b"\0", 1)[0]
    elif kind == ord("x"):
        for key, value in _records(data):
            if key == b"path":
                ahead.name = value
            elif key == b"size":
                ahead.size = _decimal(value)
            elif key == b"mtime":
                ahead.mtime = _decimal(value.split(b".", 1)[0].lstrip(b"-"))
            elif key.startswith(b"GNU.sparse"):
                ahead.sparse = True


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        found = _RECORD.match(data, at)
        end = at + int(found[1]) if found else 0
        if found is None or not found.end() <= end - 1 < len(data):
            raise _damaged()
        yield found[2], data[found.end() : end - 1]
        at = end


def _decimal(text: bytes) -> int:
    if not re.fullmatch(rb"\d{1,18}", text):
        raise _damaged()
    return int(text)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _damaged() -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST, "The archive is damaged: it is no tar archive throughout"
    )
