# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the payloads of PHP's rare `S:` strings, some bytes of which are hex digits."""

from __future__ import annotations

import re

from wpclone.rewrite.spelling import ends_alike

BYTE = re.compile(rb"\\([0-9a-fA-F]{2})")
_UNIT = re.compile(rb"\\[0-9a-fA-F]{2}|.", re.DOTALL)


def decode(raw: bytes) -> bytes:
    """Give what a payload means."""
    return BYTE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)


def encode(new: bytes, like: bytes) -> bytes | None:
    """Write a payload like an old one, which has been changed in one place or in several.

    What both have at their ends keeps its very bytes. Between them, the bytes are escaped that the
    old payload escapes there; None if it does not escape all of a kind.
    """
    old = [found[0] for found in _UNIT.finditer(like)]
    meant = decode(like)
    front, behind = ends_alike(new, meant)
    end = len(old) - behind
    middle = _escaped(new[front : len(new) - behind], b"".join(old[front:end]))
    if middle is None:
        return None
    return b"".join((*old[:front], middle, *old[end:]))


def _escaped(new: bytes, like: bytes) -> bytes | None:
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
