# SPDX-License-Identifier: Apache-2.0
"""Asks PHP itself whether masked values are as readable as they were."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.mask.people import php as serialize
from tests.property.mask.people import trees
from tests.property.mask.test_stand_ins import KEY
from wpclone import mask
from wpclone.mask import Kind
from wpclone.mask.maker import Maker

ORACLE = Path(__file__).with_name("oracle.php")
RULES = mask.read(Path(mask.__file__).with_name("rules.yaml").read_text("utf-8"))


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


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=trees)
def test_php_reads_what_was_masked(php: subprocess.Popen[bytes], tree: Any) -> None:
    """Every level is valid, has its members, and holds no address that was there before."""
    seen = mask.Seen(KEY)
    old = serialize(tree)
    for kind in (Kind.DATA, Kind.ANSWER, Kind.SHAPE):
        new = Maker(RULES, KEY, seen).make(kind, old, "acme")
        assert asked(php, old, new) == b"alike", (kind, new)
        assert not [hit for hit in mask.Canary(KEY, seen).hits(new, None) if hit[1]]


def test_the_oracle_can_say_no(php: subprocess.Popen[bytes]) -> None:
    """An oracle that always agrees would prove nothing."""
    assert asked(php, b's:3:"old";', b's:4:"new";') == b"different"
    assert asked(php, b'a:1:{s:1:"a";i:1;}', b'a:1:{s:1:"b";i:1;}') == b"different"
