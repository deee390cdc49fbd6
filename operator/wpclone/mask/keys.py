# SPDX-License-Identifier: Apache-2.0
"""Derives each customer's masking key, and the chance that is none: the same for the same text."""

from __future__ import annotations

import hmac
from typing import Final

from wpclone.errors import InvalidSpec

LEAST_BYTES: Final = 16
_HASH: Final = "sha256"


def derived(master: bytes, customer: str) -> bytes:
    """Return the key of one customer (or of all clones without one): 32 bytes.

    Nobody who holds it can tell another customer's stand-ins, nor the namespace's master key.
    """
    return hmac.digest(master, b"wpclone mask 1\0" + customer.encode(), _HASH)


class Key:
    """One customer's key. It turns text into numbers that nobody can tell without it."""

    def __init__(self, secret: bytes) -> None:
        """Take the derived key; InvalidSpec if it is too short to be one."""
        if len(secret) < LEAST_BYTES:
            raise InvalidSpec(f"A masking key has at least {LEAST_BYTES} bytes")
        self._secret = secret

    def digest(self, purpose: str, text: str | bytes) -> bytes:
        """Return 32 bytes for a text; another purpose gives others."""
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        return hmac.digest(self._secret, b"%s\0%s" % (purpose.encode(), data), _HASH)

    def number(self, purpose: str, text: str | bytes) -> int:
        """Return a number of 64 bits for a text."""
        return int.from_bytes(self.digest(purpose, text)[:8], "big")
