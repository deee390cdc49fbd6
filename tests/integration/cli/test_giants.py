# SPDX-License-Identifier: Apache-2.0
"""Passes literals of hundreds of megabytes through the filter, in the memory of a small one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.programs import WPCLONE, measured

OLD, NEW = b"https://old.example", b"https://copy.clones.test"
SIZE = 200_000_000
# The spool's pages apart, which the kernel takes back when it likes.
MOST_KIB = 64 * 1024
LINE = b"Lorem ipsum dolor sit amet. " * 40 + b'<a href=\\"%s/x\\">\\n'


def text(address: bytes) -> Iterator[bytes]:
    """Make one long text."""
    yield b"INSERT INTO `wp_posts` VALUES (1,'"
    for _ in range(SIZE // len(LINE)):
        yield LINE % address
    yield b"');\n"


def string(address: bytes) -> Iterator[bytes]:
    """Make one serialized string: its length precedes everything."""
    line = b"Lorem ipsum dolor sit amet. " * 40 + b"<a href=%s/x>" % address
    many = SIZE // 1_200
    yield b"INSERT INTO `wp_options` VALUES (1,'big','a:1:{i:0;s:%d:\\\"" % (many * len(line))
    for _ in range(many):
        yield line
    yield b"\\\";}','no');\n"


def array(address: bytes) -> Iterator[bytes]:
    """Make one array of millions of addresses."""
    member = b's:%d:\\"%s/x\\";' % (len(address) + 2, address)
    many = SIZE // 40
    yield b"INSERT INTO `wp_options` VALUES (1,'big','a:%d:{" % many
    for number in range(0, many, 1000):
        yield b"".join(b"i:%d;%s" % (n, member) for n in range(number, number + 1000))
    yield b"}','no');\n"


@pytest.mark.parametrize("make", [text, string, array])
def test_a_giant_literal_needs_no_giant_memory(
    tmp_path: Path, make: Callable[[bytes], Iterator[bytes]]
) -> None:
    """The bytes are those of the dump with the new address, and the peak stays below 64 MiB."""
    source, sink = tmp_path / "dump.sql", tmp_path / "out.sql"
    with source.open("wb") as file:
        file.writelines(make(OLD))
    wanted = hashlib.sha256()
    for part in make(NEW):
        wanted.update(part)
    command = [WPCLONE, "rewrite", "--from", OLD.decode(), "--to", NEW.decode()]
    used = measured(command, source, sink, tmp_path)
    with sink.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == wanted.digest()
    assert used.status == 0
    assert 0 < used.peak < MOST_KIB
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.sql", "out.sql", "used"]
