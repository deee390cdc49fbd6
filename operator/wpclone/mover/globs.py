# SPDX-License-Identifier: Apache-2.0
"""Matches paths and names against a person's patterns, in a time that no pattern can stretch."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

ANY_FOLDERS: Final = b"**"


def name_matches(pattern: str, name: str) -> bool:
    """Tell whether a name is as the pattern says: `*` is any text, `?` one character."""
    return fnmatchcase(name, pattern)


def path_matches(pattern: str, path: bytes) -> bool:
    """Tell whether a path, or a folder on its way, is as the pattern says.

    `*` and `?` stay within one name; a name `**` stands for any number of folders, none included.
    """
    wanted = [*pattern.rstrip("/").encode().split(b"/"), ANY_FOLDERS]
    parts = path.split(b"/")
    # One place to come back to is enough: an earlier `**` never helps where a later one failed.
    at = part = 0
    back: tuple[int, int] | None = None
    while part < len(parts):
        if at < len(wanted) and wanted[at] == ANY_FOLDERS:
            back = (at + 1, part)
            at += 1
        elif at < len(wanted) and fnmatchcase(parts[part], wanted[at]):
            at += 1
            part += 1
        elif back is not None:
            at, part = back[0], back[1] + 1
            back = (at, part)
        else:
            return False
    return all(rest == ANY_FOLDERS for rest in wanted[at:])
