# SPDX-License-Identifier: Apache-2.0
"""Installs the cluster's chart on a real API server, and gives each module a namespace."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster import Cluster
from tests.integration.admission.people import ALICE, BOB, OPERATOR, RELEASE, SYSTEM, Person

CHARTS = Path(__file__).parents[3] / "charts"
PROFILES = Path(__file__).parents[2] / "golden" / "charts"
As = Callable[..., Person]


@pytest.fixture(scope="session")
def installed(cluster: Cluster) -> Cluster:
    """Return a cluster in which our kinds are known and every policy is in force."""
    chart = str(CHARTS / "wordpress-clone-cluster")
    cluster.helm(
        "upgrade",
        "--install",
        "wpclone-cluster",
        chart,
        "--namespace",
        SYSTEM,
        "--create-namespace",
    )
    cluster.kubectl("wait", "--for=condition=Ready", "resourcegraphdefinitions.kro.run", "--all")
    kinds = ["wordpressclones.clones.betaweb.ai", "shareddatabasesites.sites.clones.betaweb.ai"]
    cluster.kubectl("wait", "--for=condition=Established", "crd", *kinds)
    probe = Person(cluster, "default").clone({"spec.ttl": "999999h"})

    def the_policies_answer() -> bool:
        done = Person(cluster, "default").tries(probe, "--dry-run=server")
        return "wpclone-limits" in done.stderr

    cluster.eventually(the_policies_answer, 30)
    return cluster


@pytest.fixture(scope="module")
def home(installed: Cluster) -> Iterator[str]:
    """Return a namespace for clones, with people and an operator who have their real rights."""
    name = f"admission-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    installed.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}},
        _role(name, "writes-clones", "clones.betaweb.ai", "wordpressclones"),
        _binding(name, ALICE, "ClusterRole", "edit"),
        _binding(name, BOB, "Role", "writes-clones"),
        *_operator(installed, name),
    )
    yield name
    for kind in ("wordpressclones", "shareddatabasesites"):
        who = f"--as={OPERATOR}"
        installed.attempt("delete", kind, "--all", f"--namespace={name}", who)
    installed.kubectl("label", "namespace", name, "clones.betaweb.ai/managed-")
    installed.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def someone(installed: Cluster, home: str) -> As:
    """Return a function that gives a person in the module's namespace; no name is the admin."""
    return partial(Person, installed, home)


@pytest.fixture
def annotated(installed: Cluster, home: str) -> Iterator[Callable[[str, str], None]]:
    """Return a function that annotates the module's namespace until the test is over."""
    known: list[str] = []

    def annotate(key: str, value: str) -> None:
        known.append(key)
        installed.kubectl("annotate", "--overwrite", "namespace", home, f"{key}={value}")

    yield annotate
    for key in known:
        installed.kubectl("annotate", "namespace", home, f"{key}-")


def _operator(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    """Return the operator's rights as its chart renders them for a namespace."""
    text = cluster.helm(
        "template",
        RELEASE,
        str(CHARTS / "wordpress-clone-operator"),
        f"--namespace={SYSTEM}",
        f"--values={PROFILES / 'operator-staging.values.yaml'}",
        f"--set=watchNamespace={namespace}",
        "--show-only=templates/role-clones.yaml",
        "--show-only=templates/rolebinding-clones.yaml",
    )
    return [one for one in yaml.safe_load_all(text) if one]


def _role(namespace: str, name: str, group: str, resource: str) -> dict[str, Any]:
    verbs = ["create", "delete", "get", "list", "patch", "update"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": [{"apiGroups": [group], "resources": [resource], "verbs": verbs}],
    }


def _binding(namespace: str, user: str, kind: str, role: str) -> dict[str, Any]:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": user, "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": kind, "name": role},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


@pytest.fixture
def instance(home: str) -> dict[str, Any]:
    """Return a full instance of the graph, as the operator writes it."""
    text = (Path(__file__).parent / "instance.yaml").read_text(encoding="utf-8")
    manifest: dict[str, Any] = yaml.safe_load(text)
    manifest["metadata"]["namespace"] = home
    return json.loads(json.dumps(manifest))  # type: ignore[no-any-return]
