# SPDX-License-Identifier: Apache-2.0
"""Follows the import Job: how far it is, whether it failed, whether it may start the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wpclone.api import names
from wpclone.api.mover import Mask, OutcomeKind
from wpclone.api.reasons import Reason
from wpclone.controller.plan import advice, database, instance, parent, pods
from wpclone.controller.plan.seen import Instance, Job, Seen
from wpclone.controller.plan.steps import Delete, Plan, Stage, Step, Story, Times
from wpclone.controller.ports import SECRET, Ref

# kro takes an instance up within a second; a minute of silence means that it is not there.
SILENT: Final = timedelta(seconds=60)
FIRST, LAST = 10, 90  # the import's share of the whole way
STEP: Final = 5  # percent per status write


def stage(seen: Seen) -> Plan | None:
    """Return what to do until the content is in, or None once it is."""
    if seen.instance is None or database.imported(seen):
        return None
    job = seen.import_job
    if job is None:
        return _missing(seen, seen.instance)
    if job.succeeded:
        return _finished(seen, job)
    if job.failure:
        return _failed(seen, job)
    return _running(seen, job)


def _missing(seen: Seen, known: Instance) -> Plan:
    if seen.now - known.created < SILENT:
        return _wait("The import is being prepared", look_again=5.0)
    if "exceeded quota" in known.message:
        text = f"The namespace has no room for what the clone is made of: {known.message}"
        return _wait(text, reason=Reason.QUOTA_EXCEEDED, look_again=15.0)
    told = f"kro says: {known.message}" if known.message else "kro has not taken it up"
    return _wait(
        f"{known.ref.kind.name} {known.ref.name} does not come along: {told}",
        reason=Reason.ORCHESTRATOR_MISSING,
        look_again=15.0,
    )


def _finished(seen: Seen, job: Job) -> Plan:
    said = job.outcome
    if said and said.outcome is not OutcomeKind.IMPORTED:
        return _fail(Reason.IMPORT_FAILED, "The import ended well without having imported anything")
    # Only now: this suspends the Job for good, whoever deletes it, and lets the site start.
    steps = (*_without_keys(seen), *instance.upkeep(seen, Times(), imported=True))
    story = Story(Stage.SITE, Reason.STARTING_SITE, "The site is being started", percent=95)
    return Plan(story, steps=steps, look_again=2.0)


def _without_keys(seen: Seen) -> tuple[Step, ...]:
    """Take away what only the import needed.

    Whoever has the masking key can tell whether somebody was in the source; whoever has another
    clone's key can read it.
    """
    spent = [names.mask(seen.meta)] if instance.masking(seen) is not Mask.NONE else []
    spent += [names.copy_key(seen.meta)] if parent.wanted(seen) else []
    refs = tuple(Ref(SECRET, name) for name in spent)
    return (Delete(refs, why="the content is there by now"),) if refs else ()


def _failed(seen: Seen, job: Job) -> Plan:
    known = seen.instance
    if known and instance.asked_again(seen, known.annotations):
        if not job.quiet:
            return _wait("The next attempt waits for the pods of the last one", look_again=2.0)
        again = instance.upkeep(seen, Times(), **instance.next_attempt(seen))
        steps = (*database.key(seen), *parent.key(seen), *again)
        return _wait("The next attempt is being started", steps=steps, look_again=2.0)
    reason, message = _cause(job)
    return _fail(reason, advice.copied(seen.meta, reason, message))


def _cause(job: Job) -> tuple[Reason, str]:
    said = job.outcome
    if said and said.outcome is OutcomeKind.FAILED:
        return said.reason or Reason.IMPORT_FAILED, said.message
    if job.failure and job.failure.reason == "DeadlineExceeded":
        return Reason.PROVISIONING_DEADLINE, "The import took too long and was stopped"
    ended = job.ended
    told = f"with exit code {ended.exit_code} ({ended.reason})" if ended else "without a trace"
    return Reason.IMPORT_FAILED, f"The import ended {told} and did not say why"


def _running(seen: Seen, job: Job) -> Plan:
    steps = instance.upkeep(seen, Times())
    lost = parent.lost(seen)
    if lost:
        return _fail(Reason.SOURCE_LOST, lost)
    poll = seen.settings.poll
    trouble = pods.of_job(job, seen.now)
    if trouble:
        return _wait(trouble[1], reason=trouble[0], steps=steps, look_again=poll)
    said = job.outcome
    if said and said.retryable and job.progress is None:
        return _wait(f"{said.message.rstrip('.')}. It is tried again soon", look_again=poll)
    percent, detail = progress(seen, job)
    story = Story(Stage.CONTENT, Reason.IMPORTING, "The content is being copied", percent, detail)
    return Plan(story, steps=steps, look_again=poll)


def progress(seen: Seen, job: Job) -> tuple[int, str]:
    """Return the whole clone's percentage and a sentence; both move in steps of five only."""
    told = job.progress
    stored = seen.status.progress
    if told is None:
        kept = stored if stored and stored.percent >= FIRST else None
        return (kept.percent, kept.detail) if kept else (FIRST, "The import is starting")
    percent = FIRST + told.percent * (LAST - FIRST) // 100
    percent -= percent % STEP
    if stored and stored.percent == percent and stored.detail:
        return percent, stored.detail
    return percent, told.detail


def _wait(
    message: str,
    *,
    reason: Reason = Reason.IMPORTING,
    steps: tuple[Step, ...] = (),
    look_again: float,
) -> Plan:
    story = Story(Stage.CONTENT, reason, message, percent=FIRST, detail=message)
    return Plan(story, steps=steps, look_again=look_again)


def _fail(reason: Reason, message: str) -> Plan:
    return Plan(Story(Stage.CONTENT, reason, message, percent=FIRST), look_again=60.0)
