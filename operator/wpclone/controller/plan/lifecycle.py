# SPDX-License-Identifier: Apache-2.0
"""Takes a clone from applied to expired: an ordered chain of stages, asked until one speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from wpclone.api.fields import rfc3339
from wpclone.api.reasons import FAILURES, HEALING, Reason
from wpclone.controller.plan import (
    content,
    database,
    ending,
    lending,
    reached,
    readiness,
    source,
)
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Hold, Plan, Story, Times

# The order in which things come to be; the site has the last word.
STAGES: Final[tuple[Callable[[Seen], Plan | None], ...]] = (
    source.stage,
    database.stage,
    content.stage,
    readiness.stage,
)


def provision(seen: Seen) -> Plan:
    """Return what to do for a clone that is not on its way out."""
    if seen.meta.paused:
        return Plan(story=None)
    if seen.spec is None:
        return _unreadable(seen)
    todo = _first(seen)
    todo = _lived(seen, todo) if ending.available_at(seen) else _limited(seen, todo)
    todo = replace(todo, steps=(*lending.steps(seen), *todo.steps))
    if not seen.meta.held:
        hold = Hold(why="nothing may be left behind, whatever happens from here on")
        todo = replace(todo, steps=(hold, *todo.steps))
    return todo


def asks(seen: Seen) -> bool:
    """Tell whether the public address has to be asked before the site can have the last word."""
    before = (stage(seen) for stage in STAGES[:-1])
    return all(todo is None for todo in before) and readiness.asks(seen)


def _first(seen: Seen) -> Plan:
    if seen.graph_missing:
        return Plan(
            Story(
                reached.stage(seen),
                Reason.ORCHESTRATOR_MISSING,
                "kro does not know SharedDatabaseSite; install the chart wordpress-clone-cluster",
            ),
            look_again=15.0,
        )
    for stage in STAGES:
        todo = stage(seen)
        if todo is not None:
            return todo
    raise AssertionError("the last stage always speaks")


def _lived(seen: Seen, todo: Plan) -> Plan:
    """Keep the times of a clone that was available, whatever trouble it has now; let it end."""
    if todo.times.available_at or todo.story is None:
        return todo
    times = ending.times(seen, ending.available_at(seen))
    if ending.expired(seen, times):
        return readiness.stage(seen)
    ahead = ending.seconds(seen, times.expires_at)
    return replace(todo, times=times, look_again=ending.soonest(todo.look_again, ahead))


def _limited(seen: Seen, todo: Plan) -> Plan:
    """End what takes too long, and what has failed for long enough."""
    story = todo.story
    if story is None or todo.times.available_at or story.reason is Reason.PENDING:
        return todo
    failed_at = _failed_at(seen) if story.reason in FAILURES else None
    late = ending.deadline(seen)
    limit = ending.given_up(seen, failed_at)
    if seen.now >= limit:
        return _give_up(story, limit)
    if failed_at is None and seen.now >= late:
        todo = replace(todo, story=_too_late(story, limit))
    ahead = ending.seconds(seen, late, limit)
    return replace(todo, look_again=ending.soonest(todo.look_again, ahead))


def _failed_at(seen: Seen) -> datetime | None:
    job = seen.import_job or seen.inspection
    return job.failure.at if job and job.failure else None


def _too_late(story: Story, limit: datetime) -> Story:
    if story.reason in FAILURES:
        return story
    waited = story.message if story.reason in HEALING else f"it is still {story.reason}"
    return replace(
        story,
        reason=Reason.PROVISIONING_DEADLINE,
        message=f"It took too long: {waited}; removed at {rfc3339(limit)}",
    )


def _give_up(story: Story, limit: datetime) -> Plan:
    # Written before anything is removed: this time is how later passes know that it is over.
    last = replace(
        story, reason=story.reason if story.reason in FAILURES else Reason.PROVISIONING_DEADLINE
    )
    return Plan(last, look_again=0.0, times=Times(recoverable_until=limit))


def _unreadable(seen: Seen) -> Plan:
    told = f"The spec cannot be read: {seen.problem}"
    story = Story(reached.stage(seen), Reason.INTERNAL_ERROR, told)
    return Plan(story, times=ending.times(seen, ending.available_at(seen)))
