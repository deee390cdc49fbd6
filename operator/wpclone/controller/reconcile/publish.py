# SPDX-License-Identifier: Apache-2.0
"""Tells people: the status if it differs from what is stored, and an Event at each change."""

from __future__ import annotations

from dataclasses import replace

from wpclone import errors
from wpclone.api import durations
from wpclone.api.reasons import FAILURES, HEALING, Reason
from wpclone.api.text import clean
from wpclone.controller import plan, ports, telemetry
from wpclone.controller.plan import ending
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Plan, Story, Times
from wpclone.controller.reconcile.execute import Outcomes
from wpclone.controller.reconcile.world import World
from wpclone.controller.render import event
from wpclone.controller.render.event import Note

log = telemetry.logger("publish")


async def status(seen: Seen, todo: Plan, outcomes: Outcomes, world: World) -> None:
    """Write the status if it says something new, and tell what changed."""
    story = _after(todo.story, outcomes)
    if story is None:
        return
    wanted = plan.status(seen, todo, story)
    if wanted != seen.status.to_json():
        world.fence.check()
        try:
            body = await world.cluster.apply_status(seen.name, outcomes.version, wanted)
        except errors.NotFound:
            return  # the clone went with our own last step
        await _changed(seen, story, str(body["metadata"]["resourceVersion"]), world)
    await _near_the_end(seen, todo, world)


async def internal_error(seen: Seen, world: World) -> None:
    """Tell that a pass broke off; the log has the cause."""
    told = "The operator's log has the cause"
    story = Story(plan.reached.stage(seen), Reason.INTERNAL_ERROR, told)
    stored = seen.status
    times = Times(stored.available_at, stored.expires_at, stored.recoverable_until)
    outcomes = Outcomes(seen.meta.resource_version)
    await status(seen, Plan(story, times=times), outcomes, world)


def _after(story: Story | None, outcomes: Outcomes) -> Story | None:
    """Return the story with what was refused in it."""
    if story is None or outcomes.refusal is None or outcomes.reason is None:
        return story
    return replace(story, reason=outcomes.reason, message=clean(str(outcomes.refusal), 500))


async def _changed(seen: Seen, story: Story, version: str, world: World) -> None:
    """Tell each change of state once; the version in the name makes a repeat impossible."""
    stored = seen.status.condition("Ready")
    if stored is not None and stored.reason == story.reason:
        return
    warning = story.reason in FAILURES or story.reason in HEALING
    mark = f"{story.reason.lower()}.{version}"
    await _tell(seen, Note(mark, story.reason, story.message, warning=warning), world)


async def _near_the_end(seen: Seen, todo: Plan, world: World) -> None:
    """Tell a day, an hour and ten minutes before the end, in the pass that comes at that time."""
    ends = todo.times.expires_at
    if ends is None or seen.now >= ends:
        return
    for ahead in ending.WARNINGS:
        late = seen.now - (ends - ahead)
        if 0 <= late.total_seconds() < world.settings.poll:
            left = durations.spoken(ends - seen.now)
            mark = f"ends-{durations.text(ahead)}.{int(ends.timestamp())}"
            text = f"The clone ends in {left}; raise ttl or extendUntil to keep it longer"
            await _tell(seen, Note(mark, "EndsSoon", text, warning=True), world)


async def _tell(seen: Seen, note: Note, world: World) -> None:
    body = event.manifest(seen.meta, note, seen.now)
    try:
        world.fence.check()
        await world.cluster.create(body)
    except ports.AlreadyThere:
        return  # told before
    except (errors.Transient, errors.Refused) as error:
        # An Event is a courtesy: the status has been written, and nothing depends on this.
        log.warning("event not told", reason=note.reason, cause=type(error).__name__)
