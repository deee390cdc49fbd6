# SPDX-License-Identifier: Apache-2.0
"""Secret and database: made once, kept equal, never taken from anybody, never emptied."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fakes.checks import well_told
from tests.fakes.cluster import Killed
from tests.fakes.world import Stage, settings
from wpclone.api import names
from wpclone.api.reasons import Reason
from wpclone.controller import ports
from wpclone.controller.ports import Owner
from wpclone.controller.reconcile import parse


def _born(world: Stage) -> datetime:
    """Return when the site's Deployment was made; long ago if there is none."""
    found = world.cluster.find_kind("Deployment")
    return parse.created(found[0]) if found else datetime.min.replace(tzinfo=UTC)


def key(world: Stage) -> tuple[str, str]:
    """Return where the clone's database is."""
    return ("shared", world.database_name())


async def test_a_foreign_secret_of_that_name_is_never_touched() -> None:
    """The name can be guessed: what carries another UID is a conflict."""
    world = Stage()
    world.login()
    world.cluster.put(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "acme-credentials", "labels": {}},
            "stringData": {"mine": "1"},
        }
    )
    world.apply()
    await world.run(lambda world: world.reason() == "NameConflict")
    assert world.secret_values("acme-credentials") == {"mine": "1"}
    assert world.database.empty
    world.delete()
    await world.run(lambda world: world.gone())
    assert ("secrets", "acme-credentials") in world.cluster.objects


async def test_a_schema_that_another_installation_claims_is_reported() -> None:
    """Two installations on one server never touch each other's databases."""
    world = Stage()
    world.login()
    body = world.apply()
    name = names.database(body["metadata"]["uid"])
    world.database.claims["shared", name] = Owner("other", body["metadata"]["uid"])
    world.database.schemas.add(("shared", name))
    await world.run(lambda world: world.reason() == "NameConflict")
    world.delete()
    await world.run(lambda world: world.gone())
    assert ("shared", name) in world.database.schemas


@pytest.mark.parametrize("reason", [Reason.DATABASE_UNAVAILABLE, Reason.DATABASE_FULL])
async def test_a_server_that_is_unwell_is_named_and_waited_for(reason: Reason) -> None:
    """The clone goes on by itself once the server is well again."""
    world = Stage()
    world.database.down["shared"] = reason
    world.login()
    world.apply()
    await world.run(lambda world: world.reason() == reason)
    assert world.cluster.find_kind("SharedDatabaseSite") == []
    well_told(world)
    world.database.down.clear()
    await world.run(lambda world: world.reason() == "Available")


async def test_a_lost_schema_is_never_made_anew() -> None:
    """An empty schema would serve WordPress' public install wizard."""
    world = Stage()
    await world.available()
    world.database.schemas.discard(key(world))
    await world.once()
    assert world.reason() == "DatabaseLost"
    assert key(world) not in world.database.schemas
    well_told(world)


async def test_a_lost_clone_still_ends_in_time() -> None:
    """Trouble does not keep a clone alive beyond its end."""
    world = Stage()
    await world.available()
    ends = world.status()["expiresAt"]
    world.database.schemas.discard(key(world))
    await world.once()
    assert world.status()["expiresAt"] == ends
    await world.ahead(hours=4)
    assert world.reason() == "Expired"


async def test_a_drifted_password_follows_the_secret() -> None:
    """The Secret is the truth; the user's password is set to it on evidence."""
    world = Stage()
    await world.available()
    world.database.users[key(world)] = "changed by hand"
    await world.once()
    assert (
        world.database.users[key(world)] == world.secret_values("acme-credentials")["db-password"]
    )


async def test_a_kill_between_user_and_grant_is_made_good() -> None:
    """Claim, schema and user are all there, and yet the import could not write a row."""
    world = Stage()
    world.database.cut = True
    world.login()
    world.apply()
    with pytest.raises(Killed):
        await world.run(lambda _: False)
    assert key(world) not in world.database.grants
    world.restart()
    await world.run(lambda world: bool(world.cluster.find_kind("SharedDatabaseSite")))
    assert key(world) in world.database.grants


async def test_a_dropped_user_is_made_again() -> None:
    """User gone, schema there: the user comes back with the Secret's password."""
    world = Stage()
    await world.available()
    del world.database.users[key(world)]
    await world.once()
    assert key(world) in world.database.users


async def test_a_deleted_secret_is_made_anew_and_the_pods_get_it() -> None:
    """New values reach the database at once, and the site by a new pod."""
    world = Stage()
    await world.available()
    old = world.secret_values("acme-credentials")
    world.cluster.remove(ports.SECRET, "acme-credentials")
    await world.run(lambda world: ("secrets", "acme-credentials") in world.cluster.objects)
    new = world.secret_values("acme-credentials")
    assert new["db-password"] != old["db-password"]
    assert world.database.users[key(world)] == new["db-password"]
    assert ("delete", "Deployment") in {(verb, kind) for verb, kind, _ in world.cluster.writes}
    await world.run(lambda world: world.reason() == "Available")


@pytest.mark.parametrize("crash", [1, 2])
async def test_a_kill_between_a_new_secret_and_the_new_pods_is_made_good(crash: int) -> None:
    """The operator dies after it made the Secret anew, or after its next write: pods follow."""
    world = Stage()
    await world.available()
    world.clock.advance(60)
    made_anew = world.clock.now()
    world.cluster.remove(ports.SECRET, "acme-credentials")
    world.cluster.faults.after[len(world.cluster.writes) + crash] = Killed
    with pytest.raises(Killed):
        await world.run(lambda _: False)
    world.restart()
    world.clock.advance(1)
    await world.run(lambda world: world.reason() == "Available" and _born(world) >= made_anew)
    new = world.secret_values("acme-credentials")
    assert world.database.users[key(world)] == new["db-password"]


async def test_a_deletion_waits_for_a_server_that_is_down() -> None:
    """Nothing that may be left is forgotten: the finalizer stays, and the cause is named."""
    world = Stage()
    await world.available()
    world.database.down["shared"] = Reason.DATABASE_UNAVAILABLE
    world.delete()
    for _ in range(10):
        await world.once()
        world.controllers.step()
        world.clock.advance(5)
    assert not world.gone()
    assert "cannot be reached" in world.message()
    assert ("secrets", "acme-credentials") in world.cluster.objects
    world.database.down.clear()
    await world.run(lambda world: world.gone())
    assert world.database.empty


async def test_a_server_taken_out_of_the_settings_is_not_forgotten() -> None:
    """A schema may still be there: the deletion waits, and says for what."""
    world = Stage()
    await world.available()
    other = {"name": "other", "host": "db2.test", "secretDir": "/nowhere"}
    world.settings = settings(databases=[other])
    world.restart()
    world.database.servers = ("other",)
    world.database.down["shared"] = Reason.DATABASE_UNAVAILABLE  # what the gateway says of it
    world.delete()
    for _ in range(10):
        await world.once()
        world.controllers.step()
        world.clock.advance(5)
    assert not world.gone()


async def test_the_database_waits_for_pods_whose_job_is_gone() -> None:
    """A Job goes at once and its pods only after their grace: one may still be writing."""
    world = Stage()
    world.controllers.outcomes["import"] = None
    world.login()
    world.apply()
    await world.run(lambda world: any("-import-" in key for _, key in world.left()))
    world.controllers.step()
    world.controllers.collects = False
    world.delete()
    for _ in range(4):
        await world.once()
        world.controllers.step()
    assert world.cluster.find_kind("Job") == []
    assert not world.database.empty
    assert world.message() == "Being removed: waiting for its pods"
    world.controllers.collects = True
    await world.run(lambda world: world.gone())
    assert world.left() == []
    assert world.database.empty
