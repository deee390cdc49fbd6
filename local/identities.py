# SPDX-License-Identifier: Apache-2.0
"""Gives each component a certificate and a kubeconfig of its own."""

import json
from pathlib import Path

from local import paths, pki
from local.world import World

# Component: the user it is, and its groups. kro is the service account of its chart.
CLIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("admin", ("system:masters",)),
    "controller-manager": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
    "kube-proxy": ("system:kube-proxy", ()),
    "coredns": ("local:coredns", ()),
    "ingress": ("local:ingress", ()),
    "provisioner": ("local:provisioner", ()),
    "kro": (
        "system:serviceaccount:kro-system:kro",
        ("system:serviceaccounts", "system:serviceaccounts:kro-system", "system:authenticated"),
    ),
}


def prepare(world: World) -> None:
    """Issue every certificate and write every kubeconfig that a component reads."""
    signer, net = world.components, world.net
    service = "kubernetes.default.svc"
    own = ["kubernetes", "kubernetes.default", service, f"{service}.cluster.local", "localhost"]
    addresses = [net.kubernetes, net.node, "127.0.0.1"]
    pki.issue(signer, "apiserver", common="kube-apiserver", names=[*own, *addresses])
    pki.issue(signer, "kubelet-server", common=net.node_name, names=[net.node_name, net.node])
    pki.issue(signer, "apiserver-kubelet", common="apiserver-kubelet", groups=["system:masters"])
    pki.issue(signer, "front-proxy", common="front-proxy")
    pki.issue(signer, "loopback", common="loopback", names=["127.0.0.1"])
    pki.signing_key(world.at.pki / "components" / "service-accounts.key")
    node = (f"system:node:{net.node_name}", ("system:nodes",))
    for name, (user, groups) in {**CLIENTS, "kubelet": node}.items():
        issue(world, name, user, groups)


def issue(world: World, name: str, user: str, groups: tuple[str, ...]) -> None:
    """Give one component its certificate and its kubeconfig."""
    signer = world.components
    pair = pki.issue(signer, name, common=user, groups=groups)
    config = kubeconfig(f"https://{world.net.node}:6443", signer.certificate, pair)
    paths.write(world.at.etc / f"{name}.conf", config, 0o600)


def kubeconfig(server: str, authority: Path, pair: pki.Pair) -> str:
    """Render a kubeconfig; JSON is YAML, and nothing in it needs quoting."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "local",
                "cluster": {"server": server, "certificate-authority": str(authority)},
            }
        ],
        "users": [
            {
                "name": "user",
                "user": {
                    "client-certificate": str(pair.certificate),
                    "client-key": str(pair.key),
                },
            }
        ],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "user"}}],
        "current-context": "local",
    }
    return json.dumps(content, indent=2) + "\n"
