# SPDX-License-Identifier: Apache-2.0
"""Verifies an export on this machine: every member there, in its place, with its checksum."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wpclone.api.text import clean
from wpclone.mover.sources.archive import contents, form, opening
from wpclone.mover.sources.archive.form import Entry
from wpclone.mover.sources.remote import tar
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import READ
from wpclone.mover.sources.remote.tar import Member


class Local:
    """A file of this machine, read as remote ones are."""

    ranged = True
    version = ""

    def __init__(self, path: Path) -> None:
        """Take a file; OSError if it is none."""
        self._path = path
        self.length = path.stat().st_size
        self.size: int | None = self.length

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield its bytes."""
        with self._path.open("rb") as file:
            file.seek(offset)
            while end is None or offset < end:
                data = file.read(READ if end is None else min(READ, end - offset))
                if not data:
                    return
                offset += len(data)
                yield data

    def close(self) -> None:
        """Do nothing: each stream closes the file."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in order."""

    site: str
    members: int
    tables: int
    rows: int
    files: int


def verify(path: Path) -> Verified:
    """Return what an export holds if all of it is as it was written, else raise SourceError."""
    file = Local(path)
    if not (opening.is_export(file) or contents.has_end(file, file.length)):
        raise opening.other("is no export of ours")
    found = contents.read(file)
    lines = (line for line in found.lines() if isinstance(line, Entry))
    members = rows = files = 0
    with contextlib.closing(Pull(file)) as pull:
        for member in tar.members(pull):
            if member.name in {form.INDEX, form.END}:
                continue
            line = next(lines, None)
            _compare(member, line, _checksum(pull, member))
            members += 1
            rows += (line.rows or 0) if line else 0
            files += member.name.startswith(form.FILES)
    if next(lines, None) is not None:
        raise form.damaged("its index names more members than are there")
    site = found.manifest.site.home_url
    return Verified(site, members, len(found.tables), rows, files)


def _checksum(pull: Pull, member: Member) -> str:
    digest = hashlib.sha256()
    for data in pull.pieces(member.size):
        digest.update(data)
    return digest.hexdigest()


def _compare(member: Member, line: Entry | None, sha256: str) -> None:
    name = clean(member.name.decode("utf-8", "replace"), 120)
    here = (member.name, member.offset, member.size)
    if line is None or (line.name, line.offset, line.size) != here:
        raise form.damaged(f"{name} is not where its index says")
    if line.sha256 != sha256:
        raise form.damaged(f"{name} has another checksum than its index says")
