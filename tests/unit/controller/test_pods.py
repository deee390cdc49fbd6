# SPDX-License-Identifier: Apache-2.0
"""Pods and volumes that do not come are explained, in words of any length, once it is sure."""

from __future__ import annotations

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage
from wpclone.api.fields import rfc3339

# What a scheduler says when it was faster than the controller of volumes: its next try succeeds.
CONFLICT = (
    'running PreBind plugin "VolumeBinding": Operation cannot be fulfilled on'
    ' persistentvolumeclaims "acme-0a1b2c3d": the object has been modified; please apply your'
    " changes to the latest version and try again"
)
CROWDED = "0/3 nodes are available: " + ", ".join(f"{n} Insufficient memory" for n in range(60))


async def waiting(told: str) -> Stage:
    """Return a clone whose import pod was just made, and has no node for this reason."""
    world = Stage()
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "Importing")
    (pod,) = [p for p in world.cluster.find_kind("Pod") if "-import-" in p["metadata"]["name"]]
    pod["metadata"]["creationTimestamp"] = rfc3339(world.clock.now())
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": told,
    }
    pod["status"] = {"phase": "Pending", "conditions": [condition]}
    return world


async def test_a_scheduler_s_first_try_is_no_trouble() -> None:
    """It tries again within seconds, and nobody is told of a volume."""
    world = await waiting(CONFLICT)
    await world.once()
    assert world.reason() == "Importing"


@pytest.mark.parametrize(
    ("told", "reason"), [(CONFLICT, "VolumePending"), (CROWDED, "WaitingForNode")]
)
async def test_a_long_story_is_cut_and_told(told: str, reason: str) -> None:
    """Whatever its length, the cluster's own words are told: it is no error of ours."""
    world = await waiting(told)
    await world.ahead(seconds=6)
    assert world.reason() == reason
    assert told[:40] in world.message()
    assert len(world.status()["progress"]["detail"]) <= 256
    well_told(world)


async def test_a_quota_that_refuses_the_volume_is_named() -> None:
    """What kro is refused is told in the API server's words, and goes on once there is room."""
    world = Stage()
    world.controllers.kro = False
    world.login()
    world.apply()
    await world.run(lambda world: bool(world.cluster.find_kind("SharedDatabaseSite")))
    refusal = 'persistentvolumeclaims "acme-0a1b2c3d" is forbidden: exceeded quota: tight'
    condition = {"type": "ResourcesReady", "status": "False", "message": refusal}
    world.cluster.find_one("SharedDatabaseSite")["status"] = {"conditions": [condition]}
    await world.ahead(seconds=70)
    assert world.reason() == "QuotaExceeded"
    assert refusal in world.message()
    well_told(world)
    world.controllers.kro = True
    await world.run(lambda world: world.reason() == "Available")
