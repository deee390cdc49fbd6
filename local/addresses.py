# SPDX-License-Identifier: Apache-2.0
"""Gives each cluster address ranges and names of its own on this machine's network."""

import json
import re
from dataclasses import dataclass

from local import paths
from local.errors import LocalError
from local.locks import exclusive

RESERVED = {"demo": 0, "test": 1}
# A cluster's services are one sixteenth of 10.96.0.0/16, which bounds the number of clusters.
CLUSTERS = 16
NAME = re.compile(r"[a-z]([a-z0-9-]{0,14}[a-z0-9])?")


@dataclass(frozen=True)
class Addresses:
    """All that one cluster calls its own on this machine's network."""

    name: str
    index: int

    @property
    def host(self) -> str:
        """This machine, as the node sees it."""
        return f"10.77.{self.index}.1"

    @property
    def node(self) -> str:
        """The node: API server, ingress, database and DNS live there."""
        return f"10.77.{self.index}.2"

    @property
    def nodes(self) -> str:
        """The network between this machine and the node."""
        return f"10.77.{self.index}.0/24"

    @property
    def gateway(self) -> str:
        """The node, as the outside host sees it."""
        return f"10.78.{self.index}.1"

    @property
    def outside(self) -> str:
        """The outside host, where source sites live."""
        return f"10.78.{self.index}.2"

    @property
    def outsides(self) -> str:
        """The network of the outside host."""
        return f"10.78.{self.index}.0/24"

    @property
    def databases(self) -> str:
        """The range of the simulated AWS' database instances, all of them on the node."""
        return f"10.79.{self.index}.0/24"

    @property
    def pods(self) -> str:
        """The pods' range."""
        return f"10.244.{self.index}.0/24"

    @property
    def services(self) -> str:
        """The services' range."""
        return f"10.96.{self.index * 16}.0/20"

    @property
    def kubernetes(self) -> str:
        """The API server, as pods see it: always the first service address."""
        return f"10.96.{self.index * 16}.1"

    @property
    def dns(self) -> str:
        """The name server, as pods see it."""
        return f"10.96.{self.index * 16}.10"

    @property
    def netns(self) -> str:
        """The node's network namespace."""
        return f"wpc-{self.name}"

    @property
    def outside_netns(self) -> str:
        """The outside host's network namespace."""
        return f"wpc-{self.name}-out"

    @property
    def cgroup(self) -> str:
        """The control group below which all pods run."""
        return f"wpc-{self.name}"

    @property
    def link(self) -> str:
        """This machine's end of the cable to the node."""
        return f"wpc{self.index}"

    @property
    def node_name(self) -> str:
        """The node's name in the API."""
        return f"{self.name}-node"


def check(name: str) -> str:
    """Return the name of a cluster, or refuse it with a sentence."""
    if not NAME.fullmatch(name) or name.endswith("-out"):
        raise LocalError(
            f"{name!r} cannot name a cluster: use up to 16 small letters, digits and inner hyphens,"
            " beginning with a letter and not ending in -out."
        )
    return name


def choose(name: str, taken: dict[str, int]) -> int:
    """Return the number a name has, or the lowest that is free."""
    known = taken | RESERVED
    if name in known:
        return known[name]
    free = set(range(CLUSTERS)) - set(known.values())
    if not free:
        raise LocalError(
            f"All {CLUSTERS} address ranges are taken by {', '.join(sorted(known))}:"
            " free one with `python -m local down --name X --purge`."
        )
    return min(free)


def allocate(name: str) -> Addresses:
    """Return the addresses of a cluster, and remember them under its name."""
    check(name)
    with exclusive(paths.state() / "addresses.lock", "Waiting for the address registry."):
        taken = _read()
        index = choose(name, taken)
        if name not in RESERVED and name not in taken:
            _store(taken | {name: index})
    return Addresses(name, index)


def release(name: str) -> None:
    """Forget the addresses of a cluster that is gone."""
    with exclusive(paths.state() / "addresses.lock", "Waiting for the address registry."):
        taken = _read()
        if taken.pop(name, None) is not None:
            _store(taken)


def _read() -> dict[str, int]:
    try:
        content = json.loads((paths.state() / "addresses.json").read_text())
    except FileNotFoundError:
        return {}
    return {str(name): int(index) for name, index in content.items()}


def _store(taken: dict[str, int]) -> None:
    paths.write(
        paths.state() / "addresses.json", json.dumps(taken, indent=2, sort_keys=True) + "\n"
    )
