# SPDX-License-Identifier: Apache-2.0
"""Says which addresses belong to the public internet, and which ones nobody may be sent to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Everything that is not globally reachable, written out: `is_global` differs between Pythons.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT, and a cloud's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's platform service, though it looks public
        "169.254.0.0/16",  # link-local, metadata and pod identity
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Of IPv6 only global unicast is public. That alone shuts out loopback, ULA, link-local,
# multicast, and NAT64 (64:ff9b::/96), behind which any IPv4 address may hide.
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
)
# No setting opens these: they hand out the node's or the pod's own credentials.
_NEVER: Final[tuple[Network, ...]] = (
    ipaddress.IPv4Network("169.254.0.0/16"),
    ipaddress.IPv4Network("100.100.100.200/32"),
    ipaddress.IPv4Network("168.63.129.16/32"),
    ipaddress.IPv6Network("fe80::/10"),
    ipaddress.IPv6Network("fd00:ec2::/32"),
)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that the settings allow in addition."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def plain(address: Address) -> Address:
    """Return the IPv4 address inside a mapped one, and any other address as it is."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet."""
    address = plain(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def is_listed(address: Address, allowed: Iterable[Network]) -> bool:
    """Tell whether the settings open an address that may be opened."""
    address = plain(address)
    return not _in(address, _NEVER) and _in(address, allowed)


def _in(address: Address, among: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in among)
