# SPDX-License-Identifier: Apache-2.0
"""Judges the site: its pods, its public address, and what the person asked for meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wpclone.api import names
from wpclone.api.fields import rfc3339
from wpclone.api.reasons import Reason
from wpclone.controller.plan import ending, instance, pods
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import Delete, Plan, Stage, Step, Story, Times
from wpclone.controller.ports import INGRESS

# Ingress controllers take a moment to see a new host; until then it is no trouble.
ROUTE_PATIENCE: Final = timedelta(seconds=30)
SOON: Final = 1.0
# From here a site starts anew; from anywhere else a pod that is not ready is trouble.
_OFF_LINE_ON_PURPOSE: Final = {Reason.SUSPENDED, Reason.EXPIRED, Reason.STARTING_SITE}
_NOT_READY: Final = "The site's pod is not ready"
_NO_ANSWER: Final = "The site's pod is ready, and its public address does not answer yet"


def stage(seen: Seen) -> Plan:
    """Return what to do for an imported clone; the last word of every pass."""
    since = ending.available_at(seen)
    if since is None and serving(seen):
        # whole seconds, as it is stored: read back, it has to be the same
        since = seen.now.replace(microsecond=0)
    times = ending.times(seen, since)
    steps: tuple[Step, ...] = instance.upkeep(seen, times)
    if ending.expired(seen, times):
        return _expired(seen, times, steps)
    ahead = ending.seconds(seen, times.expires_at, *_marks(times))
    story, look_again = _told(seen, times)
    return Plan(story, steps, ending.soonest(ahead, look_again), times)


def asks(seen: Seen) -> bool:
    """Tell whether an answer of the public address is all that is missing to say `Available`.

    Not before kro has acted on what the instance says: until then pods and route may be those of a
    time that is over, and answer once more before they go.
    """
    site, known = seen.deployment, seen.instance
    if _believed(seen) or site is None or not site.ready or known is None or not known.current:
        return False
    times = ending.times(seen, ending.available_at(seen))
    return not (ending.expired(seen, times) or _suspended(seen, times))


def _believed(seen: Seen) -> bool:
    """Tell whether people read that the clone is available: it answered, and never went since.

    The one word of our own that is read back. An outage of the ingress later on is one alert, not
    a thousand status changes; whoever has to be told anew is told by an answer alone.
    """
    told = seen.status.condition("Ready")
    return ending.available_at(seen) is not None and told is not None and told.status == "True"


def serving(seen: Seen) -> bool:
    """Tell whether the public address answered with the clone's own UID, in this pass."""
    return seen.answer is not None and seen.answer.problem is None


def _marks(times: Times) -> tuple[datetime, ...]:
    return ending.marks(times.expires_at) if times.expires_at else ()


def _told(seen: Seen, times: Times) -> tuple[Story, float | None]:
    url = instance.address(seen)
    if _suspended(seen, times):
        text = f"Suspended: the site's pods are stopped, {url} comes back with suspend: false"
        return _story(Reason.SUSPENDED, text, 100), None
    site = seen.deployment
    if site is None:
        return _starting(seen, times, "The site is being started"), 5.0
    if not site.ready:
        trouble = pods.of_site(site, seen.pods, seen.now)
        if trouble:
            return _story(trouble[0], trouble[1], 95), seen.settings.poll
        return _starting(seen, times, "The site's pod is starting"), seen.settings.poll
    if not (_believed(seen) or serving(seen)):
        return _route(seen, times)
    return Story(Stage.DONE, Reason.AVAILABLE, available(seen, times), 100, "Available"), None


def _suspended(seen: Seen, times: Times) -> bool:
    return bool(seen.spec and seen.spec.suspend and times.available_at)


def available(seen: Seen, times: Times) -> str:
    """Return what a person does next: the address, the login, the end."""
    url = instance.address(seen)
    secret = names.credentials(seen.meta)
    ends = f"it ends at {rfc3339(times.expires_at)}" if times.expires_at else "it does not end"
    return (
        f"Open {url} with the link under visit-url in Secret {secret}, "
        f"or log in at {url}/wp-login.php with its wordpress-username and wordpress-password; "
        f"{ends}"
    )


def _starting(seen: Seen, times: Times, message: str, trouble: str = _NOT_READY) -> Story:
    before = seen.status.condition("Ready")
    if times.available_at is None or (before and before.reason in _OFF_LINE_ON_PURPOSE):
        return _story(Reason.STARTING_SITE, message, 95)
    return _story(Reason.SITE_UNHEALTHY, trouble, 100)


def _route(seen: Seen, times: Times) -> tuple[Story, float]:
    answer, site = seen.answer, seen.deployment
    if answer is None or answer.problem is None or site is None:
        return _starting(seen, times, "The public address is being checked", _NO_ANSWER), SOON
    since = site.ready_since or site.created
    if seen.now - since < ROUTE_PATIENCE:
        text = "Waiting for the public address to answer"
        return _starting(seen, times, text, _NO_ANSWER), SOON
    return _story(answer.problem, answer.message, 95), seen.settings.poll


def _story(reason: Reason, message: str, percent: int) -> Story:
    return Story(Stage.SITE, reason, message, percent, message)


def _expired(seen: Seen, times: Times, steps: tuple[Step, ...]) -> Plan:
    until = times.recoverable_until
    # Deleted besides being taken out of the graph: kro prunes only at the end of a whole pass.
    routes = tuple(left.ref for left in seen.rest if left.ref.kind is INGRESS and not left.deleting)
    if routes:
        steps = (*steps, Delete(routes, why="the clone's time is over"))
    still = bool(routes) or bool(seen.pods)
    told = f"; raise extendUntil before {rfc3339(until)} to bring it back" if until else ""
    story = Story(
        Stage.SITE, Reason.EXPIRED, f"The clone's time is over and it is off line{told}", 100, ""
    )
    ahead = ending.seconds(seen, until)
    look_again = SOON if still or (until and until <= seen.now) else ahead
    return Plan(story, steps, look_again, times)
