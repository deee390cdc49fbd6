# SPDX-License-Identifier: Apache-2.0
"""What the status tells beside its conditions: figures that are seen once and kept."""

from __future__ import annotations

from tests.fakes.checks import well_told
from tests.fakes.controllers import IMPORTED, INSPECTED
from tests.fakes.world import Stage, settings
from wpclone.controller import ports


async def test_what_was_switched_off_is_told_and_kept() -> None:
    """The import's list stays, also when its Job and pods are gone."""
    world = Stage()
    assert IMPORTED.import_ is not None
    copied = IMPORTED.import_.model_copy(update={"neutralised": ("woocommerce webhooks",)})
    world.controllers.outcomes["import"] = IMPORTED.model_copy(update={"import_": copied})
    await world.available()
    assert world.status()["safety"] == {
        "guardVersion": "1",
        "mailsCaptured": 0,
        "neutralised": ["woocommerce webhooks"],
    }
    for body in list(world.cluster.find(ports.JOB)):
        world.cluster.remove(ports.JOB, body["metadata"]["name"])
    before = len(world.cluster.writes)
    await world.once()
    assert world.cluster.writes[before:] == []


async def test_each_step_s_seconds_are_told() -> None:
    """Inspection, database, import and start, once each, and unchanged by later passes."""
    world = Stage()
    await world.available()
    assert world.status()["timings"] == {"inspect": 5, "database": 0, "start": 8}
    told = world.status()["timings"]
    world.edit(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    world.edit(suspend=False)
    await world.run(lambda world: world.reason() == "Available")
    assert world.status()["timings"] == told


async def test_the_image_that_runs_is_told() -> None:
    """The digest comes from the site's pod; a stopped site keeps what was seen last."""
    world = Stage()
    await world.available()
    assert world.status()["resolved"]["imageDigest"] == "site@sha256:0123"
    world.edit(suspend=True)
    await world.run(lambda world: world.reason() == "Suspended")
    world.controllers.step()
    await world.once()
    assert world.status()["resolved"]["imageDigest"] == "site@sha256:0123"


async def test_a_host_beyond_the_domain_is_refused() -> None:
    """Nobody gets a route for a host that may be somebody else's."""
    world = Stage()
    world.login()
    for number, host in enumerate(("argocd.company.example", "clones.test", "evilclones.test")):
        name = f"bad-{number}"
        world.apply(name, site={"host": host})
        await world.once(name)
        assert world.reason(name) == "NameConflict"
        assert f"The host {host} is not under clones.test" in world.message(name)
        well_told(world, name)
    assert world.cluster.find_kind("Job") == []


async def test_a_host_under_the_domain_is_served() -> None:
    """A name of one's own below the domain is fine."""
    world = Stage()
    await world.available(site={"host": "shop.clones.test"})
    assert world.status()["url"] == "https://shop.clones.test"


async def test_what_was_never_done_is_not_told_as_done() -> None:
    """A clone that ends without having been inspected claims no source, database or content."""
    world = Stage(settings(provisioningDeadline="20m", failedTTL="10m"))
    world.apply()
    await world.once()
    await world.ahead(minutes=31)
    await world.run(lambda world: world.reason() == "Reaped")
    for part in ("SourceReady", "DatabaseReady", "ContentReady", "SiteReady"):
        assert world.condition(part)["status"] != "True", part
    well_told(world)


async def test_a_clone_that_is_being_removed_claims_no_database() -> None:
    """Past its grace, while pods are still waited for, nothing is told as ready or reachable."""
    world = Stage()
    await world.available(ttl="1h")
    world.clock.advance(3600)
    await world.once()
    world.clock.advance(3601)
    await world.once()
    assert world.message().startswith("Being removed")
    for part in ("DatabaseReady", "ContentReady", "SiteReady"):
        assert world.condition(part)["status"] == "False", part
    assert world.condition("SourceReady")["status"] == "True"
    assert "url" not in world.status()
    well_told(world)


async def test_a_bug_does_not_undo_what_was_done() -> None:
    """InternalError is told of the last stage; source, database and content stay as they are."""
    world = Stage()
    await world.available()
    world.cluster.fail_next(KeyError("canary-detail"))
    world.edit(suspend=True)
    await world.once()
    assert world.reason() == "InternalError"
    for part in ("SourceReady", "DatabaseReady", "ContentReady"):
        assert world.condition(part)["status"] == "True", part
    assert world.condition("SiteReady")["reason"] == "InternalError"


async def test_a_site_below_a_path_is_told_with_its_path() -> None:
    """Status, Secret, the site's own configuration and the next step name the address it has."""
    world = Stage()
    found = INSPECTED.inspection
    assert found is not None
    below = found.model_copy(update={"home_url": "https://www.acme.example/de/blog/"})
    world.controllers.outcomes["inspect"] = INSPECTED.model_copy(update={"inspection": below})
    await world.available()
    address = f"https://{world.status()['resolved']['host']}/de/blog"
    assert world.status()["url"] == address
    assert f"Open {address} with" in world.message()
    assert f"log in at {address}/wp-login.php" in world.message()
    secret = world.secret_values("acme-credentials")
    assert secret["url"] == address
    assert secret["visit-url"].startswith(f"{address}/?")
    instance = world.cluster.find_one("SharedDatabaseSite")["spec"]
    assert instance["url"] == address
    assert instance["host"] == world.status()["resolved"]["host"]
    world.restart()
    await world.once()
    assert world.status()["url"] == address
