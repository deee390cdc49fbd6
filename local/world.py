# SPDX-License-Identifier: Apache-2.0
"""Holds what every part of a cluster is told: its addresses, its directories, its authorities."""

from dataclasses import dataclass

from local import addresses, pki
from local.paths import Layout

# Clones and the operator's parts get names below these; nothing outside a cluster resolves them.
CLONE_DOMAIN = "clones.test"
DATABASE_NAME = "shared-db.test"
AWS_NAME = "aws.test"
# A database instance is `<identifier>.<address, with hyphens>` below this domain.
RDS_DOMAIN = "rds.test"
INGRESS_CLASS = "skipper"


@dataclass(frozen=True)
class World:
    """One cluster, as data."""

    net: addresses.Addresses
    at: Layout

    @classmethod
    def of(cls, name: str) -> "World":
        """Return the cluster with this name; its addresses are reserved on first use."""
        return cls(addresses.allocate(name), Layout.of(name))

    @property
    def components(self) -> pki.Pair:
        """The authority that API server, kubelet and their clients trust."""
        return pki.authority(self.at.pki / "components", "ca")

    @property
    def web(self) -> pki.Pair:
        """The authority of all names people and pods see: clones, source sites, databases."""
        return pki.authority(self.at.pki / "web", "ca")
