# SPDX-License-Identifier: Apache-2.0
"""Lists the parts of a cluster: how each is started, and how it shows that it is ready."""

from collections.abc import Callable
from dataclasses import dataclass

from local import control, node, programs, services, shared_database
from local.ack import part as ack
from local.ack.programs import Service
from local.aws import part as aws
from local.processes import Daemon
from local.shell import succeeds
from local.world import World


@dataclass(frozen=True)
class Part:
    """One part: its process, and the question whether it is ready."""

    daemon: Callable[[World], Daemon]
    ready: Callable[[World], bool]


def _answers(url: str) -> Callable[[World], bool]:
    return lambda world: control.answers(world, url.format(node=world.net.node))


def _kubectl_agrees(*arguments: str) -> Callable[[World], bool]:
    def agrees(world: World) -> bool:
        kubectl = [
            str(programs.binary("kubernetes", "kubectl")),
            f"--kubeconfig={world.at.kubeconfig}",
        ]
        words = [argument.format(node=world.net.node_name) for argument in arguments]
        return succeeds([*kubectl, *words], timeout=12)

    return agrees


def _runtime_answers(world: World) -> bool:
    return succeeds(["ctr", "--address", str(world.at.containerd), "version"])


def _controller(service: Service) -> Part:
    return Part(lambda world: ack.daemon(world, service), _answers(service.health))


# In the order of their start; a stop asks the kubelet first and then all others at once.
PARTS: dict[str, Part] = {
    "etcd": Part(control.etcd, _answers("http://127.0.0.1:2379/health")),
    "kube-apiserver": Part(control.apiserver, _answers("https://{node}:6443/readyz")),
    "containerd": Part(node.containerd, _runtime_answers),
    "mariadb": Part(shared_database.daemon, lambda world: shared_database.server(world).ready()),
    "kube-controller-manager": Part(
        control.controller_manager, _answers("https://127.0.0.1:10257/healthz")
    ),
    "kube-scheduler": Part(control.scheduler, _answers("https://127.0.0.1:10259/healthz")),
    "kubelet": Part(
        node.kubelet,
        _kubectl_agrees("wait", "--for=condition=Ready", "node/{node}", "--timeout=10s"),
    ),
    "kube-proxy": Part(node.kube_proxy, _answers("http://127.0.0.1:10256/healthz")),
    "coredns": Part(services.coredns, _answers("http://127.0.0.1:8181/ready")),
    "provisioner": Part(services.provisioner, _kubectl_agrees("get", "storageclass", "local")),
    "ingress-api": Part(services.ingress_api, _answers("http://127.0.0.1:8001/healthz")),
    "ingress": Part(services.ingress, _answers("http://127.0.0.1:9911/routes")),
    "ingress-redirect": Part(services.redirect, _answers("http://127.0.0.1:9912/routes")),
    "aws": Part(aws.daemon, aws.ready),
    **{service.part: _controller(service) for service in ack.services()},
    "kro": Part(services.kro, _answers("http://127.0.0.1:8079/readyz")),
}
