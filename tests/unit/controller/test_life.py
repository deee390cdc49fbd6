# SPDX-License-Identifier: Apache-2.0
"""A clone's whole life on the strict fake: state in, passes, state out, writes counted."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage
from wpclone import errors


async def test_a_clone_becomes_available_with_all_a_person_needs() -> None:
    """From applied to available: address, Secret, end and proof stand in the status."""
    world = Stage()
    await world.available()
    status = world.status()
    assert status["url"] == "https://acme.clones.test"
    assert status["expiresAt"] == "2026-11-25T16:00:19Z"
    assert status["credentialsRef"] == {"name": "acme-credentials"}
    assert status["import"]["proof"]["valuesRewritten"] == 17
    assert status["resolved"]["ttl"] == "4h"
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["tablePrefix"] == "acme_"
    well_told(world)


async def test_the_first_pass_already_tells_something() -> None:
    """The first status comes with the first pass, before anything is waited for."""
    world = Stage()
    world.login()
    world.apply()
    await world.once()
    assert world.reason() == "Inspecting"
    well_told(world)


async def test_the_finalizer_is_the_very_first_write() -> None:
    """Nothing exists that could be left behind before the finalizer is on."""
    world = Stage()
    world.login()
    world.apply()
    await world.once()
    assert world.cluster.writes[0] == ("finalizers", "WordPressClone", "acme")


async def test_a_clone_costs_few_writes() -> None:
    """Six object writes and at most seven statuses, Events apart."""
    world = Stage()
    await world.available()
    verbs = Counter(verb for verb, kind, _ in world.cluster.writes if kind != "Event")
    assert verbs["status"] <= 7
    assert verbs["create"] + verbs["apply"] + verbs["finalizers"] == 6


async def test_each_change_of_state_is_told_by_one_event() -> None:
    """The Events of a smooth life are its states, each once."""
    world = Stage()
    await world.available()
    told = [event["reason"] for event in world.cluster.find_kind("Event")]
    assert told == ["Inspecting", "ProvisioningDatabase", "Importing", "StartingSite", "Available"]


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
    assert world.database.writes == [("provide", world.database_name())]


async def test_changed_settings_touch_no_live_clone() -> None:
    """What was resolved once stays, whatever the operator's settings say today."""
    world = Stage()
    await world.available()
    before = len(world.cluster.writes)
    changed = world.settings.model_dump(by_alias=True)
    changed["ttl"] = {"default": "1h"}
    changed["images"]["site"] = "site:2"
    changed["domain"] = "other.test"
    changed["safety"] = {"access": "Public", "updates": "Allow"}
    changed["resources"]["site"]["memoryLimit"] = "2Gi"
    world.settings = type(world.settings).model_validate(changed)
    world.restart()
    await world.once()
    assert world.cluster.writes[before:] == []


async def test_a_deleted_clone_leaves_nothing() -> None:
    """The finalizer goes when everything else was seen to be gone."""
    world = Stage()
    await world.available()
    world.delete()
    await world.run(lambda world: world.gone())
    assert world.left() == []
    assert world.database.empty


async def test_the_secret_is_random_and_never_told() -> None:
    """Passwords have at least 32 random bytes, and appear in no status and no Event."""
    world = Stage()
    await world.available()
    values = world.secret_values("acme-credentials")
    hidden = [values[k] for k in ("db-password", "wordpress-password", "gate-key", "salt")]
    assert len(set(hidden)) == 4
    assert all(len(value) >= 43 for value in hidden)
    assert values["visit-url"] == f"https://acme.clones.test/?wpclone-key={values['gate-key']}"
    shown = str(world.cluster.find_kind("Event")) + str(world.status())
    assert not any(value in shown for value in [*hidden, "canary-source-password"])


async def test_a_paused_clone_gets_no_write() -> None:
    """`paused: "true"` stops everything, the finalizer and the status included."""
    world = Stage()
    world.login()
    world.apply()
    world.annotate(paused="true")
    await world.once()
    world.delete()
    await world.once()
    assert world.cluster.writes == []


async def test_a_paused_clone_is_never_reaped() -> None:
    """Even past its end, a paused clone keeps everything."""
    world = Stage()
    await world.available()
    world.annotate(paused="true")
    before = len(world.cluster.writes)
    await world.ahead(hours=100)
    assert world.cluster.writes[before:] == []


async def test_a_suspended_clone_stops_its_pods_and_comes_back() -> None:
    """`suspend` scales to zero, keeps the end, and can be undone."""
    world = Stage()
    await world.available()
    ends = world.status()["expiresAt"]
    world.edit(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    well_told(world)
    world.controllers.step()
    assert not [pod for pod in world.cluster.find_kind("Pod") if "site" in pod["metadata"]["name"]]
    world.controllers.ready = False
    world.edit(suspend=False)
    await world.once()
    world.controllers.step()
    await world.once()
    assert world.reason() == "StartingSite"
    world.controllers.ready = True
    await world.run(lambda world: world.reason() == "Available")
    assert world.status()["expiresAt"] == ends


async def test_an_unreadable_spec_is_a_verdict_and_can_be_deleted() -> None:
    """A spec from another version of the API ends in a sentence, and never hinders deletion."""
    world = Stage()
    world.apply(source={"telepathy": {}})
    await world.once()
    assert "spec" in world.message()
    world.delete()
    await world.run(lambda world: world.gone())


async def test_a_bug_is_told_without_its_traceback() -> None:
    """An unforeseen error shows as InternalError, and the queue backs off."""
    world = Stage()
    await world.available()

    world.cluster.fail_next(KeyError("canary-detail"))
    world.edit(suspend=True)
    then = await world.once()
    assert then.failed
    assert world.reason() == "InternalError"
    assert world.condition("Ready")["status"] == "Unknown"
    assert "canary" not in str(world.status())


async def test_a_blank_clone_needs_no_inspection() -> None:
    """An empty WordPress has no source to be looked at."""
    world = Stage()
    await world.available(source={"blank": {"title": "Hello"}})
    assert not [
        job for job in world.cluster.find_kind("Job") if "inspect" in job["metadata"]["name"]
    ]


async def test_nothing_is_written_without_the_lease() -> None:
    """A pass under a lost lease ends before its first write."""
    world = Stage()
    world.login()
    world.apply()
    world.fence.held = False
    with pytest.raises(errors.Fenced):
        await world.once()
    assert world.cluster.writes == []


async def test_a_clone_suspended_from_the_start_begins_once() -> None:
    """Its life counts from being available; the wish holds from then on."""
    world = Stage()
    world.login()
    world.apply(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    assert world.status()["expiresAt"]
    world.controllers.step()
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["replicas"] == 0
