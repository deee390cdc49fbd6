# SPDX-License-Identifier: Apache-2.0
"""A person may ask that an old clone gets what the settings say today; nobody else changes it."""

from __future__ import annotations

from typing import Any

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, settings
from wpclone.controller.ports import Body

KEPT = ("moverImage", "importConfig", "job", "host", "databaseHost", "storage", "tablePrefix")


def renew(world: Stage, **more: Any) -> None:
    """Let the operator start anew with other settings."""
    world.settings = settings(
        images={"site": "site:2", "mover": "mover:2"},
        guardConfigMap="guard-2",
        domain="other.test",
        ttl={"default": "9h"},
        safety={"access": "Login", "updates": "Allow"},
        resources={"site": {"memoryLimit": "2Gi"}},
        **more,
    )
    world.restart()


def site(world: Stage) -> Body:
    """Return the spec of the instance."""
    spec: Body = world.cluster.find_one("SharedDatabaseSite")["spec"]
    return dict(spec)


async def test_the_wish_brings_today_s_settings() -> None:
    """Image, guard, resources, lifetime and safety follow; address, data and import stay."""
    world = Stage()
    await world.available()
    before = site(world)
    renew(world)
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    await world.once()  # the instance's own event brings this pass, which sees what was written
    after = site(world)
    assert (after["siteImage"], after["guardConfigMap"]) == ("site:2", "guard-2")
    assert after["siteMemoryLimit"] == "2Gi"
    assert '"access":"Login"' in after["state"]
    assert '"updates":"Allow"' in after["state"]
    assert [after[name] for name in KEPT] == [before[name] for name in KEPT]
    assert world.status()["resolved"]["image"] == "site:2"
    assert world.status()["resolved"]["ttl"] == "9h"
    assert world.status()["expiresAt"] == "2026-11-25T21:00:19Z"
    well_told(world)


async def test_one_wish_is_granted_once() -> None:
    """Afterwards the clone keeps its record: neither passes nor newer settings change it."""
    world = Stage()
    await world.available()
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    before = len(world.cluster.writes)
    renew(world)
    await world.once()
    assert world.cluster.writes[before:] == []


async def test_what_the_clone_asks_for_itself_stays() -> None:
    """A wish decides what was left open, and overrules nobody."""
    world = Stage()
    await world.available(ttl="2h", site={"image": "own:1"}, safety={"access": "Public"})
    ends = world.status()["expiresAt"]
    renew(world)
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    assert site(world)["siteImage"] == "own:1"
    assert '"access":"Public"' in site(world)["state"]
    assert world.status()["expiresAt"] == ends


async def test_the_data_stays_on_its_server() -> None:
    """Another first server in the settings is for new clones: schemas do not move."""
    servers = [{"name": name, "host": f"{name}.test", "secretDir": "/x"} for name in ("a", "b")]
    world = Stage(settings(databases=servers))
    await world.available()
    renew(world, databases=servers[::-1])
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    assert world.status()["resolved"]["databaseServer"] == "a"
    assert site(world)["databaseHost"] == "a.test"
    assert [server for server, _ in world.database.schemas] == ["a"]


async def test_a_wish_during_the_import_waits_for_its_end() -> None:
    """The import's Job can never change: until it has ended, nothing is decided anew."""
    world = Stage()
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "Importing")
    renew(world)
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    assert site(world)["siteImage"] == "site:1"
    world.controllers.outcomes.clear()
    await world.run(lambda world: world.reason() == "Available")
    assert site(world)["siteImage"] == "site:2"
    assert site(world)["moverImage"] == "mover:1"


async def test_a_kill_after_the_grant_grants_nothing_twice() -> None:
    """Record and mark are one write with the change itself."""
    world = Stage()
    await world.available()
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    marks = world.cluster.find_one("SharedDatabaseSite")["metadata"]["annotations"]
    assert marks["clones.betaweb.ai/re-resolve"] == "1"
    world.restart()
    before = len(world.cluster.writes)
    await world.once()
    assert world.cluster.writes[before:] == []
