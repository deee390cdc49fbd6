# SPDX-License-Identifier: Apache-2.0
"""Says what helps against an error in the words of the command line: by its options' names."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wpclone.api import advice

if TYPE_CHECKING:
    from wpclone.errors import SourceError

_LOGIN: Final = "--credentials-file, or WPCLONE_… in the environment"
_WORDS: Final[Mapping[str, str]] = {
    advice.NOT_HTTPS: "which only --http makes good",
    advice.CHECK_LOGIN: f"check the login ({_LOGIN})",
    advice.THE_LOGIN: f"The login ({_LOGIN})",
    advice.OUR_ADDRESS: "this machine's address",
}


def message(error: SourceError) -> str:
    """Return an error's sentence, with options in place of an installation's settings."""
    from wpclone.mover.net import addresses, vet  # noqa: PLC0415  costly, and here already

    said = error.message
    if isinstance(error, vet.Inward):
        network = ipaddress.ip_network(addresses.plain(error.address))
        opens = addresses.is_listed(error.address, [network])
        helps = f"only --allow {network} opens it" if opens else "and no option opens it"
        said = said.replace(advice.NOT_ALLOWED, helps)
    for theirs, ours in _WORDS.items():
        said = said.replace(theirs, ours)
    return said
