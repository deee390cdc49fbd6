# SPDX-License-Identifier: Apache-2.0
"""The site: its pods, its public address, and what may change during its life."""

from __future__ import annotations

import json

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage
from wpclone.api.reasons import Reason
from wpclone.controller.ports import Answer

ROUTE_TROUBLE = [
    Reason.ROUTE_NOT_RESOLVING,
    Reason.ROUTE_UNREACHABLE,
    Reason.CERTIFICATE_INVALID,
    Reason.SITE_UNHEALTHY,
]


@pytest.mark.parametrize("reason", ROUTE_TROUBLE)
async def test_a_clone_nobody_can_reach_is_not_available(reason: Reason) -> None:
    """What the outside-in check finds is the reason, once patience is over; it heals."""
    world = Stage()
    world.route.answer = Answer(reason, "It does not answer")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "StartingSite")
    await world.run(lambda world: world.reason() == reason)
    assert world.message() == "It does not answer"
    assert "availableAt" not in world.status()
    well_told(world)
    world.route.answer = Answer(guard="1", mails=0)
    await world.run(lambda world: world.reason() == "Available")


async def test_the_route_is_asked_only_until_it_answered() -> None:
    """An ingress outage later on is one alert, not a thousand status changes."""
    world = Stage()
    await world.available()
    asked = len(world.route.asked)
    await world.once()
    assert len(world.route.asked) == asked


async def test_a_site_that_stops_being_ready_is_told() -> None:
    """After having been available, pods that are not ready are a trouble of their own."""
    world = Stage()
    await world.available()
    world.controllers.ready = False
    world.controllers.step()
    await world.once()
    assert world.reason() == "SiteUnhealthy"
    assert world.status()["availableAt"]
    world.controllers.ready = True
    await world.run(lambda world: world.reason() == "Available")


async def test_access_changes_reach_the_guard() -> None:
    """`safety.access` may change during life: one write, no new pod."""
    world = Stage()
    await world.available()
    world.edit(safety={"access": "Public"})
    before = len(world.cluster.writes)
    await world.once()
    kinds = [(verb, kind) for verb, kind, _ in world.cluster.writes[before:]]
    assert kinds == [("apply", "SharedDatabaseSite"), ("status", "WordPressClone")]
    state = json.loads(world.cluster.find_one("SharedDatabaseSite")["spec"]["state"])
    assert state["access"] == "Public"


async def test_a_volume_only_grows() -> None:
    """A larger size is passed on, a smaller one is overlooked."""
    world = Stage()
    await world.available()
    world.edit(site={"storage": "5Gi"})
    await world.once()
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["storage"] == "5Gi"
    world.edit(site={"storage": "2Gi"})
    await world.once()
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["storage"] == "5Gi"


async def test_resources_may_change() -> None:
    """What the clone asks for goes into the instance; the rest stays as resolved."""
    world = Stage()
    await world.available()
    world.edit(site={"resources": {"limits": {"memory": "1Gi"}}})
    await world.once()
    spec = world.cluster.find_one("SharedDatabaseSite")["spec"]
    assert (spec["siteMemoryLimit"], spec["siteCPULimit"]) == ("1Gi", "1")


async def test_the_volume_follows_from_the_inspection() -> None:
    """1.3 times what the files need, WordPress itself included, at least the minimum."""
    world = Stage()
    await world.available()
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["storage"] == "1Gi"
