# SPDX-License-Identifier: Apache-2.0
"""Turns observation, plan and outcomes into the status a person reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wpclone.api import conditions, names
from wpclone.api.clones import CloneStatus
from wpclone.api.conditions import Condition
from wpclone.api.fields import rfc3339
from wpclone.api.mover import ImportResult, Outcome
from wpclone.api.reasons import FAILURES, HEALING, Reason
from wpclone.api.status import (
    MAX_DETAIL,
    DatabaseStatus,
    GraphReference,
    ImportStatus,
    ProgressStatus,
    ProofStatus,
    Reference,
    ResolvedStatus,
    SafetyStatus,
    SourceStatus,
    TimingsStatus,
)
from wpclone.api.text import clean
from wpclone.controller.plan import database, instance, reaping, resolving
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Plan, Stage, Story, Times

_OVER = frozenset({Reason.REAPED, Reason.DELETING})


def status(seen: Seen, todo: Plan, story: Story) -> dict[str, Any]:
    """Return the whole status in API form; what was not seen this time is kept as stored."""
    stored, times = seen.status, todo.times
    going = _going(seen, story)
    told = CloneStatus(
        observed_generation=seen.meta.generation,
        url=None if going else instance.address(seen),
        credentials_ref=None if going else _credentials(seen),
        available_at=times.available_at or stored.available_at,
        expires_at=times.expires_at,
        recoverable_until=times.recoverable_until,
        progress=ProgressStatus(percent=story.percent, detail=clean(story.detail, MAX_DETAIL)),
        source=_source(seen),
        resolved=_resolved(seen),
        import_=_import(seen),
        database=None if going else _database(seen),
        graph_ref=None if going or seen.instance is None else _graph(seen),
        safety=_safety(seen),
        timings=_timings(seen, times),
    ).to_json()
    before = [known.to_json() for known in stored.conditions]
    wanted = _conditions(seen, story)
    told["conditions"] = conditions.stamped(wanted, before, rfc3339(seen.now))
    return told


def _conditions(seen: Seen, story: Story) -> tuple[Condition, ...]:
    generation = seen.meta.generation
    summary = conditions.summary(story.reason, story.message, generation)
    parts = (
        _source_condition(seen, story),
        _database_condition(seen, story),
        _content_condition(seen, story),
        _site_condition(seen, story),
    )
    return (*summary, *parts)


def _going(seen: Seen, story: Story) -> bool:
    """Tell whether the clone is being removed, or is gone already."""
    return story.reason in _OVER or reaping.over(seen)


def _bad(story: Story, stage: Stage) -> bool:
    return story.stage is stage and (story.reason in FAILURES or story.reason in HEALING)


def _source_condition(seen: Seen, story: Story) -> Condition:
    generation = seen.meta.generation
    display = resolving.display(seen.spec) if seen.spec else "The source"
    if _bad(story, Stage.SOURCE):
        return conditions.source_failed(story.reason, story.message, generation)
    if story.stage > Stage.SOURCE:
        return conditions.source_seen(display, generation)
    return conditions.source_waiting("The source has not been inspected yet", generation)


def _database_condition(seen: Seen, story: Story) -> Condition:
    generation = seen.meta.generation
    if _going(seen, story):
        return conditions.database_gone("The database goes with the clone", generation)
    if _bad(story, Stage.DATABASE):
        return conditions.database_failed(story.reason, story.message, generation)
    if story.stage > Stage.DATABASE:
        name = names.database(seen.uid)
        return conditions.database_made(instance.server(seen), name, generation)
    return conditions.database_waiting("The database is not made yet", generation)


def _content_condition(seen: Seen, story: Story) -> Condition:
    generation = seen.meta.generation
    if _going(seen, story):
        return conditions.content_gone("The content goes with the clone", generation)
    if _bad(story, Stage.CONTENT):
        return conditions.content_failed(story.reason, story.message, generation)
    if story.stage > Stage.CONTENT or database.imported(seen):
        return conditions.content_imported("The content is copied and verified", generation)
    return conditions.content_waiting("The content is not copied yet", generation)


def _site_condition(seen: Seen, story: Story) -> Condition:
    generation = seen.meta.generation
    if story.reason in {Reason.SUSPENDED, Reason.EXPIRED, *_OVER}:
        return conditions.site_stopped("The site is stopped", generation)
    if _bad(story, Stage.SITE):
        return conditions.site_failed(story.reason, story.message, generation)
    if story.stage is Stage.DONE:
        return conditions.site_serving(instance.address(seen), generation)
    return conditions.site_waiting("The site is not running yet", generation)


def _credentials(seen: Seen) -> Reference | None:
    there = seen.secret is not None and seen.secret.ours
    return Reference(name=names.credentials(seen.meta)) if there else None


def _graph(seen: Seen) -> GraphReference | None:
    known = seen.instance
    return GraphReference(kind=known.ref.kind.name, name=known.ref.name) if known else None


def _database(seen: Seen) -> DatabaseStatus | None:
    if seen.instance is None:
        return None
    host = str(seen.instance.spec.get("databaseHost", ""))
    return DatabaseStatus(host=host, name=names.database(seen.uid))


def _inspected(seen: Seen) -> Outcome | None:
    return seen.inspection.outcome if seen.inspection else None


def _source(seen: Seen) -> SourceStatus | None:
    display = resolving.display(seen.spec) if seen.spec else None
    said = _inspected(seen)
    found = said.inspection if said else None
    if found is None:
        return seen.status.source or (SourceStatus(display=display) if display else None)
    return SourceStatus(
        display=display,
        site_url=found.site_url or None,
        wordpress_version=found.wordpress_version or None,
        php_version=found.php_version or None,
        table_prefix=found.table_prefix,
        multisite=found.multisite,
        database_bytes=found.database_bytes,
        files=found.files,
        file_bytes=found.file_bytes,
    )


def _resolved(seen: Seen) -> ResolvedStatus | None:
    known = seen.instance
    if known is None:
        return seen.status.resolved
    decided = instance.resolution(seen)
    return ResolvedStatus(
        image=str(known.spec.get("siteImage", "")),
        storage=str(known.spec.get("storage", "")),
        database_mode="Shared",
        database_server=decided.server,
        host=instance.host(seen),
        mask=decided.mask.value,
        ttl=decided.ttl,
        graph=f"{known.ref.kind.name}/{known.spec.get('gen', 1)}",
        image_digest=_digest(seen),
    )


def _digest(seen: Seen) -> str | None:
    """Return the image that the site's pod really runs; a stopped site keeps what was seen last."""
    stored = seen.status.resolved
    running = [pod.image_id for pod in seen.pods if pod.live and pod.image_id]
    return running[-1] if running else (stored.image_digest if stored else None)


def _import(seen: Seen) -> ImportStatus | None:
    said = seen.import_job.outcome if seen.import_job else None
    if said is None or said.import_ is None:
        return seen.status.import_
    told = said.import_.model_dump()
    proof = ProofStatus(**said.proof.model_dump()) if said.proof else None
    return ImportStatus(**told, proof=proof)


def _safety(seen: Seen) -> SafetyStatus | None:
    """Return what the guard and the import said; each keeps what it said last."""
    stored = seen.status.safety or SafetyStatus()
    copied = _copied(seen)
    answer = seen.answer if seen.answer and seen.answer.problem is None else None
    told = SafetyStatus(
        guard_version=answer.guard if answer else stored.guard_version,
        mails_captured=answer.mails if answer else stored.mails_captured,
        neutralised=copied.neutralised if copied else stored.neutralised,
    )
    return told if told != SafetyStatus() else None


def _copied(seen: Seen) -> ImportResult | None:
    said = seen.import_job.outcome if seen.import_job else None
    return said.import_ if said else None


def _timings(seen: Seen, times: Times) -> TimingsStatus | None:
    """Return how long each step took; what was measured once is kept."""
    stored = seen.status.timings or TimingsStatus()
    look, copied = seen.inspection, _copied(seen)
    looked = _seconds(look.created, look.ended.at) if look and look.ended else None
    made = None
    if seen.secret and seen.secret.ours and seen.instance:
        made = _seconds(seen.secret.created, seen.instance.created)
    took = _seconds(copied.started_at, copied.finished_at) if copied else None
    job = seen.import_job
    started = _seconds(job.ended.at, times.available_at) if job and job.ended else None
    told = TimingsStatus(
        inspect=stored.inspect if looked is None else looked,
        database=made if stored.database is None else stored.database,
        import_=stored.import_ if took is None else took,
        start=started if stored.start is None else stored.start,
    )
    return told if told != TimingsStatus() else None


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    if since is None or until is None or until < since:
        return None
    return int((until - since).total_seconds())
