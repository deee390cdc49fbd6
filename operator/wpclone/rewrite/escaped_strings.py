# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the payloads of PHP's rare `S:` strings, some bytes of which are hex digits."""

from __future__ import annotations

import re

BYTE = re.compile(rb"\\([0-9a-fA-F]{2})")


def decode(raw: bytes) -> bytes:
    """Give what a payload means."""
    return BYTE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)


def encode(new: bytes, like: bytes) -> bytes | None:
    """Escape the bytes that an old payload escapes; None if it does not escape all of a kind."""
    special = {match[0].lower() for match in BYTE.finditer(like)} | {rb"\5c"}
    return _encode(new, special) if _encode(decode(like), special) == like else None


def _encode(text: bytes, special: set[bytes]) -> bytes:
    wanted = {bytes.fromhex(spelled[1:].decode()): spelled for spelled in special}
    pattern = b"[" + b"".join(map(re.escape, sorted(wanted))) + b"]"
    return re.sub(pattern, lambda match: wanted[match[0]], text, flags=re.DOTALL)


def behind(data: bytes, at: int, size: int) -> int | None:
    """Give the place behind the escaped form of `size` bytes; None if an escape is broken."""
    while size > 0:
        sign = data.find(b"\\", at, at + size)
        if sign < 0:
            return at + size
        if BYTE.match(data, sign) is None:
            return None
        size -= sign - at + 1
        at = sign + 3
    return at
