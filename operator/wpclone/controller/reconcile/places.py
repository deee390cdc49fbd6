# SPDX-License-Identifier: Apache-2.0
"""Enters a clone into the ledger, and sees its place among the others: slots and hosts."""

from __future__ import annotations

from dataclasses import replace

from wpclone.api.mover import OutcomeKind
from wpclone.api.reasons import FAILURES
from wpclone.controller import plan
from wpclone.controller.plan import instance
from wpclone.controller.plan.seen import Seen
from wpclone.controller.reconcile.world import World


def inspected(seen: Seen) -> bool:
    """Tell whether the source is known."""
    job = seen.inspection
    said = job.outcome if job else None
    good = said is not None and said.outcome is OutcomeKind.INSPECTED
    return job is not None and job.succeeded and good


def inspecting(seen: Seen, world: World) -> Seen:
    """Enter whether the clone inspects, may, or waits, and see its place."""
    slots, job = world.ledger.inspections, seen.inspection
    if job and not job.succeeded and not job.failure:
        slots.hold(seen.name)
        return seen
    if not _may_start(seen):
        slots.free(seen.name)
        return seen
    return replace(seen, inspect_place=slots.ask(seen.name, seen.meta.created))


def _may_start(seen: Seen) -> bool:
    """Tell whether a pass would start an inspection if it had a slot."""
    todo = plan.provision(replace(seen, inspect_place=0))
    return any(getattr(step, "body", {}).get("kind") == "Job" for step in todo.steps)


def unless_failed(seen: Seen, world: World) -> Seen:
    """Give the slot to the next clone where only a person can help this one."""
    story = plan.provision(seen).story
    if story is not None and story.reason in FAILURES:
        world.ledger.imports.free(seen.name)
    return seen


def host(seen: Seen, world: World) -> Seen:
    """Enter which host the clone wants, and see whether another one has it."""
    wanted, hosts = instance.host(seen), world.ledger.hosts
    hosts.enter(seen.name, seen.meta.created, wanted, settled=seen.instance is not None)
    return replace(seen, host_taken_by=hosts.taken_by(seen.name, wanted))
