# SPDX-License-Identifier: Apache-2.0
"""A site that comes back is told to be there when a visitor is let in, and not a moment before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage
from wpclone.api.fields import rfc3339
from wpclone.api.reasons import Reason
from wpclone.controller.ports import Answer

NO_ROUTE = Answer(Reason.ROUTE_UNREACHABLE, "It does not answer")
GOOD = Answer(guard="1", mails=0)


def extend(world: Stage) -> None:
    """Let the clone live for some more hours from now."""
    world.edit(extendUntil=rfc3339(world.clock.now() + timedelta(hours=3)))


async def expiry(world: Stage) -> None:
    """Let the clone's time be over, and bring it back."""
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Expired")
    world.controllers.step()
    extend(world)


async def suspension(world: Stage) -> None:
    """Suspend the clone, and let it go on."""
    world.edit(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    world.controllers.step()
    world.edit(suspend=False)


async def trouble(world: Stage) -> None:
    """Let its pod be unwell for a while."""
    world.controllers.ready = False
    world.controllers.step()
    await world.run(lambda world: world.reason() == "SiteUnhealthy")
    world.controllers.ready = True


async def outage(world: Stage) -> None:
    """Let its database server be away for a while."""
    world.database.down = {"shared": Reason.DATABASE_UNAVAILABLE}
    await world.run(lambda world: world.reason() == "DatabaseUnavailable")
    world.database.down = {}


WAYS = [
    pytest.param(expiry, "StartingSite", id="expiry"),
    pytest.param(suspension, "StartingSite", id="suspension"),
    pytest.param(trouble, "SiteUnhealthy", id="trouble"),
    pytest.param(outage, "RouteUnreachable", id="outage"),  # its pod has long been ready
]


@pytest.mark.parametrize(("way", "meanwhile"), WAYS)
async def test_it_is_available_when_its_address_answers(
    way: Callable[[Stage], Awaitable[None]], meanwhile: str
) -> None:
    """The pod alone is not enough; once the address answers, the next look tells it."""
    world = Stage()
    await world.available(ttl="1h")
    await way(world)
    world.route.answer = NO_ROUTE
    for _ in range(5):
        await world.once()
        world.controllers.step()
        world.clock.advance(1)
        assert world.reason() == meanwhile
    well_told(world)
    await world.run(lambda world: world.reason() == "RouteUnreachable")
    well_told(world)
    world.route.answer = GOOD
    await world.run(lambda world: world.reason() == "Available", passes=2)
    well_told(world)


@pytest.mark.parametrize(("way", "meanwhile"), WAYS)
async def test_it_costs_one_status_and_then_silence(
    way: Callable[[Stage], Awaitable[None]], meanwhile: str
) -> None:
    """Looking again and again writes nothing; once available, it is asked no more."""
    world = Stage()
    await world.available(ttl="1h")
    await way(world)
    world.route.answer = NO_ROUTE
    await world.run(lambda world: world.reason() == meanwhile)
    for _ in range(3):
        await world.once()
        world.controllers.step()
    before = len(world.cluster.writes)
    for _ in range(5):
        await world.once()
    assert world.cluster.writes[before:] == []
    world.route.answer = GOOD
    await world.once()
    assert world.reason() == "Available"
    asked, before = len(world.route.asked), len(world.cluster.writes)
    world.restart()
    await world.once()
    assert (len(world.route.asked), world.cluster.writes[before:]) == (asked, [])


async def test_what_is_about_to_go_proves_nothing() -> None:
    """Brought back before kro has stopped anything: the old pod's last answers do not count."""
    world = Stage()
    await world.available(ttl="1h")
    world.controllers.kro = False
    world.clock.advance(3600)
    await world.once()
    assert world.reason() == "Expired"
    extend(world)
    for _ in range(2):
        await world.once()
        assert world.reason() != "Available"
    world.controllers.kro = True
    await world.run(lambda world: world.reason() == "Available")
    world.controllers.step()
    assert world.route.serves(world.cluster.find_one("WordPressClone")["metadata"]["uid"])


async def test_nobody_asks_in_vain() -> None:
    """A suspended clone, an expired one and one without its database are not asked for."""
    world = Stage()
    await world.available(ttl="1h")
    asked = len(world.route.asked)
    world.database.down = {"shared": Reason.DATABASE_UNAVAILABLE}
    await world.once()
    await world.once()
    world.database.down = {}
    world.edit(suspend=True)
    for _ in range(3):
        await world.once()
        world.controllers.step()
    world.clock.advance(3600)
    for _ in range(3):
        await world.once()
        world.controllers.step()
    assert world.reason() == "Expired"
    assert len(world.route.asked) == asked
