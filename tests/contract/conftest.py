# SPDX-License-Identifier: Apache-2.0
"""Offers each neighbour twice: the strict fake, and the real thing."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster import Cluster as RealCluster
from tests.fakes.cluster import FakeCluster, graph_fields
from wpclone.controller import ports
from wpclone.controller.gateways import kubernetes
from wpclone.controller.gateways.clock import ServerClock
from wpclone.controller.gateways.cluster import KubernetesCluster
from wpclone.controller.ports import Body, Cluster, Kind

CRDS = Path(__file__).parents[2] / "crds"
# Kinds of the tests' own: no policy of an installation speaks of them, and nobody acts on them.
GROUP = "contract.wpclone.example"


@dataclass(frozen=True)
class Subject:
    """A cluster to be tested, and the hand of somebody else in it."""

    cluster: Cluster
    namespace: str
    people: Callable[[Body], Any]  # creates an object as a person would


class Open:
    """A fence that is always open."""

    def check(self) -> None:
        """Let everything through."""


@pytest.fixture(scope="module")
def with_own_kinds(cluster: RealCluster) -> Iterator[RealCluster]:
    """Give a real cluster with the tests' own kinds, which would shadow ours by name."""
    names = [f"{kind.plural}.{GROUP}" for kind in (ports.CLONE, ports.SITE)]
    cluster.apply(*definitions())
    cluster.kubectl("wait", "--for=condition=Established", "crd", *names, "--timeout=30s")
    yield cluster
    cluster.kubectl("delete", "crd", *names, "--timeout=60s", timeout=70)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.cluster)])
async def subject(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Subject]:
    """Return the fake, or one namespace of a real API server."""
    if request.param == "fake":
        fake = FakeCluster(lambda: datetime.now(UTC))
        yield Subject(fake, fake.namespace, fake.put)
        return
    real: RealCluster = request.getfixturevalue("with_own_kinds")
    for name in ("CLONE", "SITE"):
        known: Kind = getattr(ports, name)
        monkeypatch.setattr(ports, name, Kind(f"{GROUP}/v1alpha1", known.name, known.plural))
    namespace = f"contract-{secrets.token_hex(4)}"
    real.kubectl("create", "namespace", namespace)
    api = await kubernetes.connect(real.kubeconfig)
    try:
        port = KubernetesCluster(kubernetes.Api(api, ServerClock()), namespace, Open())

        def people(body: Body) -> Any:
            text = real.kubectl(
                "create", f"--namespace={namespace}", "-o", "json", "-f-", stdin=json.dumps(body)
            )
            return json.loads(text)

        yield Subject(port, namespace, people)
    finally:
        await api.close()
        real.kubectl("delete", "namespace", namespace, "--wait=false")


def definitions() -> tuple[Body, Body]:
    """Return our kinds under the tests' own group: the clone's as committed, the graph's made."""
    (file,) = CRDS.glob("*wordpressclone*")
    clone = copy.deepcopy(yaml.safe_load(file.read_text()))
    clone["metadata"] = {"name": f"wordpressclones.{GROUP}"}
    clone["spec"]["group"] = GROUP
    clone["spec"]["names"].pop("shortNames", None)
    clone["spec"]["names"].pop("categories", None)
    types: dict[str, str] = {"string": "string", "integer": "integer", "boolean": "boolean"}
    properties: dict[str, Any] = {}
    for name, text in graph_fields().items():
        kind = types.get(text.split(" ")[0])
        loose = {"type": "array" if "[]" in text else "object"}
        schema: Body = (
            {"type": kind} if kind else {**loose, "x-kubernetes-preserve-unknown-fields": True}
        )
        if schema.get("type") == "array":
            schema = {
                "type": "array",
                "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            }
        if "immutable=true" in text:
            schema["x-kubernetes-validations"] = [{"rule": "self == oldSelf"}]
        properties[name] = schema
    site = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"shareddatabasesites.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"kind": "SharedDatabaseSite", "plural": "shareddatabasesites"},
            "versions": [
                {
                    "name": "v1alpha1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": {"type": "object", "properties": properties}},
                        }
                    },
                }
            ],
        },
    }
    return clone, site
