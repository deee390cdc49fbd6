# SPDX-License-Identifier: Apache-2.0
"""Builds the objects every local cluster has from the start."""

from collections.abc import Sequence

from local.world import INGRESS_CLASS, World

Manifest = dict[str, object]

PROVISIONER = "local.wpclone.example/volumes"
STORAGE_CLASS = "local"
LIMITED_STORAGE_CLASS = "local-limited"
_READ = ["get", "list", "watch"]
_WRITE = [*_READ, "create", "update", "patch", "delete"]
_RBAC = "rbac.authorization.k8s.io"


def base(world: World) -> list[Manifest]:
    """Return all of them."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kro-system"}},
        *_dns(world),
        *_storage(),
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": INGRESS_CLASS},
            "spec": {"controller": "zalando.org/skipper"},
        },
        *_rights(
            "coredns",
            [_rule([""], ["services", "namespaces", "pods", "endpoints"], _READ), _SLICES],
        ),
        *_rights("ingress", [_rule([""], ["services", "endpoints"], _READ), _SLICES, _INGRESSES]),
        *_rights("provisioner", _PROVISIONER_RULES),
    ]


def _rule(groups: Sequence[str], resources: Sequence[str], verbs: Sequence[str]) -> Manifest:
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}


_SLICES = _rule(["discovery.k8s.io"], ["endpointslices"], _READ)
_INGRESSES = _rule(["networking.k8s.io"], ["ingresses", "ingressclasses"], _READ)
_PROVISIONER_RULES = [
    _rule([""], ["persistentvolumes"], _WRITE),
    _rule([""], ["persistentvolumeclaims"], [*_READ, "update", "patch"]),
    _rule([""], ["nodes"], _READ),
    _rule([""], ["events"], ["create", "patch", "update"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
]


def _rights(name: str, rules: list[Manifest]) -> list[Manifest]:
    """Give the user `local:<name>` these rights in the whole cluster."""
    role = f"local:{name}"
    return [
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": role},
            "rules": rules,
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": role},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": role}],
        },
    ]


def _dns(world: World) -> list[Manifest]:
    """Return a service without selector: the name server is a process of the node, not a pod."""
    ports: list[Manifest] = [
        {"name": name, "port": 53, "protocol": protocol}
        for name, protocol in (("dns", "UDP"), ("dns-tcp", "TCP"))
    ]
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "kube-dns",
                "namespace": "kube-system",
                "labels": {"k8s-app": "kube-dns"},
            },
            "spec": {"clusterIP": world.net.dns, "ports": ports},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "kube-dns-node",
                "namespace": "kube-system",
                "labels": {"kubernetes.io/service-name": "kube-dns"},
            },
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": [{"addresses": [world.net.node], "conditions": {"ready": True}}],
        },
    ]


def _storage() -> list[Manifest]:
    """Return the default class, and one whose volumes can be full."""
    return [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": name,
                "annotations": {"storageclass.kubernetes.io/is-default-class": default},
            },
            "provisioner": PROVISIONER,
            "parameters": {"limited": limited},
            "volumeBindingMode": "WaitForFirstConsumer",
            "reclaimPolicy": "Delete",
            # A plain directory has no limit: a claim that grows has its room already.
            "allowVolumeExpansion": limited == "false",
        }
        for name, default, limited in (
            (STORAGE_CLASS, "true", "false"),
            (LIMITED_STORAGE_CLASS, "false", "true"),
        )
    ]
