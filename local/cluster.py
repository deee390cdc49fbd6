# SPDX-License-Identifier: Apache-2.0
"""Starts, shows and stops one cluster; each can be repeated, and follows any crash."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

from local import (
    cleanup,
    identities,
    manifests,
    network,
    node,
    paths,
    programs,
    say,
    services,
    shared_database,
)
from local.ack import part as ack
from local.aws import part as aws
from local.containers import Runtime
from local.errors import CommandFailed, LocalError, PartFailed
from local.locks import exclusive
from local.outside import Host
from local.parts import PARTS
from local.processes import Daemons
from local.shell import run
from local.world import World


class Cluster:
    """One cluster, running or not."""

    def __init__(self, name: str) -> None:
        """Speak of the cluster with this name."""
        self.world = World.of(name)
        self.daemons = Daemons(self.world.at)
        self.runtime = Runtime(self.world)

    def up(self, *, fresh: bool) -> None:
        """Start what does not run; `fresh` begins with an empty cluster, but keeps images."""
        with self._lock():
            if fresh or not self._resumable():
                self._stop()
            if fresh:
                self._forget()
            with say.step(
                "network", f"node {self.world.net.node}, outside {self.world.net.outside}"
            ):
                network.up(self.world.net)
            with say.step("keys", "certificates and identities"):
                identities.prepare(self.world)
                node.make_cgroups(self.world.net.cgroup)
            _together(self._control_plane, self._container_runtime, self._database)
            alone = ["kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"]
            starts = (lambda part=part: self.start(part) for part in alone)
            _together(self._objects, self._names, *starts)
            _together(self._ingress, lambda: self.start("provisioner"), lambda: self.start("kro"))
            self._outside()
            if aws.state(self.world).exists():
                self.start("aws")
            if ack.state(self.world).exists():
                self._ack()

    def down(self, *, purge: bool) -> None:
        """Stop the cluster and leave nothing but its files; `purge` removes them too."""
        with self._lock():
            self._stop()
            if purge:
                with say.step("files", "removed"):
                    run(["rm", "-rf", self.world.at.root], timeout=300)

    def aws(self) -> None:
        """Start the simulated AWS in a cluster that runs, also in one of an older version."""
        with self._lock():
            self._aws()

    def ack(self) -> None:
        """Start the simulated AWS, and the controllers that manage it for the cluster."""
        with self._lock():
            self._aws()
            self._ack()

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl as the administrator."""
        program = programs.binary("kubernetes", "kubectl")
        config = f"--kubeconfig={self.world.at.kubeconfig}"
        return run([program, config, *arguments], stdin=stdin, timeout=timeout)

    def start(self, part: str) -> None:
        """Start one part, unless it runs, and wait until it is ready."""
        daemon = PARTS[part].daemon(self.world)
        with say.step(part, daemon.duty):
            self.daemons.start(daemon)
            self.daemons.await_ready(part, lambda: PARTS[part].ready(self.world), 90)

    def stop(self, part: str) -> None:
        """Stop one part, as an orderly shutdown would."""
        self.daemons.stop([part])

    def dead(self) -> list[PartFailed]:
        """Return each part that was started and runs no more, with the end of its log."""
        return [
            PartFailed(name, "does not run", self.daemons.log(name))
            for name in self.daemons.names()
            if not self.daemons.runs(name)
        ]

    def _lock(self) -> AbstractContextManager[None]:
        name = self.world.net.name
        return exclusive(
            paths.state() / f"{name}.lock", f"Another invocation is at the cluster {name}; waiting."
        )

    def _resumable(self) -> bool:
        """Tell whether pods of an earlier start can live on: runtime and network are there."""
        return self.daemons.runs("containerd") and Path("/run/netns", self.world.net.netns).exists()

    def _forget(self) -> None:
        """Empty the cluster; imported images and keys stay."""
        with say.step("state", "emptied"):
            for path in (self.world.at.var, self.world.at.log, self.world.at.outside):
                if path.exists():
                    shutil.rmtree(path)

    def _control_plane(self) -> None:
        self.start("etcd")
        self.start("kube-apiserver")

    def _container_runtime(self) -> None:
        self.start("containerd")
        self.runtime.load_pause()

    def _database(self) -> None:
        shared_database.server(self.world).initialise()
        self.start("mariadb")
        shared_database.prepare(self.world)

    def _names(self) -> None:
        """Start the name server, or start it again if it runs with other names than ours."""
        if services.outdated(self.world):
            self.stop("coredns")
        self.start("coredns")

    def _objects(self) -> None:
        """Create what every cluster has: classes, rights, and kro's kinds from its own chart."""
        with say.step("objects", "DNS, storage, ingress class, kro's kinds and rights"):
            chart = programs.goal("kro").target / "helm"
            self._apply("".join(path.read_text() for path in sorted(chart.glob("crds/*.yaml"))))
            values = ["--set", "rbac.mode=aggregation", "--namespace", "kro-system"]
            shown = ("serviceaccount", "cluster-role", "cluster-role-binding", "user-cluster-role")
            only = [f"--show-only=templates/{name}.yaml" for name in shown]
            rendered = run([programs.binary("helm"), "template", "kro", chart, *values, *only])
            listing = {"apiVersion": "v1", "kind": "List", "items": manifests.base(self.world)}
            self._apply(f"{json.dumps(listing)}\n---\n{rendered}")

    def _aws(self) -> None:
        """Start AWS, with the route and the names that lead to it and its databases."""
        if not self.daemons.runs("kube-apiserver"):
            name = self.world.net.name
            raise LocalError(f"The cluster {name} is down: `python -m local up --name {name}`.")
        network.up(self.world.net)
        self._names()
        self.start("aws")

    def _ack(self) -> None:
        """Start the controllers, once the cluster knows their kinds and who they are."""
        with say.step("ack", "kinds, rights and identities of its controllers"):
            definitions, rights = ack.prepare(self.world)
            self._apply(f"{definitions}\n---\n{rights}")
            wait = ("wait", "-f-", "--for=condition=Established", "--timeout=30s")
            self.kubectl(*wait, stdin=definitions)
        _together(*(lambda part=each.part: self.start(part) for each in ack.services()))

    def _apply(self, documents: str) -> None:
        manager = "--field-manager=local-cluster"
        self.kubectl("apply", "--server-side", "--force-conflicts", manager, "-f-", stdin=documents)

    def _ingress(self) -> None:
        for part in ("ingress-api", "ingress", "ingress-redirect"):
            self.start(part)

    def _outside(self) -> None:
        """Start the outside host again if somebody has put a site there."""
        host = Host(self.world)
        if host.inhabited:
            with say.step("outside host", f"MariaDB and Apache at {host.address}"):
                host.start()

    def _stop(self) -> None:
        """Stop everything, also what a killed invocation left, and clean up behind it."""
        names = self.daemons.names()
        with say.step("parts", "stopped") as note:
            self.daemons.stop([name for name in names if name == "kubelet"])
            if self.daemons.runs("containerd"):
                try:
                    self.runtime.remove_all()
                except CommandFailed:
                    note.text = "stopped; what is left of the pods is removed with the leftovers"
            # The API server waits half a minute for a store that is gone: it ends first.
            ending = ("kube-apiserver", "etcd")
            self.daemons.stop([name for name in names if name not in ("kubelet", *ending)])
            for name in ending:
                self.daemons.stop([name] if name in names else [], seconds=15)
        with say.step("leftovers", "processes, mounts, network, control groups removed"):
            cleanup.everything(self.world)


def _together(*jobs: Callable[[], None]) -> None:
    """Do jobs at the same time; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(job) for job in jobs]:
            future.result()
