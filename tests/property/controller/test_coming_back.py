# SPDX-License-Identifier: Apache-2.0
"""What `Available` promises, however a site went and came back, and however late others are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import world as fakes
from tests.fakes.world import Stage
from wpclone.api.fields import rfc3339
from wpclone.api.reasons import Reason
from wpclone.controller import telemetry

Action = Callable[[Stage], None]

telemetry.start("critical", "json")


def _extend(world: Stage) -> None:
    world.edit(extendUntil=rfc3339(world.clock.now() + timedelta(hours=1)))


def _pods(world: Stage, *, ready: bool) -> None:
    world.controllers.ready = ready
    world.controllers.step()


# How a site goes, and how it comes back.
WAYS: dict[str, tuple[Action, Action]] = {
    "suspended": (lambda world: world.edit(suspend=True), lambda world: world.edit(suspend=False)),
    "expired": (lambda world: world.clock.advance(3600), _extend),
    "unwell": (lambda world: _pods(world, ready=False), lambda world: _pods(world, ready=True)),
    "without its database": (
        lambda world: world.database.down.update(shared=Reason.DATABASE_UNAVAILABLE),
        lambda world: world.database.down.clear(),
    ),
}


@dataclass(frozen=True)
class Absence:
    """A time without the site; kro sleeps from one pass of it on, for some passes."""

    way: str
    slow: bool  # kro acts on what it read a while ago
    gone: int
    back: int
    asleep: range


ABSENCES = st.builds(
    Absence,
    st.sampled_from(sorted(WAYS)),
    slow=st.booleans(),
    gone=st.integers(0, 3),
    back=st.integers(0, 4),
    asleep=st.builds(
        lambda first, many: range(first, first + many), st.integers(0, 4), st.integers(0, 3)
    ),
)


async def _pass(world: Stage, *, kro: bool = True) -> None:
    """Run a pass and let the others act; whoever has just been told `Available` is let in."""
    world.controllers.kro = kro
    before = world.reason()
    then = await world.once()
    if world.reason() == "Available" != before:
        for _ in range(3):
            assert world.route.serves(world.cluster.find_one("WordPressClone")["metadata"]["uid"])
            world.controllers.step()
    world.controllers.step()
    world.clock.advance(min(then.after or 1.0, 5.0))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(ABSENCES, min_size=1, max_size=4))
def test_whoever_reads_available_is_let_in(absences: list[Absence]) -> None:
    """However often a site goes and comes back: it is told to be there when it is, and stays."""

    async def tell() -> None:
        world = Stage(fakes.settings(recoverable="24h"))
        await world.available(ttl="1h")
        for absence in absences:
            leave, come = WAYS[absence.way]
            world.controllers.slow = absence.slow
            leave(world)
            for number in range(absence.gone):
                await _pass(world, kro=number not in absence.asleep)
            come(world)
            for number in range(absence.gone, absence.gone + absence.back):
                await _pass(world, kro=number not in absence.asleep)
        for _ in range(8):
            await _pass(world)
        assert world.reason() == "Available"

    asyncio.run(tell())
