# SPDX-License-Identifier: Apache-2.0
"""A masked clone: decided once, its key derived, brought, and taken away when it is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.others import FakeMasks
from tests.fakes.world import Stage, settings
from wpclone import mask
from wpclone.api.mover import ImportResult, Mask, Outcome, OutcomeKind, Proof
from wpclone.api.reasons import Reason
from wpclone.controller.plan import resolving
from wpclone.controller.plan.instance import RESOLVED

STANDARD = {"mask": "Standard"}


def keys(world: Stage) -> list[str]:
    """Return the names of the masking keys that are there."""
    names = [body["metadata"]["name"] for body in world.cluster.find_kind("Secret")]
    return [name for name in names if name.endswith("-mask")]


async def test_a_masked_clone_has_its_key_while_content_is_copied_and_no_longer() -> None:
    """The import finds the customer's key, nobody finds it afterwards; the status tells it."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome(
        outcome=OutcomeKind.IMPORTED,
        import_=ImportResult(attempt=1),
        proof=Proof(values_masked=1234),
    )
    world.login()
    world.apply(privacy=STANDARD, customer="acme-corp")
    await world.run(lambda world: world.reason() == "Importing")
    (name,) = keys(world)
    instance = world.cluster.find_one("SharedDatabaseSite")
    assert instance["spec"]["maskSecret"] == name
    assert json.loads(instance["spec"]["importConfig"])["mask"] == "Standard"
    master = await FakeMasks().master()
    assert world.secret_values(name) == {"key": mask.derived(master, "acme-corp").hex()}
    await world.run(lambda world: world.reason() == "Available")
    assert keys(world) == []
    assert world.status()["resolved"]["mask"] == "Standard"
    assert world.status()["import"]["proof"]["valuesMasked"] == 1234
    well_told(world)


async def test_a_clone_that_is_not_masked_has_no_key() -> None:
    """Nothing is brought that is not needed."""
    world = Stage()
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "Importing")
    assert keys(world) == []
    assert world.cluster.find_one("SharedDatabaseSite")["spec"]["maskSecret"] == "wpclone-none"
    assert world.status()["resolved"]["mask"] == "None"


@pytest.mark.parametrize(
    ("asked", "default", "least", "gets"),
    [
        (None, "None", "None", "None"),
        (None, "Standard", "None", "Standard"),
        ("None", "Standard", "None", "None"),
        ("None", "None", "Standard", "Standard"),
        ("Standard", "None", "Strict", "Strict"),
        ("Strict", "None", "Standard", "Strict"),
    ],
)
async def test_a_clone_gets_what_it_asks_for_and_what_is_demanded(
    asked: str | None, default: str, least: str, gets: str
) -> None:
    """The setting speaks where the clone does not; no wish goes below the installation's least."""
    world = Stage(settings(privacy={"mask": default, "least": least}))
    world.login()
    wish: dict[str, Any] = {"privacy": {"mask": asked}} if asked else {}
    world.apply(**wish)
    await world.run(lambda world: world.reason() == "Importing")
    config = json.loads(world.cluster.find_one("SharedDatabaseSite")["spec"]["importConfig"])
    assert config.get("mask", "None") == gets


async def test_an_empty_wordpress_is_not_masked() -> None:
    """There is nobody in it."""
    world = Stage(settings(privacy={"mask": "Strict", "least": "Strict"}))
    world.cluster.put(
        {
            "apiVersion": "clones.betaweb.ai/v1alpha1",
            "kind": "WordPressClone",
            "metadata": {"name": "acme", "annotations": {}, "labels": {}},
            "spec": {"source": {"blank": {}}},
        }
    )
    await world.run(lambda world: world.reason() == "Available")
    assert world.status()["resolved"]["mask"] == "None"
    assert keys(world) == []


async def test_a_changed_setting_does_not_rename_what_an_old_clone_is() -> None:
    """What was copied unmasked is never called masked."""
    world = Stage()
    await world.available()
    world.settings = settings(privacy={"mask": "Strict", "least": "Strict"})
    world.restart()
    await world.once()
    assert world.status()["resolved"]["mask"] == "None"
    kept: dict[str, Any] = json.loads(
        world.cluster.find_one("SharedDatabaseSite")["metadata"]["annotations"][RESOLVED]
    )
    del kept["mask"]  # as an operator without masking wrote it
    assert resolving.read(kept, resolving.fresh(None, world.settings)).mask is Mask.NONE


async def test_no_wish_for_the_settings_of_today_masks_what_was_copied() -> None:
    """What is decided anew is the site, not what is in it."""
    world = Stage()
    await world.available()
    world.settings = settings(privacy={"mask": "Strict"})
    world.restart()
    world.annotate(**{"re-resolve": "1"})
    await world.once()
    await world.once()
    assert world.status()["resolved"]["mask"] == "None"


async def test_a_failed_import_keeps_its_key_and_a_retry_has_one_even_if_it_was_lost() -> None:
    """Another attempt masks as the first one did; the key goes with the clone at last."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome.failed(Reason.VERIFICATION_FAILED, "Found")
    world.login()
    world.apply(privacy=STANDARD)
    await world.run(lambda world: world.reason() == "VerificationFailed")
    (name,) = keys(world)
    before = world.secret_values(name)
    world.cluster.objects.pop(("secrets", name))
    world.annotate(reconcile="1")
    await world.run(lambda world: len(keys(world)) == 1)
    assert world.secret_values(name) == before
    await world.run(lambda world: world.reason() == "VerificationFailed")
    world.delete()
    await world.run(lambda world: world.gone())
    assert keys(world) == []


async def test_a_clone_that_never_was_imported_leaves_no_key_when_it_is_reaped() -> None:
    """The record stays, the key does not."""
    world = Stage()
    world.controllers.outcomes["import"] = Outcome.failed(Reason.SOURCE_LOST, "Gone")
    world.login()
    world.apply(privacy=STANDARD)
    await world.run(lambda world: world.reason() == "SourceLost")
    assert len(keys(world)) == 1
    await world.ahead(hours=3)
    await world.run(lambda world: world.reason() == "Reaped")
    assert keys(world) == []
