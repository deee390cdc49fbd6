# SPDX-License-Identifier: Apache-2.0
"""Asks PHP itself about rewritten values."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from tests.engines import Engine, each_engine
from tests.property.rewrite.php_values import Both, unhurried, values
from wpclone.rewrite import Counts

ORACLE = Path(__file__).with_name("oracle.php")


@pytest.fixture(scope="module")
def php() -> Iterator[subprocess.Popen[bytes]]:
    """Start one PHP that answers line by line."""
    if shutil.which("php") is None:
        pytest.skip("php is not installed (Debian: php-cli)")
    with subprocess.Popen(
        ["php", ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def asked(php: subprocess.Popen[bytes], old: bytes, new: bytes) -> bytes:
    """Give PHP's verdict about a pair of values."""
    assert php.stdin is not None
    assert php.stdout is not None
    php.stdin.write(base64.b64encode(old) + b"\t" + base64.b64encode(new) + b"\n")
    php.stdin.flush()
    return php.stdout.readline().strip()


@each_engine
@unhurried
@given(both=values)
def test_php_finds_the_same_shape_before_and_after(
    engine: Engine, php: subprocess.Popen[bytes], both: Both
) -> None:
    """PHP reads the new value completely, and member by member it is the old one, moved."""
    new = engine.rewriter.value(both.old, Counts())
    assert asked(php, both.old, new) == b"same"


def test_the_oracle_can_say_no(php: subprocess.Popen[bytes]) -> None:
    """An oracle that always agrees would prove nothing."""
    assert asked(php, b's:3:"old";', b's:3:"new";') == b"different"
    assert asked(php, b"i:1;", b'a:1:{i:0;s:9:"x";}') == b"different"
