# SPDX-License-Identifier: Apache-2.0
"""A source that lives on while it is copied gives one state of itself, not a mixture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.mover import sites
from tests.integration.mover.pauses import Pause

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

# Options and postmeta have arrived by then, and some of the posts.
MIDDLE = 31
UPDATED = "UPDATE wp_options SET option_value = '{}' WHERE option_name = '{}'"


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source")


def updated(job: Job, site: Site, home: Path, *changes: str) -> None:
    """Run an import during which the source is changed, to its end."""
    pause = Pause(home)
    site.feed(job, **pause.plan(MIDDLE))
    process = job.start()
    pause.wait()
    assert job.rows("SELECT done FROM wpcloneprogress WHERE name = 'wp_options'") == [(1,)]
    site.server.execute(*changes, schema=site.schema)
    pause.release()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_r15_small_tables_of_a_source_that_was_updated_come_once_more(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """A plugin that was updated meanwhile has its new settings, like its new files."""
    active = 'a:1:{i:0;s:11:"new/new.php";}'
    updated(job, site, tmp_path, UPDATED.format(active, "active_plugins"))
    options = job.rows("SELECT option_value FROM wp_options WHERE option_name = 'active_plugins'")
    assert options == [(active,)]


def test_r15_a_source_that_changes_its_shape_is_copied_whole_once_more(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """A new version of WordPress may have changed each of its tables, whatever their size."""
    updated(
        job,
        site,
        tmp_path,
        UPDATED.format("60999", "db_version"),
        "ALTER TABLE wp_links ADD COLUMN since_update INT NOT NULL DEFAULT 7",
    )
    assert job.rows("SHOW COLUMNS FROM wp_links LIKE 'since_update'")
    assert job.rows("SELECT option_value FROM wp_options WHERE option_name = 'db_version'") == [
        ("60999",)
    ]


def test_a_resumed_import_keeps_to_the_rows_it_began_with(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """A post written between two pods stays out: what belongs to it may have been copied before."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(MIDDLE))
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    count = site.server.execute("SELECT COUNT(*) FROM wp_posts", schema=site.schema)
    site.server.execute(
        "INSERT INTO wp_posts (post_title, post_content, post_excerpt, to_ping, pinged,"
        " post_content_filtered) VALUES ('late', '', '', '', '', '')",
        schema=site.schema,
    )
    site.feed(job)
    result = job.run()
    assert result.code == 0, result
    assert job.rows("SELECT COUNT(*) FROM wp_posts") == count
    assert job.rows("SELECT * FROM wp_posts WHERE post_title = 'late'") == []
