# SPDX-License-Identifier: Apache-2.0
"""Takes a clone away: route, workload, database, Secret, and our finalizer last of all."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wpclone.api import names
from wpclone.api.mover import Mask
from wpclone.api.reasons import Reason
from wpclone.controller.plan import ending, parent, reached
from wpclone.controller.plan.database import owner
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import (
    Delete,
    DropDatabase,
    Plan,
    Release,
    Step,
    Story,
    Times,
)
from wpclone.controller.ports import CLONE, INGRESS, SECRET, Ref

AT_ONCE: Final = 0.05
SOON: Final = 1.0


def leaving(seen: Seen) -> bool:
    """Tell whether the clone is on its way out, or out already."""
    return seen.meta.deleting_since is not None or over(seen)


def over(seen: Seen) -> bool:
    """Tell whether an end has passed that nothing brings back.

    A late look at an extension made in time counts, as long as nothing has been removed yet.
    """
    until = seen.status.recoverable_until
    if until is None or seen.now < until:
        return False
    if seen.instance is None or seen.instance.deleting:
        return True
    since = ending.available_at(seen)
    if since is None:
        return True
    asked = ending.wanted(seen, since)
    return asked is not None and asked <= seen.now


def teardown(seen: Seen) -> Plan:
    """Return the next steps of taking everything away, in order."""
    if seen.meta.paused:
        return Plan(story=None)
    gone = seen.meta.deleting_since is not None
    steps, blocker = _next(seen)
    if blocker is None:
        return _released(seen) if gone else _reaped(seen)
    reason = Reason.DELETING if gone else Reason.EXPIRED
    story = Story(reached.stage(seen), reason, f"Being removed: waiting for {blocker}")
    # What we remove ourselves is gone at once; what others remove sends events, or takes a while.
    ours = any(isinstance(step, DropDatabase) for step in steps) or blocker.startswith("Secret")
    wait = AT_ONCE if ours else SOON
    return Plan(story, steps, look_again=wait, times=_times(seen))


def _next(seen: Seen) -> tuple[tuple[Step, ...], str | None]:
    """Return the steps of the first part that is still there, and what is waited for."""
    if not seen.meta.held:
        return (), None  # without our finalizer nothing was ever made
    return next(filter(None, (_workload(seen), _databases(seen), _secret(seen))), ((), None))


def _workload(seen: Seen) -> tuple[tuple[Step, ...], str] | None:
    known = seen.instance if seen.instance and seen.instance.ours else None
    waits = _named(seen, instance=known is not None)
    if waits is None:
        return None
    going = [(left.ref, left.deleting) for left in seen.rest]
    # The instance first: kro brings children back only as long as it lives. Then the route. All of
    # them at once: kro by itself waits a whole interval per layer.
    refs = [
        *([(known.ref, known.deleting)] if known else []),
        *(one for one in going if one[0].kind is INGRESS),
        *([(seen.deployment.ref, seen.deployment.deleting)] if seen.deployment else []),
        *((job.ref, job.deleting) for job in (*seen.jobs, *seen.imports)),
        *(one for one in going if one[0].kind is not INGRESS),
    ]
    todo = tuple(ref for ref, deleting in refs if not deleting)
    step = Delete(todo, why="the clone goes: route and workload first")
    return ((step,) if todo else ()), waits


def _named(seen: Seen, *, instance: bool) -> str | None:
    movers = (pod for job in (*seen.jobs, *seen.imports) for pod in job.pods)
    # A Job goes at once, its pods only after their grace: one may still write into the database.
    live = [*seen.pods, *seen.strays, *movers]
    parts = [
        *(["its pods"] if live else []),
        *(["its Jobs"] if seen.jobs or seen.imports else []),
        *(["its Deployment"] if seen.deployment else []),
        *sorted({f"its {left.ref.kind.name}" for left in seen.rest}),
        *([f"SharedDatabaseSite {names.base(seen.meta)} (kro)"] if instance else []),
    ]
    return ", ".join(parts) or None


def _databases(seen: Seen) -> tuple[tuple[Step, ...], str] | None:
    if seen.databases.mute:
        return (), next(iter(sorted(seen.databases.mute.values())))
    ours = {server for server, view in seen.databases.views.items() if view.owner == owner(seen)}
    name = names.database(seen.uid)
    steps = tuple(
        DropDatabase(server, name, owner(seen), why="the clone goes: database after workload")
        for server in sorted(ours)
    )
    return (steps, f"database {name}") if steps else None


def _secret(seen: Seen) -> tuple[tuple[Step, ...], str] | None:
    refs = []
    if seen.secret is not None and seen.secret.ours:
        refs.append(Ref(SECRET, names.credentials(seen.meta), seen.secret.uid))
        decided = seen.status.resolved
        if decided and decided.mask not in {None, Mask.NONE}:
            refs.append(Ref(SECRET, names.mask(seen.meta)))  # still there if nothing was imported
    if parent.wanted(seen) and seen.source_secret is not None and seen.source_secret.ours:
        refs.append(Ref(SECRET, names.copy_key(seen.meta), seen.source_secret.uid))
    if not refs:
        return None
    step = Delete(tuple(refs), why="the clone goes: Secrets after all")
    return (step,), f"Secret {refs[0].name}"


def _released(seen: Seen) -> Plan:
    if not seen.meta.held:
        return Plan(story=None)
    return Plan(story=None, steps=(Release(why="everything is seen to be gone"),))


def _reaped(seen: Seen) -> Plan:
    """Keep the record, so that nobody brings the clone back; in the end it goes, if it may."""
    never = "" if seen.status.available_at else " It never was available."
    story = Story(
        reached.stage(seen),
        Reason.REAPED,
        f"The clone's time is over and everything was removed.{never} Make a new clone to go on",
        100,
    )
    plan = Plan(story, times=_times(seen))
    if seen.meta.held:
        return replace(plan, steps=(Release(why="everything is seen to be gone"),), look_again=SOON)
    until = seen.status.recoverable_until
    is_protected = bool(seen.spec and seen.spec.deletion_protection)
    if until is None or seen.meta.kept_by_others or is_protected:
        return plan
    removed = until + seen.settings.retain_reaped
    if seen.now >= removed:
        step = Delete((Ref(CLONE, seen.name, seen.uid),), why="its record was kept long enough")
        return replace(plan, steps=(step,))
    return replace(plan, look_again=ending.seconds(seen, removed))


def _times(seen: Seen) -> Times:
    stored = seen.status
    return Times(stored.available_at, stored.expires_at, stored.recoverable_until)
