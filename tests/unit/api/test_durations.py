# SPDX-License-Identifier: Apache-2.0
"""Specifies durations as people write and read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpclone.api import durations


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("4h", 14_400), ("1h30m", 5_400), ("1h1m1s", 3_661)]
)
def test_durations_are_read(text: str, seconds: int) -> None:
    """Hours, minutes and seconds add up."""
    assert durations.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1d", "h", "4 h", "-1h", "1.5h", "Never", "1h1h1h1h", "4h\n"])
def test_what_is_no_duration_is_named(text: str) -> None:
    """Anything else is refused with a sentence that shows how it should look."""
    with pytest.raises(ValueError, match="is not a duration such as"):
        durations.parse(text)


@given(st.integers(0, 999_999 * 3600))
def test_writing_and_reading_agree(seconds: int) -> None:
    """What is written is read as the same length."""
    length = timedelta(seconds=seconds)
    assert durations.parse(durations.text(length)) == length


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (600, "10 min"),
        (3_660, "1 h 1 min"),
        (90_061, "1 day 1 h"),
        (172_800, "2 days"),
    ],
)
def test_durations_are_spoken(seconds: int, words: str) -> None:
    """A sentence shows a length in at most two parts."""
    assert durations.spoken(timedelta(seconds=seconds)) == words
