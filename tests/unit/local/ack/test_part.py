# SPDX-License-Identifier: Apache-2.0
"""How the controllers become parts of a cluster, and what a cluster without them is spared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local import paths
from local.ack import part, programs
from local.addresses import Addresses
from local.cluster import Cluster
from local.errors import LocalError
from local.parts import PARTS
from local.paths import Layout
from local.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a cluster that exists on paper, where nobody has named a real controller."""
    for service in part.services():
        monkeypatch.delenv(service.variable, raising=False)
    monkeypatch.delenv("WPCLONE_ACK_CRDS", raising=False)
    return World(Addresses("paper", 3), Layout(tmp_path / "paper"))


def test_a_controller_works_for_the_clusters_own_aws(world: World) -> None:
    """Each is a part, speaks to its cluster's simulator, and has a kubeconfig of its own."""
    for service in part.services():
        daemon = PARTS[service.part].daemon(world)
        assert f"--aws-endpoint-url=http://{world.net.node}:4566" in daemon.argv
        assert daemon.netns == world.net.netns
        config = world.at.etc / f"{service.part}.conf"
        assert (daemon.env or {})["KUBECONFIG"] == str(config)


def test_a_cluster_gets_identities_kinds_and_rights_when_it_asks(world: World) -> None:
    """A file tells the next start that the controllers are wanted."""
    assert not part.state(world).exists()
    definitions, rights = map(json.loads, part.prepare(world))
    assert {one["spec"]["names"]["kind"] for one in definitions["items"]} >= {"DBInstance", "Role"}
    assert {one["kind"] for one in rights["items"]} == {
        "Namespace",
        "ClusterRole",
        "ClusterRoleBinding",
    }
    assert part.state(world).exists()
    for service in programs.SERVICES.values():
        assert (world.at.etc / f"{service.part}.conf").stat().st_mode & 0o077 == 0


def test_who_does_not_ask_for_aws_does_not_load_its_libraries() -> None:
    """They take seconds, and every verb of the command line would pay."""
    script = "import sys, local.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=paths.REPOSITORY,
    )
    assert not {"aiohttp", "boto3", "kubernetes_asyncio", "moto", "yaml"} & {*done.stdout.split()}


def test_a_cluster_that_is_down_says_how_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts for AWS need a cluster that runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(LocalError, match="python -m local up --name paper"):
        Cluster("paper").ack()
