# SPDX-License-Identifier: Apache-2.0
"""A slice of the 5 GB site, with every kind of table, value and file, arrives whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from local import rootfs
from local.sample.profiles import SLICE
from tests import live_site
from tests.integration.mover import largesite
from tests.integration.mover.jobs import Job
from tests.integration.mover.test_live_site import prepare

if TYPE_CHECKING:
    from tests.live_site import LiveSite
    from tests.mariadb import Server

pytestmark = [pytest.mark.database, pytest.mark.wordpress]

TABLES = 7


@pytest.fixture(scope="module")
def live(server: Server) -> Iterator[LiveSite]:
    """Run a slice of the large site."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    with live_site.live(server) as site:
        site.enlarge(SLICE)
        site.visit()
        yield site


def test_every_row_and_file_of_a_large_site_arrives(live: LiveSite, job: Job) -> None:
    """Each table is the reference engine's, each file the source's; what stays behind is named."""
    prepare(live, job)
    wanted = largesite.expected(live, job.target)
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    assert largesite.differing(live, wanted, job) == []
    assert largesite.files(job.root) == largesite.files(live.html)
    assert result.outcome["proof"]["residualURLs"] == 0
    skipped = {one["what"] for one in result.outcome["import"]["skipped"]}
    assert {"acme_large_paid", "acme_large_touch"} <= skipped


def test_generating_it_again_makes_the_same_site(live: LiveSite) -> None:
    """The seed decides every row and file; what failed once can be made again."""
    names = [name for name in largesite.tables(live) if "_large_" in name]
    assert len(names) == TABLES

    def made() -> tuple[object, ...]:
        return live.query(f"CHECKSUM TABLE {','.join(names)}"), largesite.files(live.html)

    before = made()
    shutil.rmtree(live.html / "wp-content" / "uploads")
    live.query(
        f"SET STATEMENT foreign_key_checks = 0 FOR DROP TABLE {','.join(names)}",
        "DROP VIEW acme_large_paid",
        "DELETE FROM acme_posts WHERE ID > 1000000",
        "DELETE FROM acme_postmeta WHERE post_id > 1000000",
        "DELETE FROM acme_options WHERE option_name = 'acme_heavy'",
    )
    live.enlarge(SLICE)
    live.visit()  # WordPress makes its menu anew, which was among the posts
    assert made() == before
