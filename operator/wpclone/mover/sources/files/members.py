# SPDX-License-Identifier: Apache-2.0
"""Lists what a tar archive holds, written by whichever tar, and trusts none of its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.files.stream import Stream, exactly

BLOCK: Final = 512
# Names and times; nobody's path is longer.
MAX_EXTENSION: Final = 1_048_576
MOST_MEMBERS: Final = 5_000_000
_RECORD: Final = re.compile(rb"(\d{1,7}) ([^=]{1,255})=")
_SUM: Final = slice(148, 156)
FILE, HARD_LINK, SYMBOLIC_LINK, FOLDER, OTHER = "file", "hard link", "link", "folder", "other"
_KINDS: Final = {
    b"0": FILE,
    b"\0": FILE,
    b"7": FILE,
    b"1": HARD_LINK,
    b"2": SYMBOLIC_LINK,
    b"5": FOLDER,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: what it is called, and where its bytes begin in the unpacked archive."""

    path: bytes
    kind: str
    size: int
    mtime: int
    at: int
    target: bytes


def members(stream: Stream) -> Iterator[Member]:
    """Yield the members, each with the stream at its first byte; what is not read is skipped."""
    extended: dict[bytes, bytes] = {}
    for _ in range(MOST_MEMBERS):
        head = exactly(stream, BLOCK)
        if not head.strip(b"\0"):
            return  # two blocks of zeros, or nothing at all
        _check(head)
        kind, size = head[156:157], _number(head[124:136])
        if kind in {b"L", b"K", b"x", b"g"}:
            if kind != b"g":
                extended |= _extension(kind, _whole(stream, size))
            else:
                _whole(stream, size)
            continue
        found = _member(head, extended, stream.at)
        extended = {}
        end = found.at + _padded(found.size)
        yield found
        stream.skip(end - stream.at)
    raise SourceError(
        Reason.SOURCE_TOO_LARGE, f"The archive has more than {MOST_MEMBERS:,} members"
    )


def _member(head: bytes, extended: dict[bytes, bytes], at: int) -> Member:
    name = extended.get(b"path", _name(head))
    kind = _KINDS.get(head[156:157], OTHER)
    if kind == FILE and name.endswith(b"/"):
        kind = FOLDER
    sparse = any(key.startswith(b"GNU.sparse") for key in extended)
    size = _decimal(extended.get(b"size")) if b"size" in extended else _number(head[124:136])
    return Member(
        path=_plain(name),
        kind=OTHER if sparse else kind,
        size=0 if kind in {HARD_LINK, SYMBOLIC_LINK, FOLDER} else size,
        mtime=_decimal(extended.get(b"mtime")) or _number(head[136:148]),
        at=at,
        target=_plain(extended.get(b"linkpath", _text(head[157:257]))),
    )


def _check(head: bytes) -> None:
    """Refuse what has no checksum of a header: it is no tar, or it is damaged."""
    plain = sum(head[:148]) + 8 * 0x20 + sum(head[156:])
    if len(head) < BLOCK or _number(head[_SUM]) != plain:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED, "It is no tar archive, or a damaged one"
        )


def _name(head: bytes) -> bytes:
    name, prefix = _text(head[:100]), _text(head[345:500])
    is_posix = head[257:263] == b"ustar\0"
    return prefix + b"/" + name if prefix and is_posix else name


def _extension(kind: bytes, data: bytes) -> dict[bytes, bytes]:
    """Read what comes before a member because its header has no room for it."""
    if kind == b"L":
        return {b"path": _text(data)}
    if kind == b"K":
        return {b"linkpath": _text(data)}
    found = {}
    at = 0
    while record := _RECORD.match(data, at):
        end = at + int(record[1])
        if end <= record.end():
            break
        found[record[2]] = data[record.end() : end - 1]
        at = end
    return found


def _whole(stream: Stream, size: int) -> bytes:
    if size > MAX_EXTENSION:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED, "The archive has a name that is too long"
        )
    return exactly(stream, _padded(size))[:size]


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _number(field: bytes) -> int:
    """Read a number of a header: octal digits, or bytes where those do not suffice."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[4:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0


def _decimal(text: bytes | None) -> int:
    digits = (text or b"").partition(b".")[0]
    return int(digits) if digits.isdigit() and len(digits) <= 18 else 0  # noqa: PLR2004  no overflow


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _plain(path: bytes) -> bytes:
    """Return a path without what means "here" in front, and without a slash at its end."""
    path = path.lstrip(b"/")
    while path.startswith(b"./"):
        path = path[2:].lstrip(b"/")
    return b"" if path == b"." else path.rstrip(b"/")
