# SPDX-License-Identifier: Apache-2.0
"""Tells whether the source was updated while it was copied, and what has to come once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError

if TYPE_CHECKING:
    from wpclone.mover.sources.base import Table

# An update writes settings and small tables of its own; larger ones hold content, and their rows
# are as old as the copy in any case.
SMALL_BYTES: Final = 16_000_000
# What changes the shape of WordPress' own tables, whatever their size.
_SHAPE: Final = frozenset({"WordPress", "the database"})
_MOST_NAMED: Final = 3


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what has another version now, or has come or gone."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def again(tables: Iterable[Table], names: Iterable[str], prefix: str) -> list[str]:
    """Return the tables that have to be copied once more after these updates."""
    is_whole = not _SHAPE.isdisjoint(names)
    options = f"{prefix}options"
    return [t.name for t in tables if is_whole or t.bytes <= SMALL_BYTES or t.name == options]


def endless(names: list[str]) -> SourceError:
    """Return the error for a source that was updated each time it was copied."""
    told = ", ".join(clean(name, 60) for name in names[:_MOST_NAMED])
    return SourceError(
        Reason.SOURCE_IN_MAINTENANCE,
        f"The source is being updated again and again while it is copied ({told}); the copy goes"
        " on when that is over",
        retryable=True,
    )
