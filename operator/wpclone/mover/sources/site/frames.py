# SPDX-License-Identifier: Apache-2.0
"""Reads a reply of the agent: magic, frames, and the signed trailer that says it is whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MAGIC: Final = b"WPCLONE1"
# A notice that the site prints before we can stop it stands in front of the magic.
_MOST_NOISE: Final = 16_384
_HEAD: Final = struct.Struct(">1sBI")
_TRAILER: Final = struct.Struct(">Q32s")
# A frame holds a piece of a statement or of a file; the agent sends none that is longer.
MAX_FRAME: Final = 64 * 1024 * 1024


class NotOurs(Exception):  # noqa: N818  a finding rather than an error: somebody else answered
    """The answer does not come from the agent."""


class Damaged(Exception):  # noqa: N818  likewise: the transport is asked once more
    """The answer comes from the agent but is cut, stale or changed on its way."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: a letter that says what it is, and what it carries."""

    kind: str
    data: bytes

    def json(self) -> dict[str, Any]:
        """Return what a frame of JSON says."""
        try:
            value = json.loads(self.data)
        except ValueError:
            raise Damaged("a frame is not JSON") from None
        if not isinstance(value, dict):
            raise Damaged("a frame is not an object")
        return value


def read(body: bytes, key: str, nonce: str) -> list[Frame]:
    """Return the frames of a reply to the request with this nonce, once all of it is verified."""
    start = body.find(MAGIC, 0, _MOST_NOISE + len(MAGIC))
    if start < 0:
        raise NotOurs("there is no frame in it")
    body = body[start:]
    frames: list[Frame] = []
    for begin, frame, end in _walk(body):
        if frame.kind != "Z":
            frames.append(frame)
            continue
        if end - begin != _HEAD.size + _TRAILER.size:
            break
        size, proof = _TRAILER.unpack(frame.data)
        mac = hmac.new(key.encode(), nonce.encode() + body[: end - len(proof)], hashlib.sha256)
        if size != begin or not hmac.compare_digest(mac.digest(), proof):
            raise Damaged("its signature is not ours")
        return frames
    raise Damaged("its end is missing")


def _walk(body: bytes) -> Iterator[tuple[int, Frame, int]]:
    at = len(MAGIC)
    while at + _HEAD.size <= len(body):
        kind, flags, size = _HEAD.unpack_from(body, at)
        begin, end = at, at + _HEAD.size + size
        if size > MAX_FRAME or end > len(body):
            return
        data = body[at + _HEAD.size : end]
        yield begin, Frame(kind.decode("latin-1"), _unpacked(data) if flags else data), end
        at = end


def _unpacked(data: bytes) -> bytes:
    unpack = zlib.decompressobj()
    try:
        plain = unpack.decompress(data, MAX_FRAME)
    except zlib.error:
        raise Damaged("a frame cannot be unpacked") from None
    if unpack.unconsumed_tail:
        raise Damaged("a frame is too long")
    return plain
