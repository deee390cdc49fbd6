# SPDX-License-Identifier: Apache-2.0
"""Describes the control plane: etcd, API server, controller manager, scheduler."""

import json
from pathlib import Path

from local import paths, programs
from local.processes import Daemon
from local.shell import succeeds
from local.world import World

# Every write is recorded with its user agent, so that tests can count writes; reads are not.
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "Metadata"},
    ],
}


def etcd(world: World) -> Daemon:
    """Return the store; it need not survive a power cut, so it never waits for the disk."""
    client = "http://127.0.0.1:2379"
    return Daemon(
        "etcd",
        "keeps the objects",
        (
            "/usr/bin/etcd",
            f"--data-dir={world.at.var / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",
            "--logger=zap",
        ),
        world.net.netns,
    )


def apiserver(world: World) -> Daemon:
    """Return the API server; it listens on the node's address only."""
    at, net, keys = world.at, world.net, world.at.pki / "components"
    paths.write(at.etc / "audit-policy.json", json.dumps(AUDIT_POLICY))
    flags = {
        **_identities(keys),
        "etcd-servers": "http://127.0.0.1:2379",
        "bind-address": net.node,
        "advertise-address": net.node,
        "secure-port": 6443,
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": "https://kubernetes.default.svc",
        "enable-aggregator-routing": "true",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "service-cluster-ip-range": net.services,
        "allow-privileged": "true",
        "audit-policy-file": at.etc / "audit-policy.json",
        "audit-log-path": at.audit,
        "audit-log-maxsize": 200,
        "audit-log-maxbackup": 2,
    }
    return _kubernetes("kube-apiserver", "serves the API", flags, world)


def _identities(keys: Path) -> dict[str, object]:
    """Return who the API server is, and whom it believes."""
    return {
        "tls-cert-file": keys / "apiserver.crt",
        "tls-private-key-file": keys / "apiserver.key",
        "client-ca-file": keys / "ca.crt",
        "kubelet-client-certificate": keys / "apiserver-kubelet.crt",
        "kubelet-client-key": keys / "apiserver-kubelet.key",
        "kubelet-certificate-authority": keys / "ca.crt",
        "service-account-key-file": keys / "service-accounts.key",
        "service-account-signing-key-file": keys / "service-accounts.key",
        "requestheader-client-ca-file": keys / "ca.crt",
        "requestheader-allowed-names": "front-proxy",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "proxy-client-cert-file": keys / "front-proxy.crt",
        "proxy-client-key-file": keys / "front-proxy.key",
    }


def controller_manager(world: World) -> Daemon:
    """Return the controllers, with quick reactions and room for many clones ending at once."""
    keys = world.at.pki / "components"
    flags = {
        **_component(world, "controller-manager"),
        "use-service-account-credentials": "true",
        "service-account-private-key-file": keys / "service-accounts.key",
        "root-ca-file": keys / "ca.crt",
        "cluster-signing-cert-file": keys / "ca.crt",
        "cluster-signing-key-file": keys / "ca.key",
        "kube-api-qps": 200,
        "kube-api-burst": 400,
        "horizontal-pod-autoscaler-sync-period": "5s",
        "horizontal-pod-autoscaler-initial-readiness-delay": "5s",
        "horizontal-pod-autoscaler-cpu-initialization-period": "10s",
    }
    return _kubernetes("kube-controller-manager", "runs the controllers", flags, world)


def scheduler(world: World) -> Daemon:
    """Return the scheduler."""
    return _kubernetes("kube-scheduler", "places the pods", _component(world, "scheduler"), world)


def _component(world: World, name: str) -> dict[str, object]:
    config = world.at.etc / f"{name}.conf"
    loopback = world.at.pki / "components" / "loopback"
    return {
        "kubeconfig": config,
        "authentication-kubeconfig": config,
        "authorization-kubeconfig": config,
        "bind-address": "127.0.0.1",
        "tls-cert-file": f"{loopback}.crt",
        "tls-private-key-file": f"{loopback}.key",
        "leader-elect": "false",
    }


def _kubernetes(program: str, duty: str, flags: dict[str, object], world: World) -> Daemon:
    arguments = (f"--{flag}={value}" for flag, value in flags.items())
    path = programs.binary("kubernetes", program)
    return Daemon(program, duty, (str(path), *arguments), world.net.netns)


def answers(world: World, url: str) -> bool:
    """Tell whether a health address inside the node's namespace answers well."""
    curl = ["curl", "-sf", "--max-time", "2", "-o", "/dev/null"]
    pair = world.at.pki / "components" / "admin"
    if url.startswith("https:"):
        curl += ["--cacert", str(world.components.certificate)]
        curl += ["--cert", f"{pair}.crt", "--key", f"{pair}.key"]
    return succeeds(["nsenter", f"--net=/run/netns/{world.net.netns}", "--", *curl, url])
