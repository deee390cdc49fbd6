# SPDX-License-Identifier: Apache-2.0
"""States what a place with a site's files is asked, and judges whether a site can be there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.base import FileChunk, FileInfo, Skipped

CONTENT: Final = b"wp-content"
VERSION_FILE: Final = b"wp-includes/version.php"
CONFIG_FILE: Final = b"wp-config.php"
# Small files that are not copied, and tell what the site is.
TELLING: Final = (VERSION_FILE, CONFIG_FILE)
MAX_TELLING: Final = 131_072
# What a page needs first comes first; uploads come last.
AREAS: Final = (
    b"wp-content/plugins",
    b"wp-content/themes",
    b"wp-content/mu-plugins",
    b"wp-content/languages",
    b"wp-content",
    b"",
    b"wp-content/uploads",
)
# How far below the top a folder tells of the layout: web/app/plugins.
LAYOUT_DEPTH: Final = 3
# In an archive a site may lie some folders deeper.
_DEEPEST: Final = 8
_LAYOUT: Final = frozenset({CONTENT, b"plugins"})
_VERSION: Final = re.compile(rb"\$wp_version\s*=\s*['\"]([0-9][0-9A-Za-z.+-]{0,31})['\"]")


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the place has shown."""

    files: int
    size: int
    telling: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def wordpress(self) -> str:
        """The version that WordPress' own file tells, or nothing."""
        version = _VERSION.search(self.telling.get(VERSION_FILE, b""))
        return version[1].decode() if version else ""

    @property
    def config(self) -> bytes:
        """The text of wp-config.php, or nothing."""
        return self.telling.get(CONFIG_FILE, b"")


class Place(Protocol):
    """A place with the files of one site; every method may raise `wpclone.errors.SourceError`.

    It may be used from several threads and from forked children.
    """

    def look(self) -> Found:
        """Count what would be copied; refuse a place that holds no site, or an odd one."""
        ...

    def files(self) -> Iterator[FileInfo]:
        """List the files to copy: what a page needs first, uploads last."""
        ...

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of the named files, in their order."""
        ...

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def above(path: bytes) -> set[bytes]:
    """Return the folders in a path that tell of the layout."""
    parts = path.rstrip(b"/").split(b"/")[:_DEEPEST]
    return {b"/".join(parts[: at + 1]) for at, part in enumerate(parts) if part in _LAYOUT}


def judge(where: str, folders: Collection[bytes]) -> None:
    """Raise the reason why no site that we know is in a place with these folders."""
    if CONTENT in folders:
        return
    raise SourceError(Reason.SOURCE_LAYOUT_UNSUPPORTED, f"{where} {_problem(folders)}")


def _problem(folders: Collection[bytes]) -> str:
    """Say what is there instead of wp-content."""
    contents = sorted(
        (folder.removesuffix(b"plugins").rstrip(b"/") for folder in folders if _is_content(folder)),
        key=lambda path: (path.count(b"/"), path),
    )
    if not contents:
        return "holds no folder wp-content"
    there = clean(contents[0].decode("utf-8", "replace"), 80)
    parent, _, name = contents[0].rpartition(b"/")
    if not there:
        return "is wp-content itself; the folder that holds it is needed"
    if name == CONTENT:
        above = clean(parent.decode("utf-8", "replace"), 80)
        return f"has wp-content in {above}; it has to be at the top"
    if name == b"app":
        return f"has the layout of Bedrock ({there} instead of wp-content), which cannot be copied"
    return f"has {there} instead of wp-content; a site that calls it so cannot be copied"


def _is_content(folder: bytes) -> bool:
    return folder == b"plugins" or folder.endswith(b"/plugins")
