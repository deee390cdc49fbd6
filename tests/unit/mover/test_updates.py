# SPDX-License-Identifier: Apache-2.0
"""What counts as an update of the source, and which tables come once more after it."""

from __future__ import annotations

import pytest

from wpclone.mover import updates
from wpclone.mover.sources.base import Table

TABLES = (
    Table("wp_options", 10, 900_000_000, b""),
    Table("wp_posts", 10, 900_000_000, b""),
    Table("wp_small", 10, 1_000, b""),
)


def test_what_comes_goes_or_changes_is_an_update() -> None:
    """Versions are compared by name, in both directions."""
    before = {"WordPress": "6.8", "a.php": "1", "b.php": "1", "same.php": "1"}
    now = {"WordPress": "6.8", "a.php": "2", "c.php": "1", "same.php": "1"}
    assert updates.changed(before, now) == ["a.php", "b.php", "c.php"]
    assert updates.changed(before, dict(before)) == []


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["a.php"], ["wp_options", "wp_small"]),
        (["the theme"], ["wp_options", "wp_small"]),
        (["WordPress", "a.php"], ["wp_options", "wp_posts", "wp_small"]),
        (["the database"], ["wp_options", "wp_posts", "wp_small"]),
    ],
)
def test_content_comes_once_more_only_if_its_shape_may_have_changed(
    names: list[str], wanted: list[str]
) -> None:
    """Options always, small tables always, large ones after a new version of WordPress itself."""
    assert updates.again(TABLES, names, "wp_") == wanted


def test_a_source_that_is_updated_for_ever_is_told_and_tried_again() -> None:
    """The reason names what changes; the Job may go on later."""
    error = updates.endless(["a.php", "b.php", "c.php", "d.php"])
    assert error.retryable
    assert "(a.php, b.php, c.php)" in error.message
