# SPDX-License-Identifier: Apache-2.0
"""Says what becomes of single values that are neither quite serialized data nor quite text."""

from __future__ import annotations

import pytest

from tests.engines import Engine, each_engine
from wpclone.rewrite import Counts, Pair

OLD, NEW = b"https://www.acme.test", b"https://blog.clones.test"
PAIRS = [Pair(OLD.decode(), NEW.decode())]


def token(address: bytes) -> bytes:
    """Return an array that holds an address."""
    return b'a:1:{i:0;s:%d:"%s";}' % (len(address), address)


@each_engine
@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        (b" see %s/x", "a sentence"),
        (b'<a href="//%s">' % b"www.acme.test", "a relative address"),
        (b'{"u":"%s"}', "JSON"),
    ],
)
def test_what_follows_serialized_data_is_rewritten_too(
    engine: Engine, behind: bytes, reason: str
) -> None:
    """PHP overlooks what stands behind a complete token; people and plugins do not."""
    counts = Counts()
    old = token(OLD) + (behind.replace(b"%s", OLD))
    new = engine.mapping(PAIRS).value(old, counts)
    rest = behind.replace(b"%s", NEW).replace(b"www.acme.test", b"blog.clones.test")
    assert new == token(NEW) + rest, reason
    assert (counts.residual, counts.rewritten, counts.serialized) == (0, 1, 1)


@each_engine
def test_tokens_in_a_row_are_each_counted_anew(engine: Engine) -> None:
    """A plugin that appends to its option leaves several tokens, without anything between them."""
    assert engine.mapping(PAIRS).value(token(OLD) * 300, Counts()) == token(NEW) * 300


@each_engine
def test_keys_are_renamed_no_deeper_than_any_site_nests(engine: Engine) -> None:
    """Each array with a renamed key is walked once more: the work must not be a square."""
    depth = 3000
    heads = b"".join(b'a:1:{s:%d:"%s/%04d";' % (len(OLD) + 5, OLD, at) for at in range(depth))
    counts = Counts()
    new = engine.mapping(PAIRS).value(heads + b"N;" + b"}" * depth, counts)
    assert counts.unsupported == counts.residual == new.count(OLD) == depth - new.count(NEW)
    assert 0 < new.count(NEW) <= 100
    assert counts.invalid_after == 0
