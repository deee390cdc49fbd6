# SPDX-License-Identifier: Apache-2.0
"""Every single write meets its faults; the end has to be that of a life without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.cluster import Killed
from tests.fakes.world import START, Stage
from wpclone import errors

Fault = Callable[[], BaseException]

LIFE = ("available", "expired", "back", "gone")


def conflict() -> BaseException:
    """Return what a 409 becomes."""
    return errors.Conflict("injected")


def unwell() -> BaseException:
    """Return what a 500 becomes."""
    return errors.Transient("injected")


def killed() -> BaseException:
    """Return the end of the process."""
    return Killed()


async def live(world: Stage) -> dict[str, Any]:
    """Take a clone through its whole life, and return what must not depend on faults."""
    world.login()
    world.apply(ttl="1h")
    await go(world, lambda: world.reason() == "Available")
    shown = snapshot(world)
    world.clock.advance(3600)
    await go(world, lambda: world.reason() == "Expired" and not world.cluster.find_kind("Ingress"))
    world.edit(extendUntil="2026-11-26T00:00:00Z")
    await go(world, lambda: world.reason() == "Available")
    world.delete()
    await go(world, world.gone)
    assert world.left() == []
    assert world.database.empty
    return shown


async def go(world: Stage, until: Callable[[], bool]) -> None:
    """Run passes until something holds, starting the operator anew whenever it was killed."""
    for _ in range(120):
        if until():
            return
        try:
            then = await world.once()
        except Killed:
            world.restart()
            continue
        world.controllers.step()
        wait = 1.0 if then.failed else then.after
        world.clock.advance(min(wait if wait is not None else 1.0, 30.0) or 0.01)
    raise AssertionError(f"stuck at {world.reason()}: {world.message()}")


def snapshot(world: Stage) -> dict[str, Any]:
    """Return the status and the instance, without times and identities."""
    status = world.status()
    spec = dict(world.cluster.find_one("SharedDatabaseSite")["spec"])
    kept = {"url", "resolved", "import", "source", "database", "progress", "credentialsRef"}
    for name in ("uid", "name", "job", "databaseName", "state"):
        spec.pop(name)
    told = {key: value for key, value in status.items() if key in kept}
    told["database"] = {"host": status["database"]["host"]}
    told["resolved"] = dict(status["resolved"])
    reasons = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}
    return {"status": told, "spec": spec, "conditions": reasons}


def made(world: Stage) -> Counter[tuple[str, str]]:
    """Return how often each kind was created successfully, Events apart."""
    return Counter(kind for kind in world.cluster.created if kind[0] != "Event")


async def reference() -> tuple[dict[str, Any], Counter[tuple[str, str]], int]:
    """Return what a life without faults looks like."""
    world = Stage()
    shown = await live(world)
    return shown, made(world), len(world.cluster.writes)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("fault", [conflict, unwell, killed])
async def test_a_fault_at_any_write_changes_nothing_in_the_end(fault: Fault, moment: str) -> None:
    """409, 500 and kill, before and after the commit, at every write of a life."""
    shown, creations, writes = await reference()
    assert writes > 20
    for number in range(1, writes + 1):
        world = Stage()
        getattr(world.cluster.faults, moment)[number] = fault
        found = await live(world)
        assert found == shown, f"write {number}"
        assert made(world) == creations, f"write {number}: {made(world) - creations}"


async def test_two_kills_in_one_life_change_nothing_in_the_end() -> None:
    """Pairs of kills around the creations: one database, one import, one Secret."""
    shown, creations, _ = await reference()
    for first in range(1, 12):
        for second in range(first + 1, first + 4):
            world = Stage()
            world.cluster.faults.after[first] = killed
            world.cluster.faults.before[second] = killed
            assert await live(world) == shown, (first, second)
            assert made(world) == creations, (first, second)


def test_time_begins_where_the_tests_say() -> None:
    """The clock of a world is the test's own."""
    assert Stage().clock.now() == START
