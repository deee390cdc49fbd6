# SPDX-License-Identifier: Apache-2.0
"""Brings one clone closer to its spec: look, decide, act, tell."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from wpclone import errors
from wpclone.controller import plan, telemetry
from wpclone.controller.ports import Next
from wpclone.controller.reconcile import execute, observe, publish
from wpclone.controller.reconcile.world import World

# Every call inside has a deadline of its own; this one catches their sum.
DEADLINE: Final = 180.0
# A refusal or a bug is looked at again slowly: a person or a new release has to come first.
SLOWLY: Final = 15.0

log = telemetry.logger("pass")


async def one_pass(name: str, world: World) -> float | None:
    """Bring one clone closer to its spec; return when to look again, or None if nothing is due."""
    seen = await observe.clone(name, world)
    if seen is None:
        return None
    todo = plan.teardown(seen) if plan.leaving(seen) else plan.provision(seen)
    outcomes = await execute.steps(todo.steps, seen, world)
    await publish.status(seen, todo, outcomes, world)
    execute.raise_refusal(outcomes)  # the user has been told; now let the queue back off
    return todo.look_again


async def work(name: str, world: World) -> Next:
    """Run a pass for the queue: failures become data, and a bug is told instead of spreading."""
    with structlog.contextvars.bound_contextvars(clone=name):
        try:
            async with asyncio.timeout(DEADLINE):
                return Next(after=await one_pass(name, world))
        except errors.Fenced:
            raise
        except errors.Transient as error:
            log.info("again", cause=type(error).__name__, said=str(error)[:300])
            return Next(after=error.retry_after, failed=True)
        except (errors.Refused, errors.NotFound, TimeoutError) as error:
            log.warning("refused", cause=type(error).__name__, said=str(error)[:300])
            return Next(after=SLOWLY, failed=True)
        except Exception:
            # The one place that catches everything: one clone's bug must not stop the others.
            log.exception("a pass broke off")
            await _tell(name, world)
            return Next(after=SLOWLY, failed=True)


async def _tell(name: str, world: World) -> None:
    try:
        seen = await observe.clone(name, world)
        if seen is not None:
            await publish.internal_error(seen, world)
    except Exception:  # noqa: BLE001  the bug may sit in here as well, and is in the log already
        log.warning("the bug could not be told", exc_info=True)
