# SPDX-License-Identifier: Apache-2.0
"""Specifies the evaluator of NetworkPolicies by the cases of Kubernetes' documentation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reachability import End, allowed

WEB = End("10.1.0.1", "shop", {"app": "web"})
DB = End("10.1.0.2", "shop", {"app": "db"})
STRANGER = End("10.1.0.3", "other", {"app": "web"}, {"team": "blue"})
INTERNET = End("198.51.100.7")


def policy(namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    """Return a policy; it selects every pod of its namespace unless told otherwise."""
    return {"metadata": {"namespace": namespace}, "spec": {"podSelector": {}, **spec}}


def ingress(*peers: dict[str, Any], **rule: Any) -> dict[str, Any]:
    """Return a policy with one rule for what comes in."""
    return policy(policyTypes=["Ingress"], ingress=[{"from": list(peers), **rule}])


def egress(*peers: dict[str, Any], **rule: Any) -> dict[str, Any]:
    """Return a policy with one rule for what goes out."""
    return policy(policyTypes=["Egress"], egress=[{"to": list(peers), **rule}])


DENY_IN = policy(policyTypes=["Ingress"])
DENY_OUT = policy(policyTypes=["Egress"])
NET = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}
BLUE_WEB = {
    "namespaceSelector": {"matchLabels": {"team": "blue"}},
    "podSelector": {"matchLabels": {"app": "web"}},
}
CASES: dict[str, tuple[list[dict[str, Any]], End, End, int, bool]] = {
    "without policies everybody reaches everybody": ([], STRANGER, DB, 3306, True),
    "a policy without rules closes its direction": ([DENY_IN], WEB, DB, 3306, False),
    "the other direction stays open": ([DENY_IN], DB, INTERNET, 443, True),
    "egress is closed likewise": ([DENY_OUT], WEB, INTERNET, 443, False),
    "a policy of another namespace says nothing": (
        [policy("other", policyTypes=["Ingress"])],
        WEB,
        DB,
        1,
        True,
    ),
    "a policy closes only the pods that it selects": (
        [policy(podSelector={"matchLabels": {"app": "web"}}, policyTypes=["Ingress"])],
        WEB,
        DB,
        1,
        True,
    ),
    "policies add up": (
        [DENY_IN, ingress({"podSelector": {"matchLabels": {"app": "web"}}})],
        WEB,
        DB,
        3306,
        True,
    ),
    "a pod selector alone means the policy's own namespace": (
        [ingress({"podSelector": {"matchLabels": {"app": "web"}}})],
        STRANGER,
        DB,
        3306,
        False,
    ),
    "namespace and pod selector in one peer must both hold": (
        [ingress(BLUE_WEB)],
        STRANGER,
        DB,
        3306,
        True,
    ),
    "in one peer, half a match is none": ([ingress(BLUE_WEB)], WEB, DB, 3306, False),
    "as two peers, either is enough": (
        [ingress({"podSelector": {}}, {"namespaceSelector": {"matchLabels": {"team": "red"}}})],
        WEB,
        DB,
        3306,
        True,
    ),
    "an empty namespace selector means all namespaces": (
        [ingress({"namespaceSelector": {}})],
        STRANGER,
        DB,
        1,
        True,
    ),
    "but no address outside": ([ingress({"namespaceSelector": {}})], INTERNET, DB, 1, False),
    "every namespace carries its name as a label": (
        [ingress({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}})],
        STRANGER,
        DB,
        1,
        True,
    ),
    "no peers means everybody": ([ingress()], INTERNET, DB, 1, True),
    "a port must match": ([ingress(ports=[{"port": 80}])], INTERNET, DB, 3306, False),
    "a port's protocol is TCP unless said": (
        [ingress(ports=[{"port": 80, "protocol": "UDP"}])],
        INTERNET,
        DB,
        80,
        False,
    ),
    "a range of ports has two ends": (
        [ingress(ports=[{"port": 80, "endPort": 90}])],
        INTERNET,
        DB,
        90,
        True,
    ),
    "a block of addresses": ([egress(NET)], WEB, INTERNET, 443, True),
    "with an exception": ([egress(NET)], WEB, DB, 443, False),
    "another policy may open the exception": (
        [egress(NET), egress({"ipBlock": {"cidr": "10.1.0.2/32"}})],
        WEB,
        DB,
        443,
        True,
    ),
    "both ends have to agree": ([egress(NET), DENY_IN], WEB, DB, 443, False),
    "rules for egress imply the direction": (
        [policy(egress=[{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}])],
        WEB,
        INTERNET,
        443,
        False,
    ),
    "expressions select too": (
        [
            policy(
                podSelector={
                    "matchExpressions": [
                        {"key": "app", "operator": "NotIn", "values": ["web"]},
                        {"key": "app", "operator": "Exists"},
                    ]
                },
                policyTypes=["Ingress"],
            )
        ],
        WEB,
        DB,
        1,
        False,
    ),
    "an address of the other family is in no block": (
        [egress({"ipBlock": {"cidr": "0.0.0.0/0"}})],
        WEB,
        End("2001:db8::1"),
        443,
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_semantics(case: str) -> None:
    """Each sentence of the documentation holds."""
    policies, source, target, port, expected = CASES[case]
    assert allowed(policies, source, target, port) is expected


def test_an_unknown_operator_is_an_error() -> None:
    """A typo in a policy is never read as permission."""
    typo = {"matchExpressions": [{"key": "app", "operator": "Is", "values": ["db"]}]}
    with pytest.raises(ValueError, match="no such operator"):
        allowed([policy(podSelector=typo, policyTypes=["Ingress"])], WEB, DB, 1)
