# SPDX-License-Identifier: Apache-2.0
"""Which files and tables come along."""

from __future__ import annotations

import pytest

from wpclone.mover import exclusions


@pytest.mark.parametrize(
    "path",
    [
        b"wp-content/uploads/2024/a.jpg",
        b"wp-content/mu-plugins/must.php",
        b"wp-content/languages/de_DE.mo",
        b"wp-content/plugins/cache-enabler/cache-enabler.php",
        b"wp-content/plugins/x/object-cache.php",
        b"wp-content/uploads/backups.png",
        b"robots.txt",
        b"ads.txt",
        b"google1234567890abcdef.html",
        b".well-known/security.txt",
        b"wp-content/uploads/\xff\xfe \n.txt",
    ],
)
def test_p36_content_and_listed_root_files_come_along(path: bytes) -> None:
    """Must-use plugins, languages and verification files are not forgotten."""
    assert exclusions.unsafe(path) is None
    assert exclusions.left_out(path) is None


@pytest.mark.parametrize(
    "path",
    [
        b"wp-config.php",
        b"index.php",
        b".htaccess",
        b"wp-admin/index.php",
        b"wp-contents/x.php",
        b"backup.sql",
        b"wp-content/object-cache.php",
        b"wp-content/db.php",
        b"wp-content/advanced-cache.php",
        b"wp-content/sunrise.php",
        b"wp-content/cache/x.html",
        b"wp-content/upgrade/x.php",
        b"wp-content/updraft/db.gz",
        b"wp-content/ai1wm-backups/x.wpress",
        b"wp-content/debug.log",
        b"wp-content/plugins/x/.git/config",
        b"wp-content/plugins/wpclone-agent/wpclone-agent.php",
        b"robots.txt/../wp-config.php",
    ],
)
def test_p36_everything_else_stays_behind_with_a_reason(path: bytes) -> None:
    """Configuration, core, drop-ins, caches, backups, version control and our own plugin."""
    assert exclusions.left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        b"/etc/passwd",
        b"wp-content/../wp-config.php",
        b"wp-content/./x",
        b"wp-content//x",
        b"wp-content/x/",
        b"",
        b"..",
        b"wp-content/a\0b",
        b"wp-content/" + b"x" * 256,
        b"wp-content/" + b"x/" * 3000 + b"y",
    ],
)
def test_s17_paths_that_lead_elsewhere_are_unsafe(path: bytes) -> None:
    """Absolute, climbing, empty, endless and cut names never reach the file system."""
    assert exclusions.unsafe(path)


def test_text_is_told_by_its_ending() -> None:
    """Code is never text; letters' case does not matter."""
    assert exclusions.is_text(b"wp-content/a.CSS")
    assert exclusions.is_text(b"wp-content/a.min.js")
    assert not exclusions.is_text(b"wp-content/a.php")
    assert not exclusions.is_text(b"wp-content/css")
    assert not exclusions.is_text(b"wp-content/a.css.gz")


def test_rows_of_visitors_stay_behind() -> None:
    """Sessions and logs come as structure only, under the site's own prefix."""
    assert exclusions.structure_only("wp_woocommerce_sessions", "wp_")
    assert exclusions.structure_only("wp_posts", "wp_") is None
    assert exclusions.structure_only("wp_my_woocommerce_sessions", "wp_") is None
