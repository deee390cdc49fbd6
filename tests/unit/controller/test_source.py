# SPDX-License-Identifier: Apache-2.0
"""What a clone names is judged before anything is made for it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, clone, settings
from wpclone.api import labels, names
from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason
from wpclone.controller import ports
from wpclone.controller.ports import Owner

BAD_LOGINS: dict[str, tuple[dict[str, Any] | None, Reason, str]] = {
    "a Secret that is not there is missing": (
        None,
        Reason.CREDENTIALS_MISSING,
        "There is no Secret acme-admin in this namespace",
    ),
    "a Secret nobody meant for clones is not read": (
        {"metadata": {"name": "acme-admin", "labels": {}}},
        Reason.CREDENTIALS_NOT_ALLOWED,
        "label it with clones.betaweb.ai/source=true",
    ),
    "a clone's own Secret is no login of a source": (
        {"metadata": {"name": "acme-admin", "labels": {labels.SOURCE: "true", labels.UID: "x"}}},
        Reason.CREDENTIALS_NOT_ALLOWED,
        "belongs to a clone",
    ),
    "a Secret without a user name cannot be used": (
        {"stringData": {"password": "x"}},
        Reason.CREDENTIALS_INVALID,
        "no key 'username'",
    ),
    "a Secret without a password cannot be used": (
        {"stringData": {"username": "x"}},
        Reason.CREDENTIALS_INVALID,
        "no key 'password'",
    ),
}


@pytest.mark.parametrize("case", BAD_LOGINS)
async def test_a_bad_login_is_named_and_nothing_is_made(case: str) -> None:
    """Each flaw of the source's Secret has its own reason and sentence."""
    secret, reason, sentence = BAD_LOGINS[case]
    world = Stage()
    if secret is not None:
        world.login(**secret)
    world.apply()
    await world.once()
    assert world.reason() == reason, case
    assert sentence in world.message(), case
    assert world.cluster.find_kind("Job") == []
    assert world.database.empty
    well_told(world)


async def test_a_login_that_comes_later_is_found() -> None:
    """A person makes the Secret after the clone: nothing else has to be done."""
    world = Stage()
    world.apply()
    await world.once()
    world.login()
    await world.run(lambda world: world.reason() == "Available")


REFUSALS = [
    Reason.SOURCE_REFUSED_LOGIN,
    Reason.SOURCE_UNREACHABLE,
    Reason.SOURCE_NOT_WORDPRESS,
    Reason.MULTISITE_UNSUPPORTED,
    Reason.AGENT_INSTALL_REFUSED,
]


@pytest.mark.parametrize("reason", REFUSALS)
async def test_what_the_inspection_found_is_the_reason(reason: Reason) -> None:
    """The mover's reason and sentence reach the status; nothing billable was made."""
    world = Stage()
    world.controllers.outcomes["inspect"] = Outcome.failed(reason, "The source said no")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == reason)
    assert world.message().startswith("The source said no")
    assert world.condition("Stalled")["status"] == "True"
    assert world.database.empty
    assert world.cluster.find_kind("SharedDatabaseSite") == []
    well_told(world)


async def test_a_failed_inspection_is_repeated_on_wish() -> None:
    """A new value of the annotation starts the next attempt, once."""
    world = Stage()
    world.controllers.outcomes["inspect"] = Outcome.failed(Reason.SOURCE_UNREACHABLE, "No answer")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceUnreachable")
    world.annotate(reconcile="again")
    await world.once()
    (job,) = world.cluster.find_kind("Job")
    assert "-inspect-2-" in job["metadata"]["name"]
    await world.run(lambda world: world.reason() == "SourceUnreachable")
    before = len(world.cluster.writes)
    await world.once()
    assert world.cluster.writes[before:] == []


async def test_a_corrected_login_is_tried_at_once() -> None:
    """A new version of the Secret is as good as a wish."""
    world = Stage()
    refused = Outcome.failed(Reason.SOURCE_REFUSED_LOGIN, "Wrong password")
    world.controllers.outcomes["inspect"] = refused
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceRefusedLogin")
    world.controllers.outcomes.clear()
    world.cluster.change(
        ports.SECRET, "acme-admin", lambda body: body["data"].update(password="bmV3")
    )
    await world.run(lambda world: world.reason() == "Available")


async def test_a_lost_inspection_is_repeated() -> None:
    """If the pod with the answer is gone, the source is looked at once more."""
    world = Stage()
    world.login()
    world.apply()
    await world.once()
    for _ in range(2):
        world.controllers.step()
    for pod in list(world.cluster.find_kind("Pod")):
        world.cluster.remove(ports.POD, pod["metadata"]["name"])
    await world.once()
    (job,) = world.cluster.find_kind("Job")
    assert "-inspect-2-" in job["metadata"]["name"]


async def test_the_earlier_clone_keeps_its_host() -> None:
    """Two clones that wish for one host: the later one is told whose it is."""
    world = Stage()
    world.login()
    world.apply("first", site={"host": "shop.clones.test"})
    world.clock.advance(1)
    world.apply("second", site={"host": "shop.clones.test"})
    await world.once("first")
    await world.once("second")
    assert world.reason("second") == "NameConflict"
    assert "belongs to the clone first" in world.message("second")
    assert world.reason("first") == "Inspecting"


async def test_the_host_of_a_clone_that_is_gone_is_free() -> None:
    """Once the first clone is deleted, the second one goes on."""
    world = Stage()
    world.login()
    world.apply("first", site={"host": "shop.clones.test"})
    world.clock.advance(1)
    world.apply("second", site={"host": "shop.clones.test"})
    await world.once("first")
    await world.once("second")
    world.delete("first")
    await world.run(lambda world: world.gone("first"), "first")
    await world.run(lambda world: world.reason("second") == "Available", "second")


async def test_inspections_queue_for_slots() -> None:
    """With one slot, the second clone waits its turn and is told its place."""
    world = Stage(settings(inspections={"slots": 1}))
    world.login()
    world.apply("first")
    world.clock.advance(1)
    world.apply("second")
    await world.once("first")
    await world.once("second")
    assert (world.reason("second"), world.message("second")) == (
        "Pending",
        "Waiting to be inspected: 1 ahead",
    )


def is_pending(name: str, world: Stage) -> bool:
    """Whether a clone waits."""
    return world.reason(name) == "Pending"


async def test_imports_queue_for_slots_and_the_next_is_woken() -> None:
    """Places are told; a slot that becomes free wakes the next clone."""
    world = Stage(settings(imports={"slots": 1}))
    world.controllers.outcomes["import"] = None
    world.login()
    for name in ("a", "b", "c"):
        world.apply(name)
        world.clock.advance(1)
    await world.run(lambda world: world.reason("a") == "Importing", "a")
    for name, place in (("b", 1), ("c", 2)):
        await world.run(partial(is_pending, name), name)
        await world.once(name)
        assert world.message(name) == f"Waiting for an import slot: {place} ahead"
        well_told(world, name)
    world.controllers.outcomes.clear()
    world.woken.clear()
    await world.run(lambda world: world.reason("a") == "Available", "a")
    assert world.woken == ["b"]
    await world.run(lambda world: world.reason("b") == "Available", "b")


async def test_waiting_for_a_slot_never_ends_a_clone() -> None:
    """The provisioning deadline does not count the time in the queue."""
    world = Stage(settings(imports={"slots": 1}))
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply("a")
    world.clock.advance(1)
    world.apply("b")
    await world.run(lambda world: world.reason("a") == "Importing", "a")
    await world.run(lambda world: world.reason("b") == "Pending", "b")
    world.clock.advance(5 * 3600)
    await world.once("b")
    assert world.reason("b") == "Pending"


async def test_a_slot_that_is_held_survives_a_restart() -> None:
    """After a restart, running imports count before the first clone asks."""
    world = Stage(settings(imports={"slots": 1}))
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply("a")
    world.clock.advance(1)
    world.apply("b")
    await world.run(lambda world: world.reason("a") == "Importing", "a")
    await world.run(lambda world: world.reason("b") == "Pending", "b")
    world.restart()
    await world.once("a")
    await world.once("b")
    assert world.reason("b") == "Pending"


async def test_hostile_text_is_shown_harmlessly() -> None:
    """Escape codes and direction marks from a source never reach a terminal."""
    world = Stage()
    hostile = Outcome.failed(Reason.SOURCE_NOT_WORDPRESS, "Title \x1b[31mred\x1b[0m \u202egnp")
    world.controllers.outcomes["inspect"] = hostile
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceNotWordPress")
    assert world.message().startswith("Title red gnp. If the address is wrong")


def test_the_builders_make_valid_clones() -> None:
    """What the tests apply is what the API accepts."""
    assert clone()["spec"]["source"]["site"]["credentialsRef"]["name"] == "acme-admin"


async def test_a_clone_that_needs_a_person_gives_its_slot_away() -> None:
    """What failed for good does not keep the others waiting."""
    world = Stage(settings(imports={"slots": 1}))
    world.login()
    first = world.apply("first")
    world.clock.advance(1)
    world.apply("second")
    key = ("shared", names.database(first["metadata"]["uid"]))
    world.database.claims[key] = Owner("other", "somebody")
    await world.run(lambda world: world.reason("first") == "NameConflict", "first")
    await world.run(lambda world: world.reason("second") == "Available", "second")
