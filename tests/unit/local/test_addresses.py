# SPDX-License-Identifier: Apache-2.0
"""How clusters get addresses of their own."""

import ipaddress
import itertools
from pathlib import Path

import pytest

from local import addresses
from local.addresses import CLUSTERS, Addresses
from local.errors import LocalError


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def ranges(net: Addresses) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return everything a cluster calls its own."""
    return [
        ipaddress.ip_network(range_)
        for range_ in (net.nodes, net.outsides, net.databases, net.pods, net.services)
    ]


def test_no_two_clusters_share_an_address() -> None:
    """The ranges of all possible clusters are disjoint: any of them can run side by side."""
    everything = [range_ for i in range(CLUSTERS) for range_ in ranges(Addresses("any", i))]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(everything, 2))


def test_service_addresses_lie_in_their_range() -> None:
    """The API server and the name server have addresses that the API server would hand out."""
    for index in range(CLUSTERS):
        net = Addresses("any", index)
        services = ipaddress.ip_network(net.services)
        assert ipaddress.ip_address(net.dns) in services
        assert str(services[1]) == net.kubernetes


def test_demo_and_test_never_move() -> None:
    """The two everyday clusters have the same addresses on every machine."""
    addresses.allocate("other")
    assert addresses.allocate("demo").index == 0
    assert addresses.allocate("test").index == 1


def test_a_name_keeps_its_number_until_released() -> None:
    """A stopped cluster starts again where it was; a purged one makes room."""
    first, second = addresses.allocate("one"), addresses.allocate("two")
    assert first != second
    assert addresses.allocate("one") == first
    addresses.release("one")
    assert addresses.allocate("three").index == first.index


def test_a_full_registry_says_how_to_make_room() -> None:
    """The seventeenth cluster is refused by a sentence that names the way out."""
    for number in range(CLUSTERS - 2):
        addresses.allocate(f"c{number}")
    with pytest.raises(LocalError, match="--purge"):
        addresses.allocate("late")


@pytest.mark.parametrize("name", ["", "Demo", "1st", "a_b", "a" * 17, "a-", "../etc", "demo-out"])
def test_a_bad_name_is_refused(name: str) -> None:
    """A name becomes part of paths, interfaces and namespaces: only harmless ones pass."""
    with pytest.raises(LocalError, match="cannot name a cluster"):
        addresses.check(name)


@pytest.mark.parametrize("index", range(CLUSTERS))
def test_interface_names_fit_the_kernel(index: int) -> None:
    """The kernel takes fifteen characters for an interface."""
    assert len(Addresses("a" * 16, index).link) <= 15
