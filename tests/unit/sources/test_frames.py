# SPDX-License-Identifier: Apache-2.0
"""A reply counts only if all of it came from the agent, for this very request."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpclone.mover.sources.site import frames
from wpclone.mover.sources.site.frames import Damaged, Frame, NotOurs

KEY, NONCE = "a key", "a nonce of this request"


def reply(*parts: tuple[bytes, bytes], key: str = KEY, nonce: str = NONCE) -> bytes:
    """Write a reply as the agent does; parts in capitals are plain, others are packed."""
    body = frames.MAGIC
    for kind, data in parts:
        flags = 0 if kind.isupper() else 1
        sent = data if kind.isupper() else zlib.compress(data)
        body += kind.upper() + struct.pack(">BI", flags, len(sent)) + sent
    head = b"Z" + struct.pack(">BI", 0, 40) + struct.pack(">Q", len(body))
    mac = hmac.new(key.encode(), nonce.encode() + body + head, hashlib.sha256)
    return body + head + mac.digest()


WHOLE = reply((b"S", b"INSERT"), (b"c", b'{"cursor":null}'), (b"S", b""))


def test_a_whole_reply_is_read() -> None:
    """Frames come out in order and unpacked."""
    found = frames.read(WHOLE, KEY, NONCE)
    assert found == [Frame("S", b"INSERT"), Frame("C", b'{"cursor":null}'), Frame("S", b"")]


def test_a_notice_in_front_does_not_matter() -> None:
    """What a site prints before the reply is passed over."""
    noisy = b"\n<b>Warning</b>: something in x.php on line 3\n" + WHOLE
    assert frames.read(noisy, KEY, NONCE) == frames.read(WHOLE, KEY, NONCE)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code":"rest_no_route"}', b"x" * 40_000])
def test_another_answer_is_not_ours(body: bytes) -> None:
    """Pages, JSON and noise are told apart from a damaged reply."""
    with pytest.raises(NotOurs):
        frames.read(body, KEY, NONCE)


@given(st.integers(len(frames.MAGIC), len(WHOLE) - 1))
def test_a_reply_cut_anywhere_is_damaged(at: int) -> None:
    """However little is missing at the end, the reply does not count."""
    with pytest.raises(Damaged):
        frames.read(WHOLE[:at], KEY, NONCE)


@given(st.integers(len(frames.MAGIC), len(WHOLE) - 1), st.integers(1, 255))
def test_a_reply_changed_anywhere_is_damaged(at: int, change: int) -> None:
    """Whatever byte is changed on the way, the reply does not count."""
    changed = bytearray(WHOLE)
    changed[at] ^= change
    with pytest.raises(Damaged):
        frames.read(bytes(changed), KEY, NONCE)


def test_a_reply_to_another_request_is_damaged() -> None:
    """A cached or replayed reply gives itself away by its nonce, a foreign one by its key."""
    for key, nonce in ((KEY, "another nonce"), ("another key", NONCE)):
        with pytest.raises(Damaged):
            frames.read(WHOLE, key, nonce)


def test_a_frame_that_unpacks_to_too_much_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes cannot fill our memory."""
    monkeypatch.setattr(frames, "MAX_FRAME", 10_000)
    with pytest.raises(Damaged):
        frames.read(reply((b"s", b"\0" * 20_000)), KEY, NONCE)
