# SPDX-License-Identifier: Apache-2.0
"""A real site is read no faster than its owner allows, and nothing of a file is read twice."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator

import pytest

from tests.integration.sources.opening import Open
from tests.live_site import LiveSite
from wpclone.mover.sources.base import FileInfo

RATE = 500_000
SIZE = 2_000_000


@pytest.fixture
def large(site: LiveSite) -> Iterator[FileInfo]:
    """Put a file onto the site that takes four seconds at the rate."""
    path = site.html / "wp-content" / "uploads" / "large.bin"
    path.write_bytes(os.urandom(SIZE))
    site.own()
    yield FileInfo(b"wp-content/uploads/large.bin", SIZE, int(path.stat().st_mtime))
    path.unlink()


def test_no_more_comes_than_the_rate_allows(open_site: Open, large: FileInfo) -> None:
    """The file is whole, took as long as the rate says, and came in small replies."""
    source = open_site(rate=RATE)
    begun = time.monotonic()
    chunks = list(source.fetch([large]))
    assert sum(len(chunk.data) for chunk in chunks) == SIZE
    # The last reply, at most a second's worth, is not waited for.
    assert time.monotonic() - begun > SIZE / RATE - 1.5
    assert source._agent.pace.bytes <= RATE


def test_a_file_goes_on_after_what_is_there(open_site: Open, large: FileInfo) -> None:
    """The rest of it comes; of another version of it, everything."""
    source = open_site()
    have = 1_500_000
    rest = list(source.fetch([dataclasses.replace(large, have=have)]))
    assert rest[0].offset == have
    assert sum(len(chunk.data) for chunk in rest) == SIZE - have
    other = dataclasses.replace(large, have=have, mtime=large.mtime - 1)
    assert next(iter(source.fetch([other]))).offset == 0
