# SPDX-License-Identifier: Apache-2.0
"""Runs the demo on a cluster that is somebody else's: kubectl's, with all that they have on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from local import paths, shared_database
from local.demo import native
from local.demo.release import CLONES, SYSTEM, Release, authority, secret
from local.sample.profiles import SMALL
from tests import cluster as clusters
from tests.acceptance.world import Snapshot
from tests.cluster import Cluster

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster, pytest.mark.timeout(900)]

NAME = "foreign"
# A deleted kind takes every object along, also those that the demo has not made; and the register
# of claims belongs to the database server.
STAY = (
    "objects: APIService/",
    "objects: CustomResourceDefinition/",
    "objects: GraphRevision/",
    "objects: ResourceGraphDefinition/",
    "schemas: wpclone",
)


@pytest.fixture
def foreign(cluster: Cluster) -> Iterator[Cluster]:
    """Give a cluster that the demo has not made, beside that of all other tests."""
    assert cluster.native.world.net.name != NAME
    yield clusters.started(NAME, "--fresh")
    clusters.purge(NAME)


def furnish(owned: Cluster) -> Release:
    """Put there what docs/operations.md wants to be there before the charts."""
    release = Release(native.tools(owned.native.cluster))
    release.namespaces()
    certificate = owned.native.ca.read_text()
    account = shared_database.PROVISIONER
    password = (owned.native.world.at.secrets / account).read_text()
    login = {"username": account, "password": password, "ca.crt": certificate}
    release.tools.apply(
        secret(SYSTEM, "wpclone-database", login),
        authority(SYSTEM, "wpclone-ingress-ca", certificate),
        authority(CLONES, "wpclone-ca", certificate),
    )
    return release


def make(owned: Cluster, verb: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a verb for the cluster that kubectl points at, as its owner would."""
    programs = str(Path(owned.kubectl_path).parent)
    path = os.pathsep.join([programs, os.environ["PATH"]])
    return subprocess.run(
        ["make", "--no-print-directory", verb, "CLUSTER=current"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=paths.REPOSITORY,
        env={**owned.environment, "PATH": path, **more},
    )


def test_the_demo_comes_and_goes_on_a_cluster_of_somebody_else(
    foreign: Cluster, tmp_path: Path
) -> None:
    """Charts and a clone of one's own site come and go; what stays on purpose is told."""
    release = furnish(foreign)
    login = native.source(foreign.native.cluster, SMALL, release)
    values = tmp_path / "operator.yaml"
    images = foreign.native.images("operator", "site")
    values.write_text(yaml.safe_dump(native.values(foreign.native.cluster, images)))
    before = Snapshot.of(foreign)
    asked = {
        "WPCLONE_DEMO_VALUES": str(values),
        "WPCLONE_DEMO_SOURCE": login.url,
        "WPCLONE_DEMO_USERNAME": login.username,
        "WPCLONE_DEMO_PASSWORD": login.password,
    }
    shown = make(foreign, "demo", **asked)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    rows = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert any(row.startswith("demo Available 100 https://demo.clones.test ") for row in rows)
    assert login.password not in shown.stdout + shown.stderr
    gone = make(foreign, "demo-down")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    left = Snapshot.of(foreign).beyond(before)
    assert [one for one in left if not one.startswith(STAY)] == []
    assert "The kinds and the graph stay" in gone.stdout


def test_the_demo_says_what_only_its_owner_can_know(foreign: Cluster) -> None:
    """Without an address of a site it asks for one, and has touched nothing."""
    before = Snapshot.of(foreign)
    refused = make(foreign, "demo")
    assert refused.returncode != 0
    assert "WPCLONE_DEMO_VALUES is missing" in refused.stdout + refused.stderr
    assert Snapshot.of(foreign).beyond(before) == []
