# SPDX-License-Identifier: Apache-2.0
"""Decides whether a database server may be connected to, and at which IP addresses.

The name is resolved once and the answer kept: whoever answers differently later is not asked.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from wpclone.api.databases import AllowedDatabase
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net import addresses
from wpclone.mover.net.addresses import Address
from wpclone.mover.net.vet import Resolve, lookup


def vetted(
    host: str, port: int, allowed: Sequence[AllowedDatabase], resolve: Resolve = lookup
) -> tuple[str, ...]:
    """Return the addresses of a server, or raise SourceError if one of them is not allowed."""
    found = tuple(dict.fromkeys(_answers(host, port, resolve)))
    for text in found:
        address = addresses.plain(ipaddress.ip_address(text))
        if not any(_permits(entry, host, port, address) for entry in allowed):
            raise SourceError(
                Reason.SOURCE_ADDRESS_FORBIDDEN,
                f"{clean(host)} leads to {address}, and the operator's settings allow no source's"
                f" database there at port {port}",
            )
    return found


def _permits(entry: AllowedDatabase, host: str, port: int, address: Address) -> bool:
    """Tell whether one entry opens an address: the network policy opens the very same."""
    if entry.port != port:
        return False
    if entry.cidr is not None:
        return addresses.is_listed(address, addresses.networks((entry.cidr,)))
    return entry.names(host) and addresses.is_public(address)


def _answers(host: str, port: int, resolve: Resolve) -> list[str]:
    try:
        return [answer.partition("%")[0] for answer in resolve(host, port)]
    except (OSError, UnicodeError) as error:
        raise SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"The name {clean(host)} does not resolve; check source.database.host",
            retryable=isinstance(error, TimeoutError)
            or getattr(error, "errno", None) == socket.EAI_AGAIN,
        ) from error
