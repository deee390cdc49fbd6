# SPDX-License-Identifier: Apache-2.0
"""Serialized arrays taken apart and put together without touching what is inside."""

from __future__ import annotations

import pytest

from wpclone.mover import options, phpvalue

NESTED = (
    b'a:4:{s:1:"a";a:1:{i:0;O:3:"Foo":1:{s:3:"bar";d:0.1;}}s:1:"b";b:1;'
    b'i:7;s:9:"";}{i:0;\xc3";i:-8;N;}'
)


def test_what_is_taken_apart_goes_together_again() -> None:
    """Objects, floats and payloads that look like the format itself keep every byte."""
    found = phpvalue.entries(NESTED)
    assert found is not None
    assert len(found) == 4
    assert phpvalue.text(found[2][1]) == b'";}{i:0;\xc3'
    assert phpvalue.array(found) == NESTED


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"plain text",
        b's:3:"abc";',
        b"a:2:{i:0;i:1;}",
        b'a:1:{i:0;s:9:"short";}',
        b'a:1:{i:0;s:1:"a"}',
        b"a:1:{i:0;i:1;",
        b"a:1:{i:0;" + b"a:1:{i:0;" * 1000,
    ],
)
def test_what_is_no_sound_array_is_left_alone(broken: bytes) -> None:
    """None, never an exception and never a guess."""
    assert phpvalue.entries(broken) is None


def test_a_gateway_is_switched_off_and_loses_its_keys() -> None:
    """Keys are emptied, switches are not taken for keys, anything else stays as it is."""
    open_gateway = phpvalue.array(
        [
            (phpvalue.string(key), phpvalue.string(value))
            for key, value in (
                (b"enabled", b"yes"),
                (b"testmode", b"no"),
                (b"title", b"Card"),
                (b"secret_key", b"sk_live"),
                (b"test_publishable_key", b"pk"),
                (b"webhook_enabled", b"yes"),
            )
        ]
    )
    shut = phpvalue.entries(options.closed_gateway(open_gateway)) or []
    assert [phpvalue.text(value) for _, value in shut] == [b"no", b"yes", b"Card", b"", b"", b"yes"]
    assert options.closed_gateway(b"not serialized") == b"not serialized"
