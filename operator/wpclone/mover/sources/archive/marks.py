# SPDX-License-Identifier: Apache-2.0
"""Binds an import to the one archive that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError

_ARCHIVE: Final = "archive"


def of(version: str) -> dict[str, str]:
    """Return the marks of an archive."""
    return {_ARCHIVE: version}


def compare(then: Mapping[str, str], version: str) -> None:
    """Raise SourceError if an import began with another archive than this one."""
    if then.get(_ARCHIVE, version) != version:
        raise SourceError(
            Reason.SOURCE_LOST,
            "The archive is another one than the import began with; make a new clone",
        )
