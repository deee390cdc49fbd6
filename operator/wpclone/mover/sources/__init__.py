# SPDX-License-Identifier: Apache-2.0
"""Opens the source that a clone names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wpclone.api.mover import ImportConfig
from wpclone.api.sourcekinds import SourceKind
from wpclone.mover.sources.base import Source


def open_source(job: ImportConfig, secret: Mapping[str, str], certificates: Path | None) -> Source:
    """Return the open source of a job, or raise SourceError with the reason why it cannot be had.

    `secret` is the source's Secret, `certificates` a folder of authorities to trust in addition.
    """
    # A job pays only for the modules of its own kind.
    match job.source.kind:
        case SourceKind.SITE:
            from wpclone.mover.sources.site.source import SiteSource  # noqa: PLC0415

            return SiteSource.open(job, secret, certificates)
        case SourceKind.ARCHIVE:
            from wpclone.mover.sources.archive import opening  # noqa: PLC0415

            return opening.open_source(job, secret, certificates)
        case kind:
            raise ValueError(f"{kind} is not a source that can be opened")


def open_clone(job: ImportConfig, secret: Mapping[str, str], uid: str) -> Source:
    """Return the other clone that the clone with this UID copies, or raise SourceError."""
    from wpclone.mover.sources.clone.source import CloneSource  # noqa: PLC0415  as above

    return CloneSource.of(job, secret, uid)
