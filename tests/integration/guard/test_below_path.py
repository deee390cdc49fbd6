# SPDX-License-Identifier: Apache-2.0
"""A clone of a site below a path keeps the path: its pages link to each other with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import mariadb, site_container
from tests.integration.guard.conftest import deployed_environment
from tests.integration.guard.furnishing import ADMINISTRATOR, furnish, install, log_in, write
from tests.site_container import HEALTH, Site

BASE = "/shop/blog.v2"
PHOTO = "/wp-content/uploads/2026/photo.jpg"
# What WordPress itself writes for a site below a path.
HTACCESS = f"""RewriteEngine On
RewriteBase {BASE}/
RewriteRule ^index\\.php$ - [L]
RewriteCond %{{REQUEST_FILENAME}} !-f
RewriteCond %{{REQUEST_FILENAME}} !-d
RewriteRule . {BASE}/index.php [L]
"""


@pytest.fixture(scope="module")
def below(image_root: Path, database: mariadb.Server) -> Iterator[Site]:
    """Give a WordPress whose address has a path."""
    address = {"WPCLONE_TARGET_URL": f"{Site.url}{BASE}"}
    environment = {**deployed_environment(), **address}
    with site_container.site(image_root, database, environment) as site:
        furnish(site)
        install(site)
        yield site


@pytest.fixture(scope="module")
def guest(below: Site) -> Mapping[str, str]:
    """Give the cookies of somebody who came by the visit link."""
    return below.get(f"{BASE}/?wpclone-key={below.gate_key}", cookies={}).cookies


@pytest.mark.parametrize(
    "path", ["/", f"{BASE}/", BASE + PHOTO, PHOTO, "/elsewhere", f"{BASE}/wp-admin/", "/wp-admin/"]
)
def test_a_stranger_meets_the_gate_everywhere(below: Site, path: str) -> None:
    """The path opens nothing, and neither does leaving it out."""
    answer = below.get(path, cookies={})
    assert answer.status == 401
    assert answer.headers["x-wpclone-uid"] == below.uid
    assert "JPEG" not in answer.body


def test_the_gate_leads_to_the_login_form_below_the_path(below: Site) -> None:
    """The form that a stranger may see is the site's own."""
    assert f'href="{Site.url}{BASE}/wp-login.php?' in below.get(f"{BASE}/", cookies={}).body
    assert below.get(f"{BASE}/wp-login.php", cookies={}).status == 200
    assert below.get("/wp-login.php", cookies={}).status == 401


@pytest.mark.parametrize("rules", [None, HTACCESS], ids=["no rules", "the site's own rules"])
def test_pages_and_files_are_below_the_path(
    below: Site, guest: Mapping[str, str], rules: str | None
) -> None:
    """Home, a page by its pretty address and a picture, whatever .htaccess says."""
    file = below.html / ".htaccess"
    if rules:
        write(file, rules)
    try:
        assert below.get(f"{BASE}/", cookies=guest).status == 200
        assert below.get(f"{BASE}/sample-page/", cookies=guest).status == 200
        assert below.get(f"{BASE}/no-such-page/", cookies=guest).status == 404
        assert below.get(BASE + PHOTO, cookies=guest).body == "JPEG"
    finally:
        file.unlink(missing_ok=True)


@pytest.mark.parametrize("path", ["/elsewhere/", PHOTO, "/wp-login.php", "/shop/blogxv2/", "/shop"])
def test_beside_the_path_there_is_nothing(below: Site, guest: Mapping[str, str], path: str) -> None:
    """The source may have something else there; the clone has not copied it."""
    assert below.get(path, cookies=guest).status == 404


def test_the_bare_host_leads_to_the_site(below: Site, guest: Mapping[str, str]) -> None:
    """Whoever types the host alone arrives, and so does the path without its last slash."""
    for path in ("/", BASE):
        answer = below.get(path, cookies=guest)
        assert answer.status in (301, 302)
        assert urlsplit(answer.headers["location"]).path == f"{BASE}/"


def test_the_administrator_works_below_the_path(below: Site, guest: Mapping[str, str]) -> None:
    """Login, dashboard and the walls around what is never served."""
    entered = log_in(below, *ADMINISTRATOR, base=BASE)
    assert entered.headers["location"] == f"{Site.url}{BASE}/wp-admin/"
    assert below.get(f"{BASE}/wp-admin/", cookies=entered.cookies).status == 200
    write(below.html / "wp-content/uploads/evil.php", "<?php echo 'ran';")
    for closed in ("/wp-content/uploads/evil.php", "/wp-admin/install.php"):
        assert below.get(BASE + closed, cookies=guest).status == 403
    assert below.get(HEALTH, cookies={}).status == 200
