# SPDX-License-Identifier: Apache-2.0
"""Reads a site's files from a tar archive, and what two of them tell of the site."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from wpclone.mover.sources.base import FileChunk, FileInfo, Skipped
from wpclone.mover.sources.files import place
from wpclone.mover.sources.files.place import Found
from wpclone.mover.sources.remote import folder, tar
from wpclone.mover.sources.remote.folder import Folder
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote
from wpclone.mover.sources.remote.tar import Member

# An archive may hold other sites' files of the same names.
_MOST_TELLING: Final = 16


class Tarball:
    """An archive of the folder that holds wp-content; see `place.Place`."""

    def __init__(self, remote: Remote, called: str) -> None:
        """Read an archive, gzipped or not, which people know as `called`."""
        self._remote = remote
        self._called = called
        self._archive = folder.archived(remote)
        self._lock = threading.Lock()
        self._folder: Folder | None = None
        self._telling: dict[bytes, bytes] = {}
        self._folders: set[bytes] = set()

    def look(self) -> Found:
        """Read the archive once."""
        files = self._listed().found.values()
        return Found(len(files), sum(file.size for file in files), self._telling)

    def files(self) -> Iterator[FileInfo]:
        """List the files in the order in which the archive has them."""
        return iter(self._listed().files())

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Read the files."""
        return self._listed().fetch(files)

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        return list(self._folder.skipped) if self._folder else []

    def close(self) -> None:
        """Let go of the archive."""
        self._remote.close()

    def _listed(self) -> Folder:
        """Return what the archive holds; a second thread waits for the first one."""
        with self._lock:
            if self._folder is None:
                with contextlib.closing(Pull(self._archive)) as pull:
                    members = list(self._noted(pull))
                if not any(name.rpartition(b"/")[2] == place.CONTENT for name in self._folders):
                    place.judge(f"The archive {self._called}", self._folders)
                root = folder.root_of(members)
                self._telling = {
                    path: self._telling.get(root + path, b"") for path in place.TELLING
                }
                self._folder = folder.sorted_out(self._archive, iter(members))
            return self._folder

    def _noted(self, pull: Pull) -> Iterator[Member]:
        """Yield the members, and keep what some of them tell."""
        for count, member in enumerate(tar.members(pull)):
            name = folder.plain(member.name)
            if name.endswith(place.TELLING) and len(self._telling) < _MOST_TELLING:
                size = min(member.size, place.MAX_TELLING)
                self._telling[name] = pull.exactly(size)
            self._folders |= place.above(name)
            folder.limit(count)
            yield member
