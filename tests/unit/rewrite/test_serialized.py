# SPDX-License-Identifier: Apache-2.0
"""Says what the walker takes for valid serialized data: what PHP does."""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest

from wpclone.rewrite.serialized import valid

VALID = [
    b"N;",
    b"b:1;",
    b"i:-5;",
    b"i:+3;",
    b"d:.5;",
    b"d:5.;",
    b"d:-1.5E-10;",
    b"d:-INF;",
    b"d:NAN;",
    b's:0:"";',
    b's:5:"";s:"";',
    b'S:3:"a\\41b";',
    b"a:0:{}",
    b'a:2:{i:0;N;s:1:"k";a:1:{i:-7;b:0;}}',
    b'O:8:"stdClass":1:{s:4:"\0*\0x";i:1;}',
    b'O:7:"Nowhere":0:{}',
    b'C:11:"ArrayObject":21:{x:i:0;a:0:{};m:a:0:{}}',
    b"a:2:{i:0;i:5;i:1;R:2;}",
    b"i:1;surplus",
]
INVALID = [
    b"",
    b"N",
    b"b:2;",
    b"i:;",
    b"d:.;",
    b"d:e5;",
    b's:3:"ab";',
    b's:1:"ab";',
    b's:2:"ab"',
    b"s:2:ab;",
    b's:99:"ab";',
    b's:-2:"ab";',
    b'S:3:"a\\4xb";',
    b"a:1:{}",
    b"a:0:{i:0;N;}",
    b"a:1:{i:0;N;",
    b"a:1:{d:0.5;N;}",
    b"a:1:{a:0:{}N;}",
    b"a:99999999999:{}",
    b'O:9:"stdClass":0:{}',
    b'C:11:"ArrayObject":22:{x:i:0;a:0:{};m:a:0:{}}',
    b"x:1;",
]


@pytest.mark.parametrize("value", VALID)
def test_what_is_complete_is_valid(value: bytes) -> None:
    """A whole token, with anything behind it."""
    assert valid(value)


@pytest.mark.parametrize("value", INVALID)
def test_what_is_not_complete_is_invalid(value: bytes) -> None:
    """A wrong length, count, terminator or key."""
    assert not valid(value)


def test_php_is_of_the_same_opinion() -> None:
    """Both lists are PHP's own."""
    if shutil.which("php") is None:
        pytest.skip("php is not installed (Debian: php-cli)")
    script = "while($l=fgets(STDIN))echo @unserialize(base64_decode($l))!==false?'y':'n';"
    # Inside an array, because `unserialize` answers false for a valid false as well.
    values = [b"a:1:{i:0;" + value + b"}" for value in VALID[:-1] + INVALID[1:]]
    lines = b"".join(base64.b64encode(value) + b"\n" for value in values)
    run = subprocess.run(
        ["php", "-r", script], input=lines, capture_output=True, check=True, timeout=60
    )
    assert run.stdout.decode() == "y" * len(VALID[:-1]) + "n" * len(INVALID[1:])
