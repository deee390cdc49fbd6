# SPDX-License-Identifier: Apache-2.0
"""Says when a clone ends, and what an edit may do about it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from wpclone.api.fields import Forever
from wpclone.controller.plan import instance
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Times


def available_at(seen: Seen) -> datetime | None:
    """Return when the clone first was available: the instance knows, and else the status."""
    found = seen.instance.annotations.get(instance.AVAILABLE_AT) if seen.instance else None
    if found:
        return datetime.fromisoformat(found)
    return seen.status.available_at


def wanted(seen: Seen, since: datetime) -> datetime | None:
    """Return the end that the spec asks for, or None for never."""
    asked = seen.spec.ttl if seen.spec else None
    ttl = asked or instance.resolution(seen).ttl
    if isinstance(ttl, Forever):
        return None
    natural = since + ttl
    extended = seen.spec.extend_until if seen.spec else None
    return max(natural, extended) if extended else natural


def end(seen: Seen, since: datetime) -> datetime | None:
    """Return the end in force: no edit moves it nearer than the least that has to remain.

    An end that is nearer than that already stays where it is, so that the floor does not slide.
    """
    asked = wanted(seen, since)
    if asked is None or available_at(seen) is None:
        return asked
    stored = _stored(seen)
    floor = seen.now + seen.settings.minimum_remaining
    # An available clone without a stored end was to live for ever: nothing is nearer than that.
    return max(asked, floor if stored is None else min(stored, floor))


def times(seen: Seen, since: datetime | None) -> Times:
    """Return the times of a clone that has been available since then."""
    if since is None:
        return Times()
    ends = end(seen, since)
    if ends is None or seen.now < ends:
        return Times(since, ends)
    kept = seen.status.recoverable_until if seen.status.expires_at == ends else None
    return Times(since, ends, kept or ends + seen.settings.recoverable)


def expired(seen: Seen, known: Times) -> bool:
    """Tell whether the clone's time is over."""
    return known.expires_at is not None and seen.now >= known.expires_at


def deadline(seen: Seen) -> datetime:
    """Return when a clone that is still on its way has taken too long.

    Counted from the last thing that was started, so that waiting for a slot costs nothing.
    """
    started = [seen.meta.created]
    started += [job.created for job in (*seen.jobs, *seen.imports)]
    if seen.instance:
        started.append(seen.instance.created)
    return max(started) + seen.settings.provisioning_deadline


def given_up(seen: Seen, failed_at: datetime | None) -> datetime:
    """Return when a clone that never was available is removed; `extendUntil` holds for it too."""
    limit = (failed_at or deadline(seen)) + seen.settings.failed_ttl
    extended = seen.spec.extend_until if seen.spec else None
    return max(limit, extended) if extended else limit


def seconds(seen: Seen, *when: datetime | None) -> float | None:
    """Return the seconds until the next of some times that is still to come."""
    ahead = [(moment - seen.now).total_seconds() for moment in when if moment]
    coming = [left for left in ahead if left > 0]
    return min(coming, default=None)


def soonest(*waits: float | None) -> float | None:
    """Return the shortest of some waits; None is no wait."""
    return min((wait for wait in waits if wait is not None), default=None)


def marks(ends: datetime) -> tuple[datetime, ...]:
    """Return when people are told that the end is near."""
    return tuple(ends - ahead for ahead in WARNINGS)


WARNINGS = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))


def _stored(seen: Seen) -> datetime | None:
    if seen.status.expires_at:
        return seen.status.expires_at
    if seen.instance is None:
        return None
    try:
        told = json.loads(seen.instance.spec.get("state") or "{}").get("expiresAt")
    except ValueError:
        return None
    return datetime.fromisoformat(told) if told else None
