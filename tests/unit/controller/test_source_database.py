# SPDX-License-Identifier: Apache-2.0
"""A clone of a database is judged by the settings first, and its pods get what they need."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.checks import well_told
from tests.fakes.world import Stage, settings
from wpclone.api.mover import ImportConfig
from wpclone.api.reasons import Reason
from wpclone.controller import ports

LISTED = [{"host": "db.acme.example", "port": 3306}]


def source(**database: Any) -> dict[str, Any]:
    """Return a database as a person writes it."""
    return {
        "database": {
            "host": "db.acme.example",
            "name": "acme",
            "credentialsRef": {"name": "acme-admin"},
            "files": {"claimRef": {"name": "acme-files"}},
            **database,
        }
    }


@pytest.mark.parametrize(
    ("listed", "database"),
    [([], {}), (LISTED, {"port": 3307}), (LISTED, {"host": "db.other.example"})],
    ids=["nothing is listed", "another port", "another host"],
)
async def test_a_server_that_is_not_listed_is_never_connected_to(
    listed: list[Any], database: dict[str, Any]
) -> None:
    """SourceAddressForbidden, with the setting to change; no pod is started for it."""
    world = Stage(settings(sourceDatabases=listed))
    world.login()
    world.apply(source=source(**database))
    await world.once()
    assert world.reason() == Reason.SOURCE_ADDRESS_FORBIDDEN
    assert "sourceDatabases" in world.message()
    assert world.cluster.find_kind("Job") == []
    well_told(world)


async def test_the_inspection_gets_login_files_and_authority_read_only() -> None:
    """What the clone names is mounted where the mover looks, and the list goes with it."""
    world = Stage(settings(sourceDatabases=LISTED))
    world.login()
    world.apply(source=source(tls={"caRef": {"name": "acme-ca"}}))
    await world.once()
    (job,) = world.cluster.find_kind("Job")
    pod = job["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["name"]: mount for mount in pod["containers"][0]["volumeMounts"]}
    assert volumes["source"]["secret"]["secretName"] == "acme-admin"
    assert volumes["source-ca"]["configMap"] == {"name": "acme-ca", "optional": True}
    claim = {"claimName": "acme-files", "readOnly": True}
    assert volumes["source-files"]["persistentVolumeClaim"] == claim
    assert mounts["source-files"] == {
        "name": "source-files",
        "mountPath": "/source",
        "readOnly": True,
    }
    environment = {e["name"]: e["value"] for e in pod["containers"][0]["env"]}
    config = ImportConfig.read(environment["WPCLONE_IMPORT"])
    assert config.source.database is not None
    assert config.network.databases is not None
    assert [entry.host for entry in config.network.databases] == ["db.acme.example"]


async def test_a_clone_of_a_database_becomes_available() -> None:
    """From the list to the end, its instance names login, volume and authority."""
    world = Stage(settings(sourceDatabases=LISTED))
    world.login()
    world.apply(source=source(tls={"caRef": {"name": "acme-ca"}}))
    await world.run(lambda world: world.reason() == "Available")
    (instance,) = world.cluster.find_kind(ports.SITE.name)
    told = instance["spec"]
    assert told["sourceSecret"] == "acme-admin"
    assert told["sourceClaim"] == "acme-files"
    assert told["sourceCAConfigMap"] == "acme-ca"
    well_told(world)


async def test_other_sources_are_told_nothing_of_databases() -> None:
    """A mover that is older than this kind of source must be able to read what it is told."""
    world = Stage(settings(sourceDatabases=LISTED))
    world.login()
    world.apply()
    await world.once()
    (job,) = world.cluster.find_kind("Job")
    text = str(job["spec"]["template"]["spec"]["containers"][0]["env"])
    assert "databases" not in text
