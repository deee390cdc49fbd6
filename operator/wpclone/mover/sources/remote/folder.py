# SPDX-License-Identifier: Apache-2.0
"""Reads a site's files out of a tar archive of the folder that holds wp-content."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import exclusions
from wpclone.mover.sources.base import FileChunk, FileInfo, Skipped
from wpclone.mover.sources.remote import sections, tar
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import READ, Remote
from wpclone.mover.sources.remote.tar import Member

# All names are held in memory, some 300 bytes each.
MOST_FILES: Final = 300_000
MOST_SKIPPED: Final = 1000
_CONTENT: Final = exclusions.CONTENT + b"/"


@dataclass(frozen=True, slots=True)
class Stored(FileInfo):
    """A file of the site, and where in the archive its bytes are."""

    offset: int


@dataclass(slots=True)
class Folder:
    """The files of a site within an archive, by their paths from the folder of wp-content on."""

    remote: Remote
    found: dict[bytes, Stored] = field(default_factory=dict)
    skipped: dict[Skipped, None] = field(default_factory=dict)

    def files(self) -> Iterator[Stored]:
        """Yield the files in the order in which the archive has them."""
        yield from self.found.values()

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream files that are among `files`, best in their order."""
        stored = [file for file in files if isinstance(file, Stored)]
        if len(stored) != len(files):
            raise TypeError("only files that the archive has listed can be fetched")
        end = max((file.offset + file.size for file in stored), default=0)
        with contextlib.closing(Pull(self.remote, end=end)) as pull:
            for file in stored:
                pull.go(file.offset)
                yield from chunks(file.path, file.size, pull)

    def skip(self, name: bytes, why: str) -> None:
        """Take note of what is left out: enough to be told."""
        if len(self.skipped) < MOST_SKIPPED:
            self.skipped[Skipped(clean(name.decode("utf-8", "replace"), 120), why)] = None


def archived(remote: Remote) -> Remote:
    """Return the tar archive itself, unpacked if it is gzipped; SourceError if there is none."""
    with contextlib.closing(Pull(remote)) as pull:
        head = b"".join(_first(pull))
    if head.startswith(b"\x1f\x8b"):
        return sections.unpacked(remote)
    if tar.is_tar(head):
        return remote
    raise SourceError(
        Reason.SOURCE_LAYOUT_UNSUPPORTED, "The archive is neither a tar archive nor a gzipped one"
    )


def read(remote: Remote) -> Folder:
    """Return the files of a site in an archive; SourceError if it has no wp-content."""
    with contextlib.closing(Pull(remote)) as pull:
        return sorted_out(remote, tar.members(pull))


def sorted_out(remote: Remote, members: Iterator[Member]) -> Folder:
    """Return what of an archive's members are files of the site."""
    found = []
    for member in members:
        found.append(member)
        limit(len(found))
    folder = Folder(remote)
    root = root_of(found)
    for member in found:
        _sort(folder, member, root)
    return folder


def limit(count: int) -> None:
    """Raise SourceError if an archive with so many members has too many."""
    if count > MOST_FILES:
        raise SourceError(
            Reason.SOURCE_TOO_LARGE, f"The archive has more than {MOST_FILES:,} files"
        )


def root_of(members: Sequence[Member]) -> bytes:
    """Return what stands before `wp-content/` in the site's own one; SourceError if unclear."""
    roots = {
        name[: name.index(b"/" + _CONTENT) + 1]
        for name in (b"/" + plain(member.name) for member in members)
        if b"/" + _CONTENT in name
    }
    # Backups within wp-content may hold another one, which lies deeper.
    depth = min((root.count(b"/") for root in roots), default=0)
    highest = [root for root in roots if root.count(b"/") == depth]
    if len(highest) != 1:
        raise SourceError(
            Reason.SOURCE_NOT_WORDPRESS,
            "The archive holds two sites: it has two folders wp-content side by side"
            if highest
            else "The archive holds no folder wp-content",
        )
    return highest[0][1:]


def plain(name: bytes) -> bytes:
    """Return a member's name without what only says that it begins here."""
    while name.startswith(b"./"):
        name = name[2:]
    return name


def _sort(folder: Folder, member: Member, root: bytes) -> None:
    name = plain(member.name)
    if member.is_folder or not name.startswith(root):
        return
    path = name.removeprefix(root)
    why = member.odd or exclusions.unsafe(path) or exclusions.left_out(path)
    if why is None:
        folder.found.pop(path, None)  # a later one of the same name replaces it
        folder.found[path] = Stored(path, member.size, member.mtime, member.offset)
    elif path.startswith(_CONTENT):
        folder.skip(path, why)
    else:
        folder.skip(path.split(b"/", 1)[0], why)


def chunks(path: bytes, size: int, pull: Pull) -> Iterator[FileChunk]:
    """Yield the next `size` bytes of an archive as the chunks of one file."""
    at = 0
    for data in pull.pieces(size):
        yield FileChunk(path, at, data, last=at + len(data) == size, missing=False)
        at += len(data)
    if not size:
        yield FileChunk(path, 0, b"", last=True, missing=False)


def _first(pull: Pull) -> Iterator[bytes]:
    size = 0
    while size < tar.BLOCK and (data := pull.some(min(tar.BLOCK - size, READ))):
        size += len(data)
        yield data
