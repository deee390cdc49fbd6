# SPDX-License-Identifier: Apache-2.0
"""Says what is wrong with an address on the command line, before anybody is asked for it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_EXAMPLE: Final = "such as https://www.acme.example"


def site(text: str) -> str:
    """Return the address of a site, or raise ValueError; a password in it is not repeated."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"--url has to be an address, {_EXAMPLE}") from None
    if "@" in parts.netloc:
        raise ValueError(
            "--url must not hold a name or password; they belong into --credentials-file"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"--url has to begin with https:// and a host's name, {_EXAMPLE}")
    return text
