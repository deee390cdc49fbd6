# SPDX-License-Identifier: Apache-2.0
"""Judges the clone that a clone copies: that it is there, may be copied, and runs."""

from __future__ import annotations

from typing import Final

from wpclone.api import names
from wpclone.api.mover import ImportConfig, Mask
from wpclone.api.reasons import Reason
from wpclone.controller.plan.seen import Parent, Seen
from wpclone.controller.plan.steps import MakeCopyKey, Plan, Stage, Step, Story
from wpclone.controller.render import copy_key

# Nobody tells us when the other clone has come that far.
LOOK: Final = 10.0


def stage(seen: Seen) -> Plan | None:
    """Return why the other clone cannot be copied now, or None if it can, or none is named."""
    name = wanted(seen)
    if name is None:
        return None
    known = seen.parent
    if known is None:
        return _fail(Reason.SOURCE_UNREACHABLE, f"There is no clone {name} in this namespace")
    if known.gone:
        return _fail(Reason.SOURCE_UNREACHABLE, f"Clone {name} is gone: its time is over")
    problem = _forbidden(seen, known)
    if problem:
        return _fail(Reason.INVALID_SPEC, problem)
    waits = _not_yet(known)
    if waits is None:
        return None
    message = f"Waiting for the clone {name}: {waits}"
    return Plan(Story(Stage.SOURCE, Reason.PENDING, message), look_again=LOOK)


def wanted(seen: Seen) -> str | None:
    """Return the name of the clone that is to be copied, if one is."""
    source = seen.spec.source if seen.spec else None
    return source.clone.name if source and source.clone else None


def key(seen: Seen) -> tuple[Step, ...]:
    """Return the step that brings the key of the other clone to the mover, if it copies one."""
    known = seen.parent
    if known is None or seen.spec is None:
        return ()
    body = copy_key.manifest(seen.meta, seen.settings.installation, seen.spec.customer)
    why = f"the mover has to read the clone {known.name}"
    return (MakeCopyKey(body, names.credentials(known), known.uid, why),)


def lost(seen: Seen) -> str | None:
    """Return what became of the clone while it was copied, or None if it is still there."""
    name = wanted(seen)
    if name is None or seen.instance is None:
        return None
    told = ImportConfig.read(str(seen.instance.spec["importConfig"])).source.clone
    known = seen.parent
    if known is None or known.gone or (told and told.uid != known.uid):
        return f"Clone {name} was removed while it was copied"
    return None


def _forbidden(seen: Seen, known: Parent) -> str | None:
    customer = seen.spec.customer if seen.spec else None
    if known.customer != customer:
        return (
            f"Clone {known.name} belongs to {_tenant(known.customer)}, this one to"
            f" {_tenant(customer)}; copies stay with their customer"
        )
    asked = seen.spec.privacy.mask if seen.spec and seen.spec.privacy else None
    if known.imported and asked is not None and asked.at_least(known.mask) is not asked:
        return (
            f"Clone {known.name} is masked as {known.mask}, and {asked} would be less: leave"
            f" privacy.mask out, or ask for {_at_least(known.mask)}"
        )
    return None


def _tenant(customer: str | None) -> str:
    return f"the customer {customer}" if customer else "no customer"


def _at_least(mask: Mask) -> str:
    return " or ".join(one for one in Mask if one.at_least(mask) is one)


def _not_yet(known: Parent) -> str | None:
    if not known.imported:
        return "it is not available yet"
    if known.expired:
        return "it has expired; raise its extendUntil to have it back"
    if known.suspended:
        return "it is suspended, and its site has to run while it is copied"
    return None if known.running else "its site does not run"


def _fail(reason: Reason, message: str) -> Plan:
    return Plan(Story(Stage.SOURCE, reason, message), look_again=LOOK)
