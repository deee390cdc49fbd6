# SPDX-License-Identifier: Apache-2.0
"""A clone of a clone on the same server reads that one's rows while its content is imported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.cluster import Killed
from tests.fakes.world import Stage, settings
from wpclone.api import names
from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason

COPY: dict[str, Any] = {"source": {"clone": {"name": "acme"}}}


def schema(world: Stage, name: str) -> str:
    """Return the name of a clone's schema, and of its user."""
    return names.database(world.cluster.objects["wordpressclones", name]["metadata"]["uid"])


def reads(world: Stage) -> str | None:
    """Return what the second clone's user may read beside its own."""
    return world.database.lent.get(("shared", schema(world, "second")))


def told(world: Stage) -> dict[str, Any]:
    """Return what the second clone's import knows of the first one."""
    uid = world.cluster.objects["wordpressclones", "second"]["metadata"]["uid"]
    (spec,) = (
        body["spec"]
        for body in world.cluster.find_kind("SharedDatabaseSite")
        if body["spec"]["uid"] == uid
    )
    clone: dict[str, Any] = json.loads(spec["importConfig"])["source"]["clone"]
    return clone


def lending(world: Stage) -> list[str]:
    """Return how often anything was lent or reclaimed."""
    return [verb for verb, _ in world.database.writes if verb in {"lend", "reclaim"}]


def died(world: Stage) -> bool:
    """Tell whether the kill that was arranged has happened."""
    return world.database.cut_behind is None


async def until(world: Stage, reason: str) -> None:
    """Let the second clone come so far, however often the operator dies."""
    for _ in range(40):
        try:
            await world.run(lambda world: world.reason("second") == reason, "second")
        except Killed:
            world.restart()
            continue
        return
    raise AssertionError(world.message("second"))


@pytest.fixture
async def world() -> Stage:
    """Bring a clone up that can be copied."""
    made = Stage()
    await made.available()
    return made


async def test_the_right_lives_as_long_as_the_import(world: Stage) -> None:
    """It is there before the import is asked for, and gone before the site runs."""
    world.apply("second", **COPY)
    await until(world, "Importing")
    assert reads(world) == told(world)["database"] == schema(world, "acme")
    await until(world, "StartingSite")
    assert reads(world) is None
    await until(world, "Available")
    assert lending(world) == ["lend", "reclaim"]
    well_told(world, "second")


async def test_an_ordinary_clone_reads_nobody(world: Stage) -> None:
    """Nothing is lent where nothing is copied."""
    assert lending(world) == []


async def test_a_masked_import_reads_nothing_behind_the_masker(world: Stage) -> None:
    """Its rows have to come past the mover, all of them."""
    world.apply("second", **COPY, privacy={"mask": "Strict"})
    await until(world, "Importing")
    assert "database" not in told(world)
    assert reads(world) is None


@pytest.mark.parametrize("moved", [{"name": "other"}, {"host": "10.9.9.9"}, {"port": 3399}])
async def test_another_server_is_no_neighbour(world: Stage, moved: dict[str, Any]) -> None:
    """A name that leads elsewhere by now, or an address under another name, proves nothing."""
    known = world.settings.databases[0]
    moved = known.model_dump(mode="json", by_alias=True) | moved
    world.settings = world.settings.model_copy(
        update={"databases": settings(databases=[moved]).databases}
    )
    world.database.servers = (moved["name"],)
    world.restart()
    world.apply("second", **COPY)
    await until(world, "Importing")
    assert "database" not in told(world)
    assert lending(world) == []


@pytest.mark.parametrize("verb", ["note", "lend", "reclaim"])
async def test_a_kill_behind_either_changes_nothing_in_the_end(world: Stage, verb: str) -> None:
    """What is open and what should be is compared at each pass."""
    world.apply("second", **COPY)
    world.database.cut_behind = (verb, schema(world, "second"))
    await until(world, "Available")
    assert died(world)
    assert reads(world) is None
    assert lending(world) == ["lend", "reclaim"]
    assert not world.database.doubted


async def test_a_right_that_was_lost_is_given_again(world: Stage) -> None:
    """While the import is at work."""
    world.controllers.outcomes["import"] = None
    world.apply("second", **COPY)
    await until(world, "Importing")
    world.database.lent.clear()
    await world.once("second")
    assert reads(world) == schema(world, "acme")


async def test_a_user_that_was_lost_is_made_before_it_gets_its_rights(world: Stage) -> None:
    """With the user went all that it could do; the import goes on meanwhile."""
    world.controllers.outcomes["import"] = None
    world.apply("second", **COPY)
    await until(world, "Importing")
    key = ("shared", schema(world, "second"))
    del world.database.users[key]
    await world.once("second")
    assert key in world.database.users
    await world.once("second")
    assert reads(world) == schema(world, "acme")
    assert not world.database.doubted


async def test_a_server_that_is_away_is_asked_for_nothing(world: Stage) -> None:
    """What it has cannot be compared with what should be."""
    world.controllers.outcomes["import"] = None
    world.apply("second", **COPY)
    await until(world, "Importing")
    world.database.down["shared"] = Reason.DATABASE_UNAVAILABLE
    before = len(world.database.writes)
    await world.once("second")
    assert len(world.database.writes) == before
    world.database.down.clear()
    world.controllers.outcomes.clear()
    await until(world, "Available")
    assert reads(world) is None


async def test_a_failed_import_reads_no_longer_and_the_next_one_does(world: Stage) -> None:
    """Between two attempts nothing is open."""
    world.controllers.outcomes["import"] = Outcome.failed(Reason.SOURCE_LOST, "It is away")
    world.apply("second", **COPY)
    await until(world, "SourceLost")
    await world.once("second")
    assert reads(world) is None
    before = len(world.database.writes)
    await world.once("second")
    assert len(world.database.writes) == before
    world.controllers.outcomes["import"] = None
    world.annotate("second", reconcile="again")
    await until(world, "Importing")
    assert reads(world) == schema(world, "acme")
    world.controllers.outcomes.clear()


async def test_a_right_that_was_left_behind_is_taken_away(world: Stage) -> None:
    """By an operator of an older release, say, that did not know of it; nobody notices."""
    world.apply("second", **COPY)
    await until(world, "Available")
    key = ("shared", schema(world, "second"))
    world.database.lent[key] = schema(world, "acme")
    await world.once("second")
    assert reads(world) is None
    assert world.reason("second") == "Available"
    before = len(world.database.writes)
    await world.once("second")
    assert len(world.database.writes) == before


async def test_nothing_is_left_of_a_copy_that_is_deleted_in_mid_import(world: Stage) -> None:
    """The right goes with the user."""
    world.controllers.outcomes["import"] = None
    world.apply("second", **COPY)
    await until(world, "Importing")
    world.delete("second")
    await world.run(lambda world: world.gone("second"), "second")
    assert world.database.lent == {}
