# SPDX-License-Identifier: Apache-2.0
"""What the mover has written is a site: the site image serves it to people."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib import parse

import pytest

from tests import live_site, site_container, site_image
from tests.integration.guard.furnishing import log_in
from tests.integration.mover.test_live_site import live, prepare

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.live_site import LiveSite
    from tests.site_container import Site

__all__ = ["live"]
pytestmark = [pytest.mark.database, pytest.mark.wordpress]


@pytest.fixture(scope="module")
def image_root() -> Iterator[Path]:
    """Give the site image's root file system."""
    if lacking := site_image.missing():
        pytest.skip(lacking)
    with site_image.image() as root:
        yield root


def serve(job: Job, image: Path, prefix: str) -> Site:
    """Start the site image on what a job has written."""
    folder = job.home / "site"
    for path in (folder, *folder.rglob("*")):
        os.chown(path, site_container.USER, site_container.USER, follow_symlinks=False)
    for above in job.home.parents:
        if above.name.startswith("pytest"):
            above.chmod(0o755)
    job.home.chmod(0o755)
    environment = {"WORDPRESS_TABLE_PREFIX": prefix}
    site = site_container.Site(
        image, folder, job.login, job.server, environment, job.uid, job.target
    )
    site.start()
    return site


def test_a_copied_site_shows_its_pages_and_lets_its_administrator_in(
    live: LiveSite,
    job: Job,
    image_root: Path,
) -> None:
    """Front page, entry, stylesheet and dashboard come from the clone and name only the clone."""
    prepare(live, job)
    assert job.run().code == 0
    site = serve(job, image_root, live_site.PREFIX)
    try:
        visitor = site.get(f"/?wpclone-key={site.gate_key}", cookies={}).cookies
        front = site.get("/", cookies=visitor)
        assert front.status == 200, (front, site.log()[-2000:])
        assert "Acme &amp; Sons" in front.body or "Acme &#038; Sons" in front.body
        assert "Entry 59" in front.body
        assert live.url not in front.body
        styles = re.findall(rf"{job.target}(/wp-(?:content|includes)/[^'\"? ]+\.css)", front.body)
        assert {site.get(path, cookies=visitor).status for path in styles} <= {200}
        entry = site.get("/entry-7/", cookies=visitor)
        assert (entry.status, "Entry 7" in entry.body) == (200, True)
        assert site.get("/", cookies={}).status == 401
        inside = log_in(site, job.username, job.password).cookies
        dashboard = site.get("/wp-admin/", cookies={**visitor, **inside})
        assert (dashboard.status, "Clone administrator" in dashboard.body) == (200, True)
        theirs = log_in(site, live_site.ADMINISTRATOR, parse.quote(live_site.PASSWORD))
        assert any("logged_in" in name for name in theirs.cookies)
    finally:
        site.stop()


def test_a_blank_site_is_an_empty_wordpress(job: Job, image_root: Path) -> None:
    """The image brings theme and core; title and administrator are the clone's."""
    assert job.run().code == 0
    site = serve(job, image_root, "wp_")
    try:
        visitor = site.get(f"/?wpclone-key={site.gate_key}", cookies={}).cookies
        front = site.get("/", cookies=visitor)
        assert (front.status, "A début" in front.body) == (200, True), front
        assert "blank.invalid" not in front.body
        inside = log_in(site, job.username, job.password).cookies
        dashboard = site.get("/wp-admin/", cookies={**visitor, **inside})
        assert (dashboard.status, "upgrade.php" in dashboard.body) == (200, False)
    finally:
        site.stop()
