# SPDX-License-Identifier: Apache-2.0
"""Says which database servers an installation allows as sources of clones."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from wpclone.api.model import Strict

PATTERN = r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"


class AllowedDatabase(Strict):
    """One entry: a name at public addresses, or a network whatever the name; and a port.

    Exactly one of both. A name may begin with `*.`, which stands for one label or several.
    """

    host: Annotated[str, StringConstraints(pattern=PATTERN, max_length=253)] | None = None
    cidr: str | None = None
    port: int = Field(ge=1, le=65_535)

    @field_validator("cidr")
    @classmethod
    def _network(cls, text: str | None) -> str | None:
        if text is not None:
            ipaddress.ip_network(text)
        return text

    @model_validator(mode="after")
    def _exactly_one(self) -> AllowedDatabase:
        if (self.host is None) == (self.cidr is None):
            raise ValueError("name exactly one of host, cidr")
        return self

    def names(self, host: str) -> bool:
        """Tell whether this entry lists a host by its name."""
        pattern, host = (self.host or "").lower(), host.lower().rstrip(".")
        if pattern.startswith("*."):
            return host.endswith(pattern[1:])
        return bool(pattern) and host == pattern

    def covers(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Tell whether this entry lists an address by its network."""
        network = ipaddress.ip_network(self.cidr) if self.cidr else None
        return network is not None and address.version == network.version and address in network


def conceivable(host: str, port: int, allowed: Iterable[AllowedDatabase]) -> bool:
    """Tell whether a server may be allowed: what its name leads to has still to be looked up."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(e.port == port and (e.cidr or e.names(host)) for e in allowed)
    return any(e.port == port and e.covers(address) for e in allowed)
