# SPDX-License-Identifier: Apache-2.0
"""A table that was half loaded when the mover died goes on where it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.mover import sites
from tests.integration.mover.jobs import Job
from tests.integration.mover.pauses import Pause

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Result
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

# Somewhere in the dozen pieces of the posts.
MIDDLE = 24
LATER = "written after the kill"


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source")


def killed(job: Job, site: Site, home: Path) -> int:
    """Kill an import in the middle of the posts; return how many of them are in."""
    pause = Pause(home)
    site.feed(job, **pause.plan(MIDDLE))
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    ((there,),) = job.rows("SELECT COUNT(*) FROM wp_posts")
    assert 0 < there < sites.POSTS
    return int(there)


def resumed(job: Job, site: Site) -> Result:
    """Change every post on the source, so that it shows when it was fetched; then go on."""
    site.server.execute(f"UPDATE wp_posts SET post_title = '{LATER}'", schema=site.schema)
    site.feed(job)
    result = job.run()
    assert result.code == 0, result
    return result


def fetched_later(job: Job) -> int:
    """Return how many posts were fetched after the kill."""
    ((count,),) = job.rows(f"SELECT COUNT(*) FROM wp_posts WHERE post_title = '{LATER}'")
    return int(count)


def test_rows_that_are_in_are_not_fetched_again(job: Job, site: Site, tmp_path: Path) -> None:
    """Only what was missing comes, and the report counts every row once."""
    there = killed(job, site, tmp_path)
    result = resumed(job, site)
    ((posts,),) = site.server.execute("SELECT COUNT(*) FROM wp_posts", schema=site.schema)
    assert job.rows("SELECT COUNT(*) FROM wp_posts") == [(posts,)]
    assert fetched_later(job) == int(str(posts)) - there
    assert result.outcome["import"]["rows"] == result.outcome["inspection"]["rows"]


def test_the_proof_of_a_resumed_import_is_that_of_an_undisturbed_one(
    job: Job, site: Site, server: Server, tmp_path: Path
) -> None:
    """What the rewriter saw before the kill is counted, and counted once."""
    home = tmp_path / "whole"
    home.mkdir()
    whole = Job.make(server, home)
    site.feed(whole)
    wanted = whole.run().outcome
    killed(job, site, tmp_path)
    site.feed(job)
    found = job.run().outcome
    assert found["proof"] == wanted["proof"]
    for name in ("tables", "rows", "bytes"):
        assert found["import"][name] == wanted["import"][name]


@pytest.mark.parametrize(
    ("meanwhile", "statement"),
    [
        ("the table has another shape", "ALTER TABLE wp_posts ADD COLUMN extra INT DEFAULT 7"),
        ("the source was updated", "UPDATE wp_options SET option_value = '60999'"
         " WHERE option_name = 'db_version'"),
    ],
)  # fmt: skip
def test_a_table_that_may_have_changed_comes_whole(
    job: Job, site: Site, tmp_path: Path, meanwhile: str, statement: str
) -> None:
    """Halves of two different tables are never put together."""
    killed(job, site, tmp_path)
    site.server.execute(statement, schema=site.schema)
    resumed(job, site)
    posts: Any = site.server.execute("SELECT COUNT(*) FROM wp_posts", schema=site.schema)
    assert fetched_later(job) == posts[0][0], meanwhile


def test_a_table_without_transactions_begins_anew(job: Job, site: Site, tmp_path: Path) -> None:
    """Any part of its last piece may be in, so none of it is trusted."""
    site.server.execute("ALTER TABLE wp_posts ENGINE=MyISAM", schema=site.schema)
    killed(job, site, tmp_path)
    resumed(job, site)
    posts: Any = site.server.execute("SELECT COUNT(*) FROM wp_posts", schema=site.schema)
    assert fetched_later(job) == posts[0][0]
