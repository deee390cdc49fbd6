# SPDX-License-Identifier: Apache-2.0
"""How a native cluster starts, fails, recovers and goes, seen from the machine it runs on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import cleanup, node, paths
from local.cluster import Cluster
from local.node import PAUSE_IMAGE
from local.outside import Host

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        os.environ.get("WPCLONE_TEST_CLUSTER") == "current", reason="needs the native cluster"
    ),
]
NAME = "lifecycle"


def local(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one verb as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        cwd=paths.REPOSITORY,
    )


def verb(name: str, *arguments: str) -> str:
    """Run a verb on this module's cluster; it must end well."""
    done = local(name, "--name", NAME, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def inhabited() -> Iterator[Cluster]:
    """Start a fresh cluster with a pod and a limited volume, and purge it at the end."""
    verb("up", "--fresh")
    made = Cluster(NAME)
    made.kubectl("apply", "-f-", stdin=json.dumps(CONTENT))
    yield made
    verb("down", "--purge")
    assert traces(made) == {}
    assert not made.world.at.root.exists()


@pytest.fixture
def running(inhabited: Cluster) -> Cluster:
    """Have the cluster up, whatever the test before did to it, and its pod running."""
    verb("up")
    inhabited.kubectl("wait", "pod/resident", "--for=condition=Ready", "--timeout=60s")
    return inhabited


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "resident", "namespace": "default"},
    "spec": {
        "terminationGracePeriodSeconds": 1,
        "containers": [
            {
                "name": "main",
                "image": PAUSE_IMAGE,
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }
        ],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    },
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data", "namespace": "default"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "local-limited",
        "resources": {"requests": {"storage": "20Mi"}},
    },
}
CONTENT = {"apiVersion": "v1", "kind": "List", "items": [CLAIM, POD]}


def traces(cluster: Cluster) -> dict[str, object]:
    """Return everything of a cluster that the machine still has, its files apart."""
    net, root = cluster.world.net, str(cluster.world.at.root)
    texts = {
        "namespaces": ["ip", "netns", "list"],
        "links": ["ip", "-o", "link"],
        "routes": ["ip", "route"],
        "rules": ["nft", "list", "ruleset"],
        "loops": ["losetup", "--all"],
        "programs": ["pgrep", "--list-full", "--full", root],
    }
    marks = (net.netns, f"{net.link}@", f"dev {net.link} ", net.node, net.pods, root)
    found: dict[str, object] = {}
    for what, command in texts.items():
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        found[what] = [line for line in said.splitlines() if any(mark in line for mark in marks)]
    found["mounts"] = cleanup.mounts_below(cluster.world.at.root)
    found["groups"] = [
        str(path / net.cgroup) for path in node.hierarchies() if (path / net.cgroup).exists()
    ]
    return {what: rest for what, rest in found.items() if rest}


def volume(cluster: Cluster) -> Path:
    """Return the directory of the only volume."""
    return Path(cluster.kubectl("get", "pv", "-o", "jsonpath={.items[0].spec.local.path}"))


def test_a_crashed_part_is_named_and_brought_back_alone(running: Cluster) -> None:
    """Status names the dead part with its last words; `up` starts it and restarts nothing else."""
    before = {name: running.daemons.record(name) for name in running.daemons.names()}
    running.daemons.kill("kube-scheduler")

    told = local("status", "--name", NAME)
    verb("up")

    assert told.returncode == 1
    assert "DEAD   kube-scheduler does not run; the end of" in told.stdout
    after = {name: running.daemons.record(name) for name in running.daemons.names()}
    assert [name for name in before if before[name] != after[name]] == ["kube-scheduler"]
    assert local("status", "--name", NAME).returncode == 0


def test_a_stop_leaves_nothing_and_a_start_finds_everything(running: Cluster) -> None:
    """Down leaves no trace but files; the next up has the same objects, data and pods again."""
    Host(running.world).start()
    (volume(running) / "kept").write_text("data")
    everything = {"namespaces", "links", "routes", "loops", "programs", "mounts", "groups"}
    assert set(traces(running)) == everything

    verb("down")
    assert traces(running) == {}

    verb("up")
    running.kubectl("wait", "pod/resident", "--for=condition=Ready", "--timeout=60s")
    assert (volume(running) / "kept").read_text() == "data"


def test_a_start_follows_whatever_a_killed_one_left(running: Cluster) -> None:
    """SIGKILL to every part and to a start in its middle: the next start works, the stop too."""
    Host(running.world).start()
    for process in cleanup.processes(running.world):
        os.kill(process.pid, signal.SIGKILL)
    command = [sys.executable, "-m", "local", "up", "--name", NAME]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=paths.REPOSITORY
    ) as starting:
        assert starting.stdout is not None
        for line in starting.stdout:
            if "etcd" in line:
                starting.kill()
                break

    verb("up")
    running.kubectl("wait", "pod/resident", "--for=condition=Ready", "--timeout=60s")
    verb("down")

    assert traces(running) == {}


def test_two_clusters_live_side_by_side(running: Cluster) -> None:
    """A second cluster starts and goes without the first one noticing."""
    before = {name: running.daemons.record(name) for name in running.daemons.names()}
    other = Cluster("neighbour")
    try:
        assert local("up", "--name", "neighbour", "--fresh").returncode == 0
        nodes = other.kubectl("get", "nodes", "-o", "name")
    finally:
        gone = local("down", "--name", "neighbour", "--purge")
    assert nodes == "node/neighbour-node\n"
    assert gone.returncode == 0
    assert traces(other) == {}
    assert not other.world.at.root.exists()
    assert {name: running.daemons.record(name) for name in running.daemons.names()} == before
    running.kubectl("wait", "pod/resident", "--for=condition=Ready", "--timeout=10s")


def test_without_root_one_sentence_says_so() -> None:
    """An ordinary user is told what the machine lacks and the other way to a demonstration."""
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-m", "local", "up"],
        capture_output=True,
        text=True,
        check=False,
        cwd=paths.REPOSITORY,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "The native cluster needs root; run as root, or use `make demo CLUSTER=current`"
        " with a cluster that kubectl points at."
    ]
