# SPDX-License-Identifier: Apache-2.0
"""Sums an import up for the status: what was copied, what was not, and the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wpclone.api.mover import MAX_SKIPPED, ImportResult, Outcome, OutcomeKind, Proof, Skipped
from wpclone.api.text import clean
from wpclone.mover import ledger

if TYPE_CHECKING:
    from wpclone.api.mover import Inspection
    from wpclone.mover.choosing import Choice
    from wpclone.mover.config import Config
    from wpclone.mover.files import Copied
    from wpclone.mover.ledger import Arrived
    from wpclone.mover.sources import base

MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an import has to tell."""

    config: Config
    seen: Inspection
    choice: Choice
    home: str
    started: datetime
    arrived: Mapping[str, Arrived]
    copied: Copied
    changes: Sequence[str]
    skipped: Sequence[base.Skipped]
    neutralised: Sequence[str]


def imported(facts: Facts) -> Outcome:
    """Return the report of an import that has succeeded."""
    whole = ledger.total(facts.arrived.values())
    return Outcome(
        outcome=OutcomeKind.IMPORTED,
        message=f"Copied {_rows(whole)} and {facts.copied.files:,} files to {facts.home}",
        inspection=facts.seen,
        import_=ImportResult(
            attempt=facts.config.job.attempt,
            started_at=facts.started,
            finished_at=datetime.now(UTC),
            tables=len(facts.arrived),
            rows=whole.rows,
            bytes=whole.bytes,
            files=facts.copied.files,
            file_bytes=facts.copied.size,
            skipped=tuple(_skipped(facts))[:MAX_SKIPPED],
            neutralised=tuple(facts.neutralised)[:MAX_SKIPPED],
        ),
        proof=Proof(
            values_rewritten=whole.rewritten,
            residual_urls=whole.residual,
            protected_urls=whole.protected,
            serialized_values=whole.serialized,
            invalid_serialized_before=whole.invalid_before,
            invalid_serialized_after=whole.invalid_after,
            values_masked=whole.masked,
        ),
    )


def _rows(whole: Arrived) -> str:
    near = f" ({whole.neighbours:,} of them within the database server)" if whole.neighbours else ""
    return f"{whole.rows:,} rows{near}"


def _skipped(facts: Facts) -> list[Skipped]:
    # First, because a long list is cut.
    told = [
        _one(f"rows of {name}", f"{one.dropped:,} left out by masking")
        for name, one in facts.arrived.items()
        if one.dropped
    ]
    told += [_one(f"{n:,} files", why) for why, n in sorted(facts.copied.withheld.items())]
    told += [
        _one(name, f"only its structure: {why}")
        for name in facts.arrived
        if (why := facts.choice.rows_stay(name))
    ]
    told += facts.choice.unmet(facts.arrived, facts.copied.withheld)
    told += [_one(change.split(":", 1)[0], change.split(":", 1)[-1]) for change in facts.changes]
    told += [_one(item.what, item.why) for item in (*facts.skipped, *facts.copied.skipped)]
    if facts.copied.vanished:
        told.append(_one(f"{facts.copied.vanished} files", "deleted on the source meanwhile"))
    return list(dict.fromkeys(told))


def _one(what: str, why: str) -> Skipped:
    return Skipped(what=clean(what, MAX_TEXT), why=clean(why.strip(), MAX_TEXT))
