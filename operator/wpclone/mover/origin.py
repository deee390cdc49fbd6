# SPDX-License-Identifier: Apache-2.0
"""Opens the kind of source that the clone asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wpclone.api.sourcekinds import SourceKind
from wpclone.errors import InvalidSpec
from wpclone.mover import sources
from wpclone.mover.blank import BlankSource

if TYPE_CHECKING:
    from wpclone.mover.config import Config
    from wpclone.mover.sources.base import Source


def open_source(config: Config) -> Source:
    """Return the source, logged in to where that is needed; SourceError if there is no way in."""
    match config.job.source.kind:
        case SourceKind.SITE | SourceKind.ARCHIVE:
            return sources.open_source(config.job, config.secret, config.certificates)
        case SourceKind.DATABASE:
            # Only a job with a database needs a client for one that nobody vouches for.
            from wpclone.mover.sources.database.source import DatabaseSource  # noqa: PLC0415

            return DatabaseSource.open(config)
        case SourceKind.BLANK:
            return BlankSource()
        case kind:
            raise InvalidSpec(f"This mover cannot copy from a source of the kind {kind}")
