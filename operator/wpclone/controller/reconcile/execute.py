# SPDX-License-Identifier: Apache-2.0
"""Does what a plan says, in order; the first refusal ends the list."""

from __future__ import annotations

import asyncio
import base64
import secrets as chance
from dataclasses import dataclass
from typing import assert_never

from wpclone import errors
from wpclone.api import labels
from wpclone.api import secrets as keys
from wpclone.api.reasons import Reason
from wpclone.controller import ports, telemetry
from wpclone.controller.plan.seen import Seen
from wpclone.controller.plan.steps import (
    Apply,
    Create,
    Delete,
    DropDatabase,
    Hold,
    LendDatabase,
    MakeCopyKey,
    MakeMaskKey,
    MakeSecret,
    ProvideDatabase,
    ReclaimDatabase,
    Release,
    Step,
)
from wpclone.controller.ports import AlreadyThere, Body, Kind, Ref
from wpclone.controller.reconcile.world import World
from wpclone.controller.render import copy_key, mask_key
from wpclone.controller.render import secret as render

RANDOM_BYTES = 32

log = telemetry.logger("execute")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of the steps."""

    version: str  # the clone's resourceVersion after our own writes to it
    done: int = 0
    refusal: errors.WPCloneError | None = None
    reason: Reason | None = None  # what to tell of the refusal


async def steps(todo: tuple[Step, ...], seen: Seen, world: World) -> Outcomes:
    """Do the steps; what somebody refuses comes back as an outcome, what may heal as an error."""
    version = seen.meta.resource_version
    for number, step in enumerate(todo):
        world.fence.check()
        log.info("step", step=type(step).__name__, why=step.why, about=about(step))
        try:
            version = await _one(step, seen, world, version)
        except ports.Unavailable as error:
            return Outcomes(version, number, error, error.reason)
        except errors.Refused as error:
            return Outcomes(version, number, error, _reason(error))
    return Outcomes(version, len(todo))


def raise_refusal(outcomes: Outcomes) -> None:
    """Let the queue back off, now that the status tells of the refusal."""
    if outcomes.refusal is not None:
        raise outcomes.refusal


def about(step: Step) -> str:
    """Return what a step is about, for the log."""
    match step:
        case Create() | Apply() | MakeSecret() | MakeMaskKey() | MakeCopyKey():
            return f"{step.body['kind']}/{step.body['metadata']['name']}"
        case Delete():
            return " ".join(f"{ref.kind.name}/{ref.name}" for ref in step.refs)
        case ProvideDatabase() | LendDatabase() | ReclaimDatabase() | DropDatabase():
            return f"{step.server}/{step.name}"
        case Hold() | Release():
            return labels.FINALIZER
        case _:
            assert_never(step)


async def _one(step: Step, seen: Seen, world: World, version: str) -> str:
    match step:
        case Hold():
            return await _finalizers(
                seen, world, version, (*seen.meta.finalizers, labels.FINALIZER)
            )
        case Release():
            kept = tuple(held for held in seen.meta.finalizers if held != labels.FINALIZER)
            return await _finalizers(seen, world, version, kept)
        case Create():
            await _create(step.body, seen.uid, world)
        case MakeSecret() | MakeMaskKey() | MakeCopyKey():
            await _create(await _filled(step, seen, world), seen.uid, world)
        case Apply():
            await world.cluster.apply(step.body)
        case Delete():
            await _delete(step.refs, world)
        case ProvideDatabase() | LendDatabase() | ReclaimDatabase() | DropDatabase():
            await _database(step, seen, world)
        case _:
            assert_never(step)
    return version


async def _database(
    step: ProvideDatabase | LendDatabase | ReclaimDatabase | DropDatabase, seen: Seen, world: World
) -> None:
    match step:
        case ProvideDatabase():
            password = await _value(step.secret, seen.uid, keys.DB_PASSWORD, world)
            await world.database.provide(step.server, step.name, step.owner, password)
        case LendDatabase():
            await world.database.lend(step.server, step.name, step.owner, step.lender)
        case ReclaimDatabase():
            await world.database.reclaim(step.server, step.name, step.owner)
        case DropDatabase():
            await world.database.drop(step.server, step.name, step.owner)


async def _filled(step: MakeSecret | MakeMaskKey | MakeCopyKey, seen: Seen, world: World) -> Body:
    """Return a Secret with what no plan may hold."""
    match step:
        case MakeSecret():
            values = {key: chance.token_urlsafe(RANDOM_BYTES) for key in step.chance}
            return render.filled(step.body, values)
        case MakeMaskKey():
            return mask_key.filled(step.body, await world.masks.master(), step.customer)
        case MakeCopyKey():
            salt = await _value(step.secret, step.uid, keys.SALT, world)
            return copy_key.filled(step.body, salt, seen.uid)


async def _finalizers(seen: Seen, world: World, version: str, wanted: tuple[str, ...]) -> str:
    body = await world.cluster.set_finalizers(seen.name, version, wanted)
    return str(body["metadata"]["resourceVersion"])


async def _create(body: Body, uid: str, world: World) -> None:
    try:
        await world.cluster.create(body)
    except AlreadyThere:
        kind, name = _kind(body), body["metadata"]["name"]
        found = await world.cluster.get(kind, name)
        if found is None:
            raise errors.Conflict(f"{kind.name} {name} came and went") from None
        if not ports.is_ours(found, uid):
            raise
        # Ours: an earlier pass was cut off, or its answer was lost.


async def _delete(refs: tuple[Ref, ...], world: World) -> None:
    first, *others = refs
    # The first one alone: it may be what would bring the others back.
    await world.cluster.delete(first)
    await asyncio.gather(*(world.cluster.delete(ref) for ref in others))


async def _value(name: str, uid: str, key: str, world: World) -> str:
    """Return what a Secret of the clone with this UID says."""
    found = await world.cluster.get(ports.SECRET, name)
    if found is None or not ports.is_ours(found, uid):
        raise errors.Conflict(f"Secret {name} changed under way")
    return base64.b64decode(found["data"][key]).decode()


def _kind(body: Body) -> Kind:
    known = {kind.name: kind for kind in (ports.SITE, ports.JOB, ports.SECRET)}
    return known[body["kind"]]


def _reason(error: errors.Refused) -> Reason:
    if isinstance(error, AlreadyThere):
        return Reason.NAME_CONFLICT
    return Reason.QUOTA_EXCEEDED if "exceeded quota" in str(error) else Reason.INTERNAL_ERROR
