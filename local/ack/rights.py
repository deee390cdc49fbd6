# SPDX-License-Identifier: Apache-2.0
"""Gives the controllers, real or ours, the rights that their charts give them."""

from __future__ import annotations

from typing import Any, Final

from local.ack.programs import SERVICES, SYSTEM, Service

Manifest = dict[str, Any]

_RBAC: Final = "rbac.authorization.k8s.io"
_READ: Final = ["get", "list", "watch"]


def manifests() -> list[Manifest]:
    """Return the controllers' namespace, and a role and its binding for each."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}}
    return [namespace, *(one for service in SERVICES.values() for one in _rights(service))]


def _rights(service: Service) -> list[Manifest]:
    name = f"{service.part}-controller"
    user, _ = service.client
    role: Manifest = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [
            _rule([""], ["namespaces"], _READ),
            _rule([""], ["configmaps"], [*_READ, "patch"]),
            _rule([""], ["secrets"], [*_READ, "patch"]),
            _rule(
                [f"{service.name}.services.k8s.aws"],
                ["*"],
                [*_READ, "create", "update", "patch", "delete"],
            ),
            # References lead from one service's kinds to another's.
            _rule(
                [f"{each}.services.k8s.aws" for each in ("ec2", "eks", "iam", "kms")],
                ["*"],
                ["get", "list"],
            ),
            _rule(["services.k8s.aws"], ["*"], [*_READ, "create", "update", "patch", "delete"]),
        ],
    }
    binding: Manifest = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": user}],
    }
    return [role, binding]


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Manifest:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}
