# SPDX-License-Identifier: Apache-2.0
"""A copy that goes on in another session keeps to what the site was when it began."""

from __future__ import annotations

from tests.integration.sources.opening import Open
from tests.live_site import PREFIX, LiveSite
from wpclone.mover.sources.site.source import SiteSource
from wpclone.mover.spool import view

LATE = (
    "$id = wp_insert_post( array( 'post_title' => 'late post', 'post_status' => 'publish' ) );"
    "add_post_meta( $id, 'late_key', 'late value' ); echo $id;"
)


def sql(source: SiteSource, name: str) -> bytes:
    """Return all that a source gives of a table."""
    table = next(found for found in source.tables() if found.name == PREFIX + name)
    return b"".join(view(piece.sql) for piece in source.rows(table, None))


def test_rows_written_between_two_sessions_stay_out(site: LiveSite, open_site: Open) -> None:
    """A later session that begins again under the first one's marks gives the first one's rows."""
    begun = open_site().beginning()
    made = site.php(LATE)
    site.query(
        f"CREATE TABLE {PREFIX}new (id INT PRIMARY KEY)", f"INSERT INTO {PREFIX}new VALUES (7)"
    )
    try:
        later = open_site()
        assert b"late post" in sql(later, "posts")
        later.begin_again(begun.marks)
        assert b"late post" not in sql(later, "posts")
        assert b"late_key" not in sql(later, "postmeta")
        assert b"7" in sql(later, "new")
        again = later.beginning().marks
        assert {name: again[name] for name in begun.marks} == begun.marks
    finally:
        site.query(f"DROP TABLE {PREFIX}new")
        site.php(f"wp_delete_post( {int(made)}, true );")


def test_r15_an_update_shows_in_the_versions(site: LiveSite, open_site: Open) -> None:
    """The same site says the same twice; an active plugin's new version is told by its name."""
    plugin = site.html / "wp-content/plugins/news.php"
    plugin.write_text("<?php\n/* Plugin Name: News\nVersion: 1.0 */\n")
    site.php("activate_plugin( 'news.php' );")
    try:
        source = open_site()
        begun = source.beginning().versions
        assert begun == source.versions()
        assert begun["news.php"] == "1.0"
        plugin.write_text("<?php\n/* Plugin Name: News\nVersion: 1.1 */\n")
        assert source.versions() == {**begun, "news.php": "1.1"}
    finally:
        site.php("deactivate_plugins( 'news.php' );")
        plugin.unlink()
