# SPDX-License-Identifier: Apache-2.0
"""Says when the benchmark complains, and what its dumps are."""

from __future__ import annotations

import pytest

from bench import dumps, telling
from bench.__main__ import problems
from bench.rewrite import Figure
from bench.running import Used
from tests.engines import NATIVE
from wpclone.rewrite import Pair
from wpclone.rewrite.counts import Counts


def figure(way: str, seconds: float, peak: float = 9) -> Figure:
    """Make a figure of one dump."""
    return Figure("realistic", way, 100_000_000, Used(seconds, [peak], [seconds]))


@pytest.mark.parametrize(
    ("ours", "complains"),
    [
        (figure("wpclone rewrite", 1), []),
        (figure("wpclone rewrite", 3), ["realistic: 33 MB/s, where sed makes 100 MB/s"]),
        (figure("wpclone rewrite", 1, 70), ["realistic: a peak of 70 MiB"]),
    ],
)
def test_a_slow_or_large_filter_is_noticed(ours: Figure, complains: list[str]) -> None:
    """Slower than sed's script by far, or more than 64 MiB."""
    assert problems([figure("sed, all variants", 1), ours]) == complains


def test_the_table_has_a_line_for_each_figure() -> None:
    """Rates, processor time and memory; bars for the filters."""
    seen = [figure("dump | load", 5), figure("cat", 0.1), figure("wpclone rewrite", 0.5)]
    assert (
        telling.table(seen).splitlines()[-1] == "| realistic | wpclone rewrite | 200 | 0.50 | 9 |"
    )
    assert telling.picture(seen).count("<rect") == 2  # the ground, and a filter


@pytest.mark.parametrize("name", dumps.DUMPS)
def test_the_dumps_are_what_they_say(name: str) -> None:
    """Valid serialized data, with addresses where the name says so, the same every time."""
    data = b"".join(dumps.DUMPS[name](300_000))
    assert data == b"".join(dumps.DUMPS[name](300_000))
    stream = NATIVE.stream(NATIVE.mapping([Pair(dumps.OLD, dumps.NEW)]))
    passed = b"".join([*stream.feed(data), *stream.close()])
    counts: Counts = stream.counts
    assert (counts.invalid_before, counts.residual, counts.unsupported) == (0, 0, 0)
    assert (counts.rewritten > 0) == (passed != data) == (name != "no match")
