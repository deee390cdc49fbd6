# SPDX-License-Identifier: Apache-2.0
"""Answers, from NetworkPolicies as text, whether one end of a connection may reach the other.

It follows the documentation of Kubernetes: a pod that no policy of a direction selects is open in
that direction; one that is selected is open only where some rule of some policy allows it; both
ends have to allow a connection. It answers for clusters whose enforcer cannot be run in a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Policy = Mapping[str, Any]


@dataclass(frozen=True)
class End:
    """One end of a connection: a pod, with its labels, or an address outside the cluster."""

    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_pod(self) -> bool:
        """Whether it is a pod rather than an address outside."""
        return bool(self.namespace)

    @property
    def known_namespace_labels(self) -> Mapping[str, str]:
        """The namespace's labels, with the one that Kubernetes adds itself."""
        return {"kubernetes.io/metadata.name": self.namespace, **self.namespace_labels}


def allowed(
    policies: Iterable[Policy], source: End, target: End, port: int, protocol: str = "TCP"
) -> bool:
    """Return whether `source` may open a connection to `target` at `port`."""
    known = list(policies)
    return _open(known, "Egress", source, target, port, protocol) and _open(
        known, "Ingress", target, source, port, protocol
    )


def _open(
    policies: list[Policy], direction: str, here: End, there: End, port: int, protocol: str
) -> bool:
    if not here.is_pod:
        return True
    ours = [
        policy
        for policy in policies
        if policy["metadata"]["namespace"] == here.namespace
        and direction in _directions(policy["spec"])
        and selects(policy["spec"]["podSelector"], here.labels)
    ]
    if not ours:
        return True
    peers = "to" if direction == "Egress" else "from"
    return any(
        _ports(rule.get("ports"), port, protocol)
        and _peers(rule.get(peers), policy["metadata"]["namespace"], there)
        for policy in ours
        for rule in policy["spec"].get(direction.lower()) or ()
    )


def _directions(spec: Mapping[str, Any]) -> list[str]:
    """Return a policy's directions; unsaid, Ingress, and Egress if it has rules for it."""
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector selects these labels; an empty one selects everything."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(one, labels) for one in selector.get("matchExpressions") or ())


def _expression(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = one["key"], one.get("values") or ()
    match one["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise ValueError(f"no such operator: {other}")


def _ports(ports: list[Mapping[str, Any]] | None, port: int, protocol: str) -> bool:
    """Return whether a rule's ports hold this one; no list holds every port, an empty one too."""
    if not ports:
        return True
    return any(
        one.get("protocol", "TCP") == protocol
        and ("port" not in one or one["port"] <= port <= one.get("endPort", one["port"]))
        for one in ports
    )


def _peers(peers: list[Mapping[str, Any]] | None, namespace: str, there: End) -> bool:
    """Return whether a rule's peers hold this end; no list, or an empty one, holds everybody."""
    if not peers:
        return True
    return any(_peer(one, namespace, there) for one in peers)


def _peer(peer: Mapping[str, Any], namespace: str, there: End) -> bool:
    if "ipBlock" in peer:
        return _block(peer["ipBlock"], there.address)
    if not there.is_pod:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], there.known_namespace_labels):
            return False
    elif there.namespace != namespace:
        return False
    return selects(peer.get("podSelector") or {}, there.labels)


def _block(block: Mapping[str, Any], address: str) -> bool:
    where = ip_address(address)
    inside = where in ip_network(block["cidr"])
    return inside and not any(where in ip_network(one) for one in block.get("except") or ())
