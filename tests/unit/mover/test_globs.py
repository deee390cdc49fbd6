# SPDX-License-Identifier: Apache-2.0
"""Which paths and names a person's pattern means."""

from __future__ import annotations

import time

import pytest

from wpclone.mover import globs

PATHS: dict[str, tuple[str, str, bool]] = {
    "a file by its whole path": ("wp-content/a.mp4", "wp-content/a.mp4", True),
    "a folder with all that is in it": (
        "wp-content/uploads/2019",
        "wp-content/uploads/2019/a/b",
        True,
    ),
    "a slash at the end changes nothing": (
        "wp-content/uploads/2019/",
        "wp-content/uploads/2019/a",
        True,
    ),
    "a longer name is another one": (
        "wp-content/uploads/2019",
        "wp-content/uploads/20190/a",
        False,
    ),
    "a path begins at the site's folder": ("uploads/2019", "wp-content/uploads/2019/a", False),
    "a star stays within a name": ("wp-content/*.mp4", "wp-content/uploads/a.mp4", False),
    "a star may be in the middle": ("wp-content/up*ds/a?c", "wp-content/uploads/abc", True),
    "two stars are any folders": ("wp-content/**/*.mp4", "wp-content/uploads/2019/01/a.mp4", True),
    "two stars may be none": ("wp-content/**/*.mp4", "wp-content/a.mp4", True),
    "two stars find a later place": ("**/cache/**/x", "wp-content/cache/a/cache/x", True),
    "two stars in front": ("**/node_modules", "wp-content/themes/a/node_modules/b/c.js", True),
    "two stars demand what follows": ("wp-content/**/a/b", "wp-content/a/c/b", False),
    "one of some characters": ("wp-content/uploads/201[0-8]", "wp-content/uploads/2017/a", True),
    "letters' case counts": ("wp-content/*.MP4", "wp-content/a.mp4", False),
    "a pattern longer than the path": ("wp-content/a/b", "wp-content/a", False),
}


@pytest.mark.parametrize("case", PATHS)
def test_a_path_is_matched(case: str) -> None:
    """The rule of .gitignore's anchored patterns: folders take all in them along."""
    pattern, path, wanted = PATHS[case]
    assert globs.path_matches(pattern, path.encode()) is wanted, case


def test_a_path_of_no_known_encoding_is_matched_too() -> None:
    """Old uploads have names in Latin-1; a star stands for them as well."""
    assert globs.path_matches("wp-content/caf*.jpg", b"wp-content/caf\xe9.jpg")
    assert globs.path_matches("wp-content/café.jpg", "wp-content/café.jpg".encode())


def test_no_pattern_takes_for_ever() -> None:
    """Patterns that make regular expressions explode end at once here."""
    path = b"/".join([b"a"] * 1500)
    begun = time.process_time()
    assert not globs.path_matches("/".join(["**", "a"] * 60) + "/b", path)
    assert not globs.path_matches("*a" * 100 + "b", b"a" * 255)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("redirection_404", "redirection_404", True),
        ("*_log", "mail_log", True),
        ("*_log", "mail_logs", False),
        ("wp_stats?", "wp_stats1", True),
    ],
)
def test_a_name_is_matched(pattern: str, name: str, *, wanted: bool) -> None:
    """Whole names only."""
    assert globs.name_matches(pattern, name) is wanted
