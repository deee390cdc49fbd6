# SPDX-License-Identifier: Apache-2.0
"""When a clone ends, what an edit may do about it, and the two steps of the end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, settings
from wpclone.api.fields import rfc3339
from wpclone.api.mover import Outcome
from wpclone.api.reasons import Reason
from wpclone.controller import ports


def ends(world: Stage) -> datetime:
    """Return the end that the status tells."""
    return datetime.fromisoformat(world.status()["expiresAt"])


async def test_the_end_counts_from_being_available() -> None:
    """However long the import took, the clone lives its whole time."""
    world = Stage()
    await world.available(ttl="2h")
    available = datetime.fromisoformat(world.status()["availableAt"])
    assert ends(world) - available == timedelta(hours=2)


async def test_a_clone_may_never_end() -> None:
    """`ttl: Never` has no end, and the message says so."""
    world = Stage()
    await world.available(ttl="Never")
    assert "expiresAt" not in world.status()
    assert "does not end" in world.message()


async def test_an_extension_moves_the_end() -> None:
    """The later of ttl and extendUntil counts, and the guard is told."""
    world = Stage()
    await world.available(ttl="1h")
    later = world.clock.now() + timedelta(hours=9)
    world.edit(extendUntil=rfc3339(later))
    await world.once()
    assert ends(world) == later
    state = world.cluster.find_one("SharedDatabaseSite")["spec"]["state"]
    assert f'"expiresAt":"{rfc3339(later)}"' in state
    well_told(world)


async def test_no_edit_moves_the_end_nearer_than_ten_minutes() -> None:
    """A slip of the hand leaves time to undo it, and the floor does not slide."""
    world = Stage()
    await world.available(ttl="8h")
    world.edit(ttl="1m")
    await world.once()
    floor = ends(world)
    assert floor == world.clock.now() + timedelta(minutes=10)
    await world.ahead(minutes=5)
    assert ends(world) == floor
    await world.ahead(minutes=5)
    assert world.reason() == "Expired"


async def test_a_short_life_may_be_asked_for_from_the_start() -> None:
    """The floor is for edits: whoever asks for a minute gets a minute."""
    world = Stage()
    await world.available(ttl="1m")
    assert ends(world) - datetime.fromisoformat(world.status()["availableAt"]) == timedelta(
        minutes=1
    )


async def test_the_queue_is_told_the_very_moment_of_the_end() -> None:
    """The look-again time is the next mark or the end itself."""
    world = Stage()
    await world.available(ttl="30m")
    then = await world.once()
    world.clock.advance(then.after or 0)
    assert ends(world) - world.clock.now() == timedelta(minutes=10)
    then = await world.once()
    assert then.after == 10 * 60


async def test_people_are_told_before_the_end_once() -> None:
    """An hour and ten minutes before, each by one Event."""
    world = Stage()
    await world.available(ttl="2h")
    for _ in range(2):
        then = await world.once()
        world.clock.advance(then.after or 0)
        await world.once()
    told = [e["message"] for e in world.cluster.find_kind("Event") if e["reason"] == "EndsSoon"]
    assert [text.split(";")[0] for text in told] == [
        "The clone ends in 1 h",
        "The clone ends in 10 min",
    ]


async def test_at_the_end_the_route_goes_in_the_same_pass() -> None:
    """The first pass after the end takes route and pods away, by the graph and directly."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.once()
    assert world.reason() == "Expired"
    assert world.cluster.find_kind("Ingress") == []
    spec = world.cluster.find_one("SharedDatabaseSite")["spec"]
    assert (spec["routed"], spec["replicas"]) == (False, 0)
    well_told(world)


async def test_an_expired_clone_comes_back_in_time() -> None:
    """Raising extendUntil before recoverableUntil brings everything back."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Expired")
    assert "recoverableUntil" in world.status()
    world.controllers.step()
    later = world.clock.now() + timedelta(hours=3)
    world.edit(extendUntil=rfc3339(later))
    await world.run(lambda world: world.reason() == "Available")
    assert ends(world) == later
    assert "recoverableUntil" not in world.status()
    assert len(world.cluster.find_kind("Ingress")) == 1


async def test_an_extension_in_time_counts_even_if_it_is_seen_late() -> None:
    """As long as nothing is removed, the operator's absence costs the user nothing."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.once()
    world.edit(extendUntil=rfc3339(world.clock.now() + timedelta(hours=9)))
    world.clock.advance(2 * 3600)
    await world.run(lambda world: world.reason() == "Available")


async def test_after_the_grace_everything_goes_and_the_record_stays() -> None:
    """Reaped is an end: no child, no finalizer, one object that says so."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.once()
    world.clock.advance(3601)
    await world.run(lambda world: world.reason() == "Reaped")
    await world.once()
    assert world.left() == []
    assert world.database.empty
    body = world.cluster.objects["wordpressclones", "acme"]
    assert body["metadata"]["finalizers"] == []
    well_told(world)
    before = len(world.cluster.writes)
    world.restart()
    await world.once()
    assert world.cluster.writes[before:] == []


async def test_nothing_brings_a_reaped_clone_back() -> None:
    """Neither an extension nor a wish for a retry."""
    world = Stage(settings(recoverable="0s"))
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Reaped")
    world.edit(extendUntil=rfc3339(world.clock.now() + timedelta(hours=9)))
    world.annotate(reconcile="please")
    await world.once()
    world.controllers.step()
    await world.once()
    assert world.reason() == "Reaped"
    assert world.left() == []


async def test_an_unmanaged_record_is_removed_in_the_end() -> None:
    """After retainReaped, what nobody manages goes by itself."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Expired")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Reaped")
    world.clock.advance(24 * 3600)
    await world.run(lambda world: world.gone())


async def test_a_protected_record_stays_until_the_protection_is_lifted() -> None:
    """The operator does not ask for what its own policy refuses; the clone ends all the same."""
    world = Stage()
    await world.available(ttl="1h", deletionProtection=True)
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Expired")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Reaped")
    world.clock.advance(48 * 3600)
    await world.once()
    assert not world.gone()
    world.edit(deletionProtection=False)
    await world.run(lambda world: world.gone())


async def test_a_record_that_git_keeps_stays() -> None:
    """Deleting it would only make GitOps bring the clone back."""
    world = Stage()
    await world.available(ttl="1h")
    world.cluster.change(
        ports.CLONE,
        "acme",
        lambda body: body["metadata"]["annotations"].update(
            {"argocd.argoproj.io/tracking-id": "x"}
        ),
    )
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Expired")
    world.clock.advance(3600)
    await world.run(lambda world: world.reason() == "Reaped")
    await world.ahead(hours=240)
    assert not world.gone()


async def test_a_failed_clone_ends_by_its_own_shorter_limit() -> None:
    """Its time counts from the failure; afterwards nothing is left but the record."""
    world = Stage(settings(failedTTL="30m"))
    world.controllers.outcomes["import"] = Outcome.failed(Reason.SOURCE_LOST, "Gone")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceLost")
    await world.ahead(minutes=29)
    assert world.reason() == "SourceLost"
    await world.ahead(minutes=2)
    await world.run(lambda world: world.reason() == "Reaped")
    assert "never was available" in world.message()
    assert world.left() == []
    assert world.database.empty


@pytest.mark.parametrize(("limit", "kept"), [("30m", 24), ("24h", 25), ("72h", 73)])
async def test_the_record_of_a_failed_inspection_outlives_its_limit(limit: str, kept: int) -> None:
    """The cluster must not clear it away while it is what says that the clone has failed."""
    world = Stage(settings(failedTTL=limit))
    world.controllers.outcomes["inspect"] = Outcome.failed(Reason.SOURCE_LOST, "Gone")
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "SourceLost")
    (job,) = world.cluster.find_kind("Job")
    assert job["spec"]["ttlSecondsAfterFinished"] == kept * 3600


async def test_what_takes_too_long_is_named_and_ends() -> None:
    """The provisioning deadline shows first, and removes after failedTTL."""
    world = Stage(settings(provisioningDeadline="20m", failedTTL="10m"))
    world.controllers.kro = False
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == "OrchestratorMissing")
    await world.ahead(minutes=20)
    assert world.reason() == "ProvisioningDeadline"
    assert "kro" in world.message()
    well_told(world)
    world.controllers.kro = True
    world.controllers.outcomes["import"] = None
    await world.ahead(minutes=11)
    await world.run(lambda world: world.reason() == "Reaped")
    assert world.left() == []


async def test_a_missing_login_does_not_wait_for_ever() -> None:
    """A clone whose Secret never comes ends by the deadline, too."""
    world = Stage(settings(provisioningDeadline="20m", failedTTL="10m"))
    world.apply()
    await world.once()
    await world.ahead(minutes=31)
    await world.run(lambda world: world.reason() == "Reaped")
    assert world.left() == []


async def test_a_lost_status_does_not_lengthen_a_life() -> None:
    """The instance remembers since when the clone has been available."""
    world = Stage()
    await world.available(ttl="1h")
    told = world.status()["expiresAt"]
    world.clock.advance(600)
    world.cluster.change(ports.CLONE, "acme", lambda body: body.pop("status"))
    await world.once()
    assert world.status()["expiresAt"] == told


async def test_an_endless_clone_that_gets_an_end_keeps_ten_minutes() -> None:
    """A ttl that is over already, asked for late, ends nobody at once."""
    world = Stage(settings(recoverable="0s"))
    await world.available(ttl="Never")
    world.clock.advance(2 * 24 * 3600)
    world.edit(ttl="1h")
    await world.once()
    assert world.reason() == "Available"
    assert ends(world) == world.clock.now() + timedelta(minutes=10)


async def test_a_graph_out_of_sight_does_not_shorten_a_life() -> None:
    """While the instance cannot be read, the status tells what was decided once."""
    world = Stage(settings(ttl={"default": "8h"}))
    await world.available()
    told = world.status()["expiresAt"]
    world.settings = settings(ttl={"default": "1h"})
    world.restart()
    world.cluster.missing.add("SharedDatabaseSite")
    await world.ahead(hours=2)
    assert world.reason() == "OrchestratorMissing"
    assert world.status()["expiresAt"] == told
    well_told(world)
