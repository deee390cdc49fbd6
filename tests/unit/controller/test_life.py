# SPDX-License-Identifier: Apache-2.0
"""A clone's whole life on the strict fake: state in, passes, state out."""

from __future__ import annotations

from tests.fakes.world import Stage


async def test_a_clone_becomes_available() -> None:
    """From applied to available, with everything a person needs in the status."""
    world = Stage()
    await world.available()
    status = world.status()
    assert status["url"] == "https://acme.clones.test"
    assert status["expiresAt"] > status["availableAt"]
    assert status["credentialsRef"] == {"name": "acme-credentials"}
    assert status["import"]["proof"]["valuesRewritten"] == 17


async def test_a_deleted_clone_leaves_nothing() -> None:
    """The finalizer goes when everything else was seen to be gone."""
    world = Stage()
    await world.available()
    world.delete()
    await world.run(lambda world: world.gone())
    assert world.left() == []
    assert world.database.empty


async def test_a_settled_clone_is_left_alone() -> None:
    """Once nothing is left to do, further passes and a restart make no write at all."""
    world = Stage()
    await world.available()
    before = len(world.cluster.writes)
    for _ in range(3):
        await world.once()
    world.restart()
    await world.once()
    assert world.cluster.writes[before:] == []
