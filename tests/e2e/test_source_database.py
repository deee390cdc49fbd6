# SPDX-License-Identifier: Apache-2.0
"""Tells of clones of a live site's own database and files, without the site's help."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.demo.release import CLONES, authority
from local.sample.site import DOCUMENT_ROOT, PREFIX, SCHEMA
from tests.e2e import source
from tests.e2e.stage import Stage

pytestmark = pytest.mark.cluster
# A volume that an earlier run has left is bound to that run's claim for ever.
FILES = f"acme-files-{secrets.token_hex(3)}"
NAMES = {"login": "acme-database", "files": FILES, "ca": "acme-database-ca"}


@dataclass(frozen=True)
class Origin:
    """A login that may only read, a volume with the site's folder, the server's authority."""

    stage: Stage
    password: str

    def wish(self, **database: Any) -> dict[str, Any]:
        """Return the source as a person writes it."""
        return {
            "database": {
                "host": self.stage.cluster.native.outside.address,
                "name": SCHEMA,
                # The live site shares its schema with the tables of an older one.
                "tablePrefix": PREFIX,
                "credentialsRef": {"name": NAMES["login"]},
                "tls": {"caRef": {"name": NAMES["ca"]}},
                "files": {"claimRef": {"name": NAMES["files"]}},
                **database,
            }
        }


@pytest.fixture(scope="module")
def origin(stage: Stage) -> Iterator[Origin]:
    """Offer the live site's database and its folder to clones, and take both away again."""
    native, password = stage.cluster.native, secrets.token_urlsafe(16)
    grants = [f"GRANT SELECT, TRIGGER ON {SCHEMA}.* TO {{user}}"]
    native.outside.mariadb.account("reader", password, grants, tls=True)
    folder = native.outside.root / DOCUMENT_ROOT.lstrip("/")
    stage.release.source_login(NAMES["login"], "reader", password)
    stage.release.tools.apply(
        authority(CLONES, NAMES["ca"], native.ca.read_text()), *_volume(str(folder))
    )
    yield Origin(stage, password)
    # It goes with the last pod that names it, whatever became of the clones.
    for kind in ("persistentvolumeclaim", "persistentvolume"):
        where = ["--wait=false", f"--namespace={CLONES}"]
        stage.release.tools.kubectl("delete", kind, NAMES["files"], *where)
    native.outside.mariadb.sql("DROP USER reader@'%'")


def _volume(folder: str) -> list[dict[str, Any]]:
    """Return a volume on the node's own disk, and the claim that it is for."""
    size, modes = {"storage": "1Gi"}, ["ReadOnlyMany"]
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": NAMES["files"]},
            "spec": {
                "capacity": size,
                "accessModes": modes,
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "",
                "hostPath": {"path": folder},
                "claimRef": {"name": NAMES["files"], "namespace": CLONES},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": NAMES["files"], "namespace": CLONES},
            "spec": {
                "accessModes": modes,
                "resources": {"requests": size},
                "storageClassName": "",
                "volumeName": NAMES["files"],
            },
        },
    ]


def test_a_database_and_a_volume_become_a_clone(stage: Stage, origin: Origin) -> None:
    """Schema, settings and files are found without the site, which is left as it was."""
    before = source.snapshot(stage)
    clone = stage.ask("from-database", origin.wish(), ttl="1h")
    clone.wait_available()
    status = clone.manifest["status"]
    assert status["source"]["display"] == f"{SCHEMA} on {stage.cluster.native.outside.address}"
    assert status["source"]["siteURL"] == stage.login.url
    assert status["source"]["tablePrefix"] == PREFIX
    assert status["import"]["proof"]["residualURLs"] == 0
    assert status["import"]["files"] > 100
    title = source.sql(
        stage, f"SELECT option_value FROM {PREFIX}options WHERE option_name = 'blogname'"
    )
    assert title.strip() in clone.page()
    assert stage.login.url not in clone.page()
    assert source.difference(before, source.snapshot(stage)) == {}
    clone.delete()


def test_what_the_settings_do_not_list_is_refused_at_once(stage: Stage, origin: Origin) -> None:
    """SourceAddressForbidden: no pod is started for a server that nobody listed."""
    clone = stage.ask("not-listed", origin.wish(port=3307), ttl="1h")
    clone.wait_for("SourceAddressForbidden", seconds=20)
    assert clone.children() == []
    clone.delete()


def test_a_wrong_password_is_named_within_seconds(stage: Stage, origin: Origin) -> None:
    """SourceRefusedLogin, without the password; nothing else is made."""
    stage.release.source_login("acme-database-wrong", "reader", "canary-of-the-source")
    wish = origin.wish(credentialsRef={"name": "acme-database-wrong"})
    clone = stage.ask("wrong-password", wish, ttl="1h")
    clone.wait_for("SourceRefusedLogin", seconds=60)
    assert "canary" not in str(clone.manifest)
    assert not any(child.startswith("SharedDatabaseSite/") for child in clone.children())
    clone.delete()
