# SPDX-License-Identifier: Apache-2.0
"""Proves from the rendered policies whom the pods of clones can reach, and who reaches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.golden.charts.conftest import REPOSITORY, Render
from tests.reachability import End, allowed

Objects = Callable[[str, str], list[dict[str, Any]]]
HOME = "wordpress-production"
UID = {"clones.betaweb.ai/uid": "4f0e1c2d-aaaa-4bbb-8ccc-0123456789ab"}


def pod(role: str, egress: str, namespace: str = HOME) -> End:
    """Return a pod of a clone with the labels that it really carries."""
    own = {"clones.betaweb.ai/role": role, "clones.betaweb.ai/egress": egress}
    return End("10.20.16.7", namespace, {**UID, **own})


SITE, IMPORT, INSPECT = pod("site", "site"), pod("import", "mover"), pod("inspect", "mover")
UPDATABLE, UPDATES = pod("site", "site-updates"), End("203.0.113.7")
UNLABELLED = End("10.20.16.8", HOME, UID)
DNS = End("10.20.16.53", "kube-system", {"k8s-app": "kube-dns"})
NODE_DNS, DATABASE, ROUTER = End("169.254.20.10"), End("10.20.32.4"), End("10.20.1.9")
PROXY, ALLOWED, WEB, WEB6 = (
    End("10.20.48.5"),
    End("10.78.1.2"),
    End("198.51.100.7"),
    End("2606:4700::1"),
)
SOURCE_DATABASE = End("10.79.0.8")
METADATA, SERVICE_API, OTHER_POD = (
    End("169.254.169.254"),
    End("172.20.0.1"),
    End("10.20.16.99", "default"),
)
OTHER_CLONE = End("10.20.16.9", HOME, {**SITE.labels, "clones.betaweb.ai/uid": "another"})

CASES: dict[str, tuple[End, End, int, str, bool]] = {
    "a site asks for names": (SITE, DNS, 53, "UDP", True),
    "also over TCP": (SITE, DNS, 53, "TCP", True),
    "also at the node's cache": (SITE, NODE_DNS, 53, "UDP", True),
    "but reaches no other port there": (SITE, DNS, 443, "TCP", False),
    "a site reaches its database": (SITE, DATABASE, 3306, "TCP", True),
    "but no other service of that host": (SITE, DATABASE, 22, "TCP", False),
    "a site reaches no web server": (SITE, WEB, 443, "TCP", False),
    "a site sends no mail": (SITE, WEB, 25, "TCP", False),
    "nor by submission": (SITE, WEB, 587, "TCP", False),
    "a site reaches no metadata": (SITE, METADATA, 80, "TCP", False),
    "a site reaches no API server": (SITE, SERVICE_API, 443, "TCP", False),
    "a site reaches no proxy": (SITE, PROXY, 3128, "TCP", False),
    "a site reaches no other clone": (SITE, OTHER_CLONE, 80, "TCP", False),
    "nor where updates come from": (SITE, UPDATES, 443, "TCP", False),
    "a site that may be updated reaches them": (UPDATABLE, UPDATES, 443, "TCP", True),
    "by https only": (UPDATABLE, UPDATES, 80, "TCP", False),
    "and no other web server": (UPDATABLE, WEB, 443, "TCP", False),
    "it asks for names": (UPDATABLE, DNS, 53, "UDP", True),
    "reaches its database": (UPDATABLE, DATABASE, 3306, "TCP", True),
    "and is reached by the router": (ROUTER, UPDATABLE, 80, "TCP", True),
    "the router reaches a site": (ROUTER, SITE, 80, "TCP", True),
    "at its port only": (ROUTER, SITE, 22, "TCP", False),
    "a stranger's pod reaches no site": (OTHER_POD, SITE, 80, "TCP", False),
    "an import reaches no site": (IMPORT, SITE, 80, "TCP", False),
    "an import reaches public sites": (IMPORT, WEB, 443, "TCP", True),
    "over plain http too": (IMPORT, WEB, 80, "TCP", True),
    "and over IPv6": (IMPORT, WEB6, 443, "TCP", True),
    "but sends no mail": (IMPORT, WEB, 25, "TCP", False),
    "an inspection reaches a database that is listed by its network": (
        INSPECT,
        SOURCE_DATABASE,
        3308,
        "TCP",
        True,
    ),
    "an import too": (IMPORT, SOURCE_DATABASE, 3308, "TCP", True),
    "at its own port only": (IMPORT, SOURCE_DATABASE, 3306, "TCP", False),
    "and one listed by name at public addresses": (IMPORT, WEB, 3306, "TCP", True),
    "which its name must not leave": (INSPECT, DATABASE, 3306, "TCP", False),
    "a site reaches neither": (SITE, SOURCE_DATABASE, 3308, "TCP", False),
    "nor the public one": (SITE, WEB, 3306, "TCP", False),
    "an import reaches its database": (IMPORT, DATABASE, 3306, "TCP", True),
    "an import reaches a named private range": (IMPORT, ALLOWED, 443, "TCP", True),
    "an import reaches the proxy": (IMPORT, PROXY, 3128, "TCP", True),
    "an import asks for names": (IMPORT, DNS, 53, "UDP", True),
    "an import reaches no metadata": (IMPORT, METADATA, 80, "TCP", False),
    "nor over IPv6": (IMPORT, End("fd00:ec2::254"), 80, "TCP", False),
    "nor by 6to4": (IMPORT, End("2002:a9fe:a9fe::1"), 80, "TCP", False),
    "an import reaches no private address": (IMPORT, End("192.168.1.1"), 80, "TCP", False),
    "nor the API server": (IMPORT, SERVICE_API, 443, "TCP", False),
    "nor another pod": (IMPORT, OTHER_POD, 80, "TCP", False),
    "nor a carrier's inner network": (IMPORT, End("100.64.0.1"), 80, "TCP", False),
    "an inspection reaches public sites": (INSPECT, WEB, 443, "TCP", True),
    "an inspection reaches no database": (INSPECT, DATABASE, 3306, "TCP", False),
    "nobody reaches an import": (ROUTER, IMPORT, 80, "TCP", False),
    "a pod of a clone without a role reaches nothing": (UNLABELLED, DNS, 53, "UDP", False),
    "and nobody reaches it": (ROUTER, UNLABELLED, 80, "TCP", False),
    "pods of others are none of our business": (OTHER_POD, WEB, 25, "TCP", True),
}


@pytest.mark.parametrize("case", CASES)
def test_reach(objects: Objects, case: str) -> None:
    """Each sentence holds for the policies of the production profile."""
    source, target, port, protocol, expected = CASES[case]
    found = [one for one in objects("operator", "production") if one["kind"] == "NetworkPolicy"]
    assert allowed(found, source, target, port, protocol) is expected


def test_the_graphs_pods_carry_these_labels() -> None:
    """What is proved above is proved of the pods that the graph really makes."""
    graph = yaml.safe_load((REPOSITORY / "kro/shared-database-site.yaml").read_text())
    found = {}
    for part in graph["spec"]["resources"]:
        if part["template"]["kind"] in ("Job", "Deployment"):
            labels = part["template"]["spec"]["template"]["metadata"]["labels"]
            assert labels["clones.betaweb.ai/uid"] == "${schema.spec.uid}"
            found[labels["clones.betaweb.ai/role"]] = labels["clones.betaweb.ai/egress"]
    assert found.pop("site").endswith("? 'site-updates' : 'site'}")
    assert found == {"import": "mover"}


@pytest.mark.parametrize(
    ("emptied", "policy"),
    [
        ("network.dns.namespaces", "dns"),
        ("network.routers.namespaces", "router"),
        ("network.databases", "database"),
        ("network.updates", "updates"),
    ],
)
def test_an_empty_list_opens_nothing(attempt: Render, emptied: str, policy: str) -> None:
    """A rule without peers would mean everybody: then there is no policy at all."""
    done = attempt("operator", "staging", f"--set-json={emptied}=[]")
    assert done.returncode == 0, done.stderr
    found = [one for one in yaml.safe_load_all(done.stdout) if one]
    assert f"wpclone-{policy}" not in {one["metadata"]["name"] for one in found}
