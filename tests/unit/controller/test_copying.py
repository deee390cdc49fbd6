# SPDX-License-Identifier: Apache-2.0
"""A clone of a clone: what is demanded of the other one, and what its import is given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, settings
from wpclone.api import labels, names, secrets
from wpclone.api.clones import metadata
from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason
from wpclone.controller import ports

COPY: dict[str, Any] = {"source": {"clone": {"name": "acme"}}}


def instance(world: Stage, name: str = "second") -> dict[str, Any]:
    """Return the spec of a clone's instance."""
    uid = world.cluster.objects["wordpressclones", name]["metadata"]["uid"]
    found = [
        body["spec"]
        for body in world.cluster.find_kind("SharedDatabaseSite")
        if body["spec"]["uid"] == uid
    ]
    spec: dict[str, Any] = found[0] if found else {}
    return spec


def key(world: Stage, name: str = "second") -> str:
    """Return the name of the Secret that opens the other clone."""
    return names.copy_key(metadata(world.cluster.objects["wordpressclones", name]))


async def test_the_import_gets_a_key_of_its_own_and_the_others_address() -> None:
    """It never sees the other clone's Secret, and its key goes when the content is there."""
    world = Stage()
    await world.available()
    world.apply("second", **COPY)
    await world.run(lambda world: world.reason("second") == "Inspecting", "second")
    meta = world.cluster.objects["wordpressclones", "acme"]["metadata"]
    uid = world.cluster.objects["wordpressclones", "second"]["metadata"]["uid"]
    salt = world.secret_values("acme-credentials")["salt"]
    assert world.secret_values(key(world)) == {"copy-key": secrets.copy_key(salt, uid)}
    (job,) = (
        job
        for job in world.cluster.find_kind("Job")
        if job["metadata"]["name"].startswith("second-inspect-")
    )
    pod = job["spec"]["template"]
    assert pod["metadata"]["labels"][labels.EGRESS] == "copier"
    assert pod["spec"]["volumes"][0]["secret"]["secretName"] == key(world)
    await world.run(lambda world: world.reason("second") == "Importing", "second")
    assert instance(world)["sourceSecret"] == key(world)
    assert instance(world)["moverEgress"] == "copier"
    assert json.loads(instance(world)["importConfig"])["source"] == {
        "agent": "Auto",
        "kind": "clone",
        "clone": {
            "name": "acme",
            "uid": meta["uid"],
            "url": f"http://acme-{meta['uid'][:8]}.staging.svc",
            "database": names.database(meta["uid"]),
        },
    }
    await world.run(lambda world: world.reason("second") == "Available", "second")
    assert ("secrets", key(world)) not in world.cluster.objects
    assert world.status("second")["source"]["display"] == "clone acme"
    well_told(world, "second")


async def test_an_ordinary_clone_reaches_the_outside() -> None:
    """Only copies of clones stay inside."""
    world = Stage()
    await world.available()
    assert instance(world, "acme")["moverEgress"] == "mover"


async def test_a_clone_that_is_not_there_is_named_and_found_when_it_comes() -> None:
    """Both may be applied at once, in any order."""
    world = Stage()
    world.apply("second", **COPY)
    await world.once("second")
    assert world.reason("second") == "SourceUnreachable"
    assert world.message("second") == "There is no clone acme in this namespace"
    well_told(world, "second")
    world.login()
    world.apply()
    await world.once()
    await world.once("second")
    assert world.reason("second") == "Pending"
    assert world.message("second") == "Waiting for the clone acme: it is not available yet"
    well_told(world, "second")
    assert not instance(world)
    await world.run(lambda world: world.reason() == "Available")
    await world.run(lambda world: world.reason("second") == "Available", "second")


async def test_a_clone_that_rests_is_waited_for() -> None:
    """Suspended or expired it has no pods that could be asked; nothing has failed."""
    world = Stage()
    await world.available(ttl="1h")
    world.edit(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    world.apply("second", **COPY)
    await world.once("second")
    assert world.reason("second") == "Pending"
    assert "it is suspended, and its site has to run" in world.message("second")
    world.edit(suspend=False)
    await world.ahead(hours=2)
    await world.run(lambda world: world.reason() == "Expired")
    await world.once("second")
    assert world.reason("second") == "Pending"
    assert "raise its extendUntil" in world.message("second")
    well_told(world, "second")


async def test_a_clone_whose_time_is_over_is_no_source() -> None:
    """Its record may still be there."""
    world = Stage()
    await world.available(ttl="1h")
    world.cluster.objects["wordpressclones", "acme"]["metadata"]["labels"] = {
        "argocd.argoproj.io/instance": "clones"
    }
    world.clock.advance(5 * 3600)
    await world.run(lambda world: world.reason() == "Reaped")
    world.apply("second", **COPY)
    await world.once("second")
    assert world.reason("second") == "SourceUnreachable"
    assert "its time is over" in world.message("second")


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("acme-corp", None, "belongs to the customer acme-corp, this one to no customer"),
        (None, "other", "belongs to no customer, this one to the customer other"),
        ("acme-corp", "other", "copies stay with their customer"),
    ],
)
async def test_a_copy_stays_with_its_customer(
    first: str | None, second: str | None, sentence: str
) -> None:
    """Nobody gets another customer's content by naming it."""
    world = Stage()
    await world.available(**({"customer": first} if first else {}))
    world.apply("second", **COPY, **({"customer": second} if second else {}))
    await world.once("second")
    assert world.reason("second") == "InvalidSpec"
    assert sentence in world.message("second")
    assert ("secrets", key(world)) not in world.cluster.objects
    well_told(world, "second")


MASKS: dict[str, tuple[str, str | None, str, str, str]] = {
    # the other clone's, what is asked for, the least: what it gets, what its import masks
    "as the other one": ("Standard", None, "None", "Standard", "None"),
    "the same": ("Standard", "Standard", "None", "Standard", "None"),
    "more": ("Standard", "Strict", "None", "Strict", "Strict"),
    "masked only now": ("None", "Standard", "None", "Standard", "Standard"),
    "not masked": ("None", None, "None", "None", "None"),
    "more is demanded by now": ("Standard", None, "Strict", "Strict", "Strict"),
}


@pytest.mark.parametrize("case", MASKS)
async def test_a_copy_is_masked_as_much_as_the_other_one(case: str) -> None:
    """What is masked as much already is copied as it is: a stand-in needs no stand-in."""
    before, asked, least, gets, masks = MASKS[case]
    world = Stage(settings(privacy={"mask": "None", "least": "None"}))
    await world.available(privacy={"mask": before})
    world.settings = settings(privacy={"mask": "None", "least": least})
    world.restart()
    world.apply("second", **COPY, **({"privacy": {"mask": asked}} if asked else {}))
    await world.run(lambda world: world.reason("second") == "Importing", "second")
    config = json.loads(instance(world)["importConfig"])
    assert config.get("mask", "None") == masks
    assert (instance(world)["maskSecret"] == "wpclone-none") is (masks == "None")
    await world.run(lambda world: world.reason("second") == "Available", "second")
    assert world.status("second")["resolved"]["mask"] == gets


async def test_less_than_the_other_ones_mask_is_refused() -> None:
    """A wish that cannot be fulfilled is not raised in silence."""
    world = Stage()
    await world.available(privacy={"mask": "Standard"})
    world.apply("second", **COPY, privacy={"mask": "None"})
    await world.once("second")
    assert world.reason("second") == "InvalidSpec"
    assert "acme is masked as Standard, and None would be less" in world.message("second")
    assert "ask for Standard or Strict" in world.message("second")
    assert ("secrets", key(world)) not in world.cluster.objects
    well_told(world, "second")


async def test_a_clone_that_is_removed_while_it_is_copied_is_lost() -> None:
    """It is told at once, not when the mover has run out of patience."""
    world = Stage()
    await world.available()
    world.controllers.outcomes["import"] = None
    world.apply("second", **COPY)
    await world.run(lambda world: world.reason("second") == "Importing", "second")
    world.delete()
    await world.run(lambda world: world.gone())
    await world.once("second")
    assert world.reason("second") == "SourceLost"
    assert world.message("second") == "Clone acme was removed while it was copied"
    well_told(world, "second")


async def test_a_new_clone_of_the_old_name_is_another_one() -> None:
    """Half of the one and half of the other would be no copy of anything."""
    world = Stage()
    await world.available()
    world.apply("second", **COPY)
    world.controllers.outcomes["import"] = None
    await world.run(lambda world: world.reason("second") == "Importing", "second")
    world.delete()
    await world.run(lambda world: world.gone())
    world.controllers.outcomes.clear()
    world.controllers.kubelet = False
    world.apply()
    await world.once()
    await world.once("second")
    assert world.reason("second") == "SourceLost"


async def test_another_attempt_gets_a_key_again() -> None:
    """A failed import can be repeated while the other clone is there."""
    world = Stage()
    await world.available()
    lost = Outcome.failed(Reason.SOURCE_LOST, "Clone acme does not answer")
    world.controllers.outcomes["import"] = lost
    world.apply("second", **COPY)
    await world.run(lambda world: world.reason("second") == "SourceLost", "second")
    world.cluster.remove(ports.SECRET, key(world))
    world.controllers.outcomes.clear()
    world.annotate("second", reconcile="again")
    await world.run(lambda world: world.reason("second") == "Available", "second")


@pytest.mark.parametrize("until", ["Inspecting", "Importing", "SourceNotWordPress"])
async def test_nothing_is_left_of_a_copy_that_is_deleted(until: str) -> None:
    """Whenever it goes, its key goes with it, and the other clone stays as it is."""
    world = Stage()
    await world.available()
    before = set(world.left())
    if until == "SourceNotWordPress":
        said = Outcome.failed(Reason.SOURCE_NOT_WORDPRESS, "No")
        world.controllers.outcomes["inspect"] = said
    world.apply("second", **COPY)
    await world.run(lambda world: world.reason("second") == until, "second")
    assert ("secrets", key(world)) in world.cluster.objects
    world.delete("second")
    await world.run(lambda world: world.gone("second"), "second")
    assert set(world.left()) == before
    assert world.reason() == "Available"


async def test_a_settled_copy_is_left_alone() -> None:
    """It needs the other clone no longer."""
    world = Stage()
    await world.available()
    world.apply("second", **COPY)
    await world.run(lambda world: world.reason("second") == "Available", "second")
    world.delete()
    await world.run(lambda world: world.gone())
    await world.once("second")
    before = len(world.cluster.writes)
    await world.once("second")
    assert world.cluster.writes[before:] == []
    assert world.reason("second") == "Available"
