# SPDX-License-Identifier: Apache-2.0
"""Gate, badge and captured mail in a real Chromium, through TLS as an ingress ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import tls
from tests.e2e import browser, pictures
from tests.e2e.browser import Chromium
from tests.integration.guard.furnishing import ADMINISTRATOR
from tests.site_container import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def window(running: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Give a browser that finds the clone at its public address."""
    if reason := browser.missing():
        pytest.skip(reason)
    host = running.url.removeprefix("https://")
    certificate = tls.pair(tmp_path_factory.mktemp("tls"), host)
    with (
        tls.front(running.port, certificate) as port,
        browser.start({host: f"127.0.0.1:{port}"}, trust=[certificate.certificate]) as chromium,
    ):
        yield chromium


@pytest.fixture
def chromium(site: Site, window: Chromium) -> Iterator[Chromium]:
    """Give a window without cookies, in front of the clone in its first state."""
    assert site.uid
    with window.private() as fresh:
        yield fresh


def test_a_stranger_sees_the_gate_and_nothing_else(
    site: Site, chromium: Chromium, tmp_path: Path
) -> None:
    """The gate is drawn from one request, names itself, and leads to the login form."""
    look = chromium.look(f"{site.url}/hello-world/")
    (tmp_path / "gate.png").write_bytes(look.picture)
    assert look.status == 401
    assert look.title == "Private copy of a website"
    assert look.requests == {"acme-preview.clones.test": 1}
    with chromium.page() as page:
        page.goto(f"{site.url}/hello-world/")
        page.get_by_role("link", name="Log in").click()
        page.wait_for_selector("#user_login")
        assert "redirect_to=https%3A%2F%2Facme-preview.clones.test%2Fhello-world%2F" in page.url
        assert (
            page.locator("#wp-submit").evaluate("e => getComputedStyle(e).color")
            == "rgb(255, 255, 255)"
        )


def test_the_visit_link_shows_the_site_with_its_badge(
    site: Site, chromium: Chromium, tmp_path: Path
) -> None:
    """One click on the link and the visitor is in, sees the badge, and may come back."""
    site.tell(expiresAt="2030-01-01T18:04:11Z")
    look = chromium.look(f"{site.url}/?wpclone-key={site.gate_key}", hide="")
    (tmp_path / "visit.png").write_bytes(look.picture)
    assert (look.status, look.url) == (200, f"{site.url}/")
    assert "Clone of www.acme.test, ends 1 Jan 2030 18:04 UTC" in look.text
    assert "__Host-wpclone" in chromium.cookies(site.url)
    again = chromium.look(f"{site.url}/hello-world/")
    assert "Hello world!" in again.text
    assert again.failed == ()
    assert again.complaints == ()


def test_a_page_looks_like_itself_without_the_badge(site: Site, chromium: Chromium) -> None:
    """The badge is left out of a comparison; with it in, the pictures differ."""
    first = chromium.look(f"{site.url}/?wpclone-key={site.gate_key}")
    second = chromium.look(f"{site.url}/", hide="")
    assert pictures.compare(first.picture, chromium.look(f"{site.url}/").picture).share == 0
    assert pictures.compare(first.picture, second.picture).share > 0


def test_the_dashboard_shows_badge_and_mail(site: Site, chromium: Chromium, tmp_path: Path) -> None:
    """The admin bar tells source, end and command, and a mail is read without a leak."""
    site.tell(expiresAt="2030-01-01T18:04:11Z")
    assert chromium.log_in(site.url, *ADMINISTRATOR).startswith(f"{site.url}/wp-admin/")
    badge = chromium.badge(f"{site.url}/wp-admin/")
    assert "Clone of www.acme.test, ends 1 Jan 2030 18:04 UTC" in badge
    assert "kubectl patch wpc acme-preview" in badge
    with chromium.page() as page:
        page.goto(f"{site.url}/?probe=html_mail")
        page.goto(f"{site.url}/wp-admin/tools.php?page=wpclone-mail")
        address = page.get_by_role("link", name="News").get_attribute("href")
        page.hover("#wp-admin-bar-wpclone")
        page.screenshot(path=tmp_path / "mails.png")
    assert address is not None
    with chromium.page() as page:
        page.goto(address)
        assert page.frame_locator("iframe").locator("p").inner_text() == "Hi"
    look = chromium.look(address, hide="")
    (tmp_path / "mail.png").write_bytes(look.picture)
    assert "www.acme.test" not in look.requests


def test_what_a_policy_forbids_was_never_asked_for(site: Site, chromium: Chromium) -> None:
    """The browser tells of such a picture as of any other, and then that it has not left."""
    policy = "<meta http-equiv=Content-Security-Policy content='img-src https:'>"
    pictures = f"<img src={site.url}/a.gif><img src=http://other.test/b.gif>"
    look = chromium.look(f"data:text/html,<title>x</title>{policy}{pictures}")
    assert set(look.requests) == {urlsplit(site.url).hostname}
    assert "http://other.test/b.gif" in look.failed
