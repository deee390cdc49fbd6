# SPDX-License-Identifier: Apache-2.0
"""Decides whether an import may have rows copied by the database server itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from wpclone.api.mover import Mask
from wpclone.rewrite import Rewriter

if TYPE_CHECKING:
    from wpclone.api.mover import Inspection
    from wpclone.mover.addresses import Move
    from wpclone.mover.config import Config
    from wpclone.mover.connection import Connection
    from wpclone.mover.sources.base import Source
    from wpclone.mover.sources.neighbour.neighbour import Neighbour


def of(
    config: Config, connection: Connection, source: Source, seen: Inspection, move: Move
) -> contextlib.AbstractContextManager[Neighbour | None]:
    """Open the schema of the clone that is copied, if it is beside our own; None if it is not.

    Whatever is masked has to come past the masker, so nothing is copied behind its back.
    """
    parent, site = config.job.source.clone, config.site
    is_masked = config.job.mask not in {None, Mask.NONE}
    if parent is None or parent.database is None or site is None or is_masked:
        return contextlib.nullcontext()
    # Only such a job needs a client for other schemas.
    from wpclone.mover.sources.neighbour import opening  # noqa: PLC0415
    from wpclone.mover.sources.neighbour.neighbour import Schemas  # noqa: PLC0415

    schemas = Schemas(
        theirs=parent.database,
        ours=site.database.name,
        prefix=seen.table_prefix,
        charset=seen.charset,
        marks=source.beginning().marks,
    )
    way = opening.Way(connection, site.database, float(config.job.limits.source_budget_seconds))
    return opening.neighbour(way, schemas, Rewriter(move.pairs).prefilter)
