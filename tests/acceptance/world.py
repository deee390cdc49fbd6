# SPDX-License-Identifier: Apache-2.0
"""Looks at a whole cluster and its database server, to find out what an installation leaves."""

from __future__ import annotations

from dataclasses import dataclass

from local import shared_database
from tests.cluster import Cluster

# They come and go with time, not with what is installed. A node's Lease comes a little after it.
PASSING = {"events", "events.events.k8s.io", "componentstatuses"}
NODES = "kube-node-lease"


@dataclass(frozen=True)
class Snapshot:
    """Everything that an installation could leave behind."""

    objects: frozenset[str]
    labels: frozenset[str]
    volumes: frozenset[str]
    schemas: frozenset[str]
    users: frozenset[str]

    @classmethod
    def of(cls, cluster: Cluster) -> Snapshot:
        """Look at all kinds, all namespaces' labels, the node's disk and the database server."""
        server = shared_database.server(cluster.native.world)
        return cls(
            objects=frozenset(_objects(cluster)),
            labels=frozenset(_labels(cluster)),
            volumes=frozenset(path.name for path in cluster.native.disk.iterdir()),
            schemas=frozenset(server.sql("SHOW DATABASES").split()),
            users=frozenset(server.sql("SELECT user FROM mysql.user").split()),
        )

    def beyond(self, other: Snapshot) -> list[str]:
        """Return what is here and not there."""
        names = ("objects", "labels", "volumes", "schemas", "users")
        return sorted(
            f"{name}: {one}" for name in names for one in getattr(self, name) - getattr(other, name)
        )


def _objects(cluster: Cluster) -> list[str]:
    kinds = cluster.kubectl("api-resources", "--verbs=list", "--output=name").split()
    wanted = ",".join(kind for kind in kinds if kind not in PASSING)
    found = cluster.get(wanted, "--all-namespaces")["items"]
    return [
        "/".join((one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]))
        for one in found
        if one["metadata"].get("namespace") != NODES
    ]


def _labels(cluster: Cluster) -> list[str]:
    found = cluster.get("namespaces")["items"]
    return [
        f"{one['metadata']['name']}: {key}={value}"
        for one in found
        for key, value in one["metadata"].get("labels", {}).items()
    ]
