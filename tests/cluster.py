# SPDX-License-Identifier: Apache-2.0
"""Gives tests a cluster: the native one named `test`, or whatever WPCLONE_TEST_CLUSTER names.

`WPCLONE_TEST_CLUSTER=current` takes the cluster that kubectl points at; any other value names a
native cluster. A test asks for the fixture `cluster` and never for a particular cluster: what only
a native one can do (its disk, its audit log, the outside host, stopping a part) is in
`cluster.native`, and a test that needs it is skipped elsewhere.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from local import images, shared_database, world
from local import paths as local_paths
from local.aws import part as aws
from local.aws.control import Control
from local.cluster import Cluster as NativeCluster
from local.manifests import LIMITED_STORAGE_CLASS, STORAGE_CLASS
from local.outside import Host


@dataclass(frozen=True)
class DatabaseServer:
    """The shared database server, and an account for tests that sees everything on it."""

    host: str
    port: int
    username: str
    password: str
    ca: Path


class Native:
    """What only a cluster on this machine offers."""

    limited_storage_class = LIMITED_STORAGE_CLASS

    def __init__(self, name: str) -> None:
        """Speak of the native cluster with this name."""
        self.cluster = NativeCluster(name)
        self.world = self.cluster.world
        self.disk = self.world.at.volumes

    @cached_property
    def outside(self) -> Host:
        """The outside host, started."""
        host = Host(self.world)
        host.start()
        return host

    @cached_property
    def aws(self) -> Control:
        """The strings of the simulated AWS, started; pods reach it as `http://aws.test:4566`."""
        self.cluster.aws()
        return aws.control(self.world)

    @cached_property
    def ack(self) -> Control:
        """The strings of the simulated AWS, which ACK's controllers, started, manage."""
        self.cluster.ack()
        return aws.control(self.world)

    @property
    def aws_url(self) -> str:
        """Where tests reach the simulated AWS."""
        return aws.url(self.world)

    @cached_property
    def database(self) -> DatabaseServer:
        """The shared database server, through the observer's account."""
        secret = (self.world.at.secrets / shared_database.OBSERVER).read_text()
        ca = self.world.web.certificate
        return DatabaseServer(self.world.net.node, 3306, shared_database.OBSERVER, secret, ca)

    @property
    def ca(self) -> Path:
        """The authority behind the clones' and the source sites' certificates."""
        return self.world.web.certificate

    @property
    def ingress(self) -> str:
        """The address that serves https for all clones."""
        return self.world.net.node

    def images(self, *names: str) -> dict[str, str]:
        """Build the project's images, have them in the cluster, and return their references."""
        return images.ensure(self.cluster.runtime, names)

    def audit_mark(self) -> int:
        """Return the present end of the audit log, for `writes(since=…)`."""
        return self.world.at.audit.stat().st_size

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the writes that the API server has recorded since a mark, oldest first."""
        with self.world.at.audit.open("rb") as file:
            file.seek(since)
            lines = file.read().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def writes_by_agent(self, since: int = 0, *, leases: bool = False) -> Counter[str]:
        """Count writes by user agent; leases are left out unless asked for."""
        return Counter(
            event.get("userAgent", "")
            for event in self.writes(since)
            if leases or event.get("objectRef", {}).get("resource") != "leases"
        )


@dataclass
class Cluster:
    """A cluster for tests."""

    kubeconfig: Path | None
    kubectl_path: str
    helm_path: str
    storage_class: str | None  # None: the cluster's default
    ingress_class: str
    domain: str
    _native: Native | None

    @property
    def native(self) -> Native:
        """What only a native cluster can do; elsewhere the test is skipped."""
        if self._native is None:
            pytest.skip("needs the native cluster")
        return self._native

    def kubectl(
        self, *arguments: str, stdin: str | None = None, check: bool = True, timeout: float = 120
    ) -> str:
        """Run kubectl and return its output; a refusal fails the test with what kubectl said."""
        done = self.attempt(*arguments, stdin=stdin, timeout=timeout)
        if check and done.returncode:
            pytest.fail(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}", pytrace=False)
        return done.stdout

    def attempt(
        self, *arguments: str, stdin: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl and return how it ended, well or not."""
        return self.run_here([self.kubectl_path, *arguments], stdin, timeout)

    def helm(self, *arguments: str, timeout: float = 300) -> str:
        """Run helm and return its output."""
        done = self.run_here([self.helm_path, *arguments], None, timeout)
        if done.returncode:
            pytest.fail(f"helm {' '.join(arguments)}: {done.stderr.strip()}", pytrace=False)
        return done.stdout

    def apply(self, *manifests: dict[str, Any]) -> None:
        """Create or change objects given as values."""
        listing = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.kubectl("apply", "--server-side", "-f-", stdin=json.dumps(listing))

    def get(self, *arguments: str) -> Any:
        """Return objects as values."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def eventually(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something holds that sends no event, or fail the test."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                pytest.fail(f"{holds.__name__} did not hold within {seconds:.0f} s")
            time.sleep(0.1)

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs to speak to this cluster."""
        own = {"KUBECONFIG": str(self.kubeconfig)} if self.kubeconfig else {}
        return {**os.environ, **own}

    def run_here(
        self, argv: Sequence[str], stdin: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine that speaks to the cluster, and return how it ended."""
        return subprocess.run(
            list(argv),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env=self.environment,
        )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a cluster with kro; a native one that was down is started, and stopped at the end."""
    name = os.environ.get("WPCLONE_TEST_CLUSTER", "test")
    if name == "current":
        ingress = (world.INGRESS_CLASS, world.CLONE_DOMAIN)
        yield Cluster(None, "kubectl", "helm", None, *ingress, None)
        return
    ours = not NativeCluster(name).daemons.runs("kube-apiserver")
    # What a killed run has left in a cluster that is down must not speak into this one.
    yield started(name, *(["--fresh"] if ours else []))
    if ours:
        _local("down", "--name", name)


def started(name: str, *options: str) -> Cluster:
    """Return a native cluster that runs, started if it was down; the caller stops it."""
    _local("up", "--name", name, *options)
    native = Native(name)
    tools = local_paths.cache() / "bin"
    return Cluster(
        native.world.at.kubeconfig,
        str(tools / "kubectl"),
        str(tools / "helm"),
        STORAGE_CLASS,
        world.INGRESS_CLASS,
        world.CLONE_DOMAIN,
        native,
    )


def purge(name: str) -> None:
    """Stop a native cluster and forget everything in it."""
    _local("down", "--name", name, "--purge")


def _local(*arguments: str) -> None:
    """Run a verb of the local cluster in a process of its own; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        cwd=local_paths.REPOSITORY,
    )
    if done.returncode:
        pytest.fail(f"local {' '.join(arguments)}:\n{done.stdout}{done.stderr}", pytrace=False)
