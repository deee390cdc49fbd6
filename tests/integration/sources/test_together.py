# SPDX-License-Identifier: Apache-2.0
"""Several clones of one site look at it at the same time, with the same administrator's login."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.sources.opening import LOGIN, job, opened
from tests.integration.sources.people import visit
from tests.integration.sources.test_coming_and_going import settles
from tests.live_site import LiveSite
from wpclone.mover.sources import agent_zip, open_source

pytestmark = pytest.mark.wordpress

TOGETHER = 5


def test_five_come_together_see_the_same_and_leave_nothing(site: LiveSite) -> None:
    """WordPress loses logins of one user that come at once: each of the five gets in all the same.

    The last one to leave takes the plugin away.
    """

    def look(_: int) -> int:
        source = open_source(job(site.url), LOGIN, None)
        try:
            # Not rows: each login writes one, and each logout takes it away.
            return source.inspect().tables
        finally:
            source.close(finished=True)

    with ThreadPoolExecutor(TOGETHER) as pool:
        assert len(set(pool.map(look, range(TOGETHER)))) == 1
    assert settles(lambda: agent_zip.SLUG not in site.plugins())


def test_a_visitor_does_not_notice_that_the_plugin_goes(site: LiveSite) -> None:
    """Its files vanish one by one, also in the middle of an ordinary request."""
    with opened(site.url):
        shutil.rmtree(site.html / "wp-content" / "plugins" / agent_zip.SLUG / "includes")
        assert visit(site) == 200
