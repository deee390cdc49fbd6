# SPDX-License-Identifier: Apache-2.0
"""Who may look at a clone, asked of a real web server in front of a real WordPress."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import pytest

from tests.integration.guard.furnishing import ADMINISTRATOR, READER, log_in
from tests.site_container import Site

SHUT = [
    ("/", "the home page"),
    ("/hello-world/", "a page with a pretty address"),
    ("/?p=1", "a page with a plain address"),
    ("/wp-content/uploads/2026/photo.jpg", "a file"),
    ("/wp-content/uploads/2026/", "a folder"),
    ("/wp-content/uploads/2026", "a folder without its slash"),
    ("/wp-content/uploads/2026/none.jpg", "a file that does not exist"),
    ("/wp-content//uploads/2026/photo.jpg", "doubled slashes"),
    ("//wp-content/uploads/2026/photo.jpg", "doubled slashes in front"),
    ("/wp-content/uploads/./2026/photo.jpg", "dots"),
    ("/wp-includes/css/../../wp-content/uploads/2026/photo.jpg", "a way back up"),
    ("/wp-includes/css/%2e%2e/%2e%2e/wp-content/uploads/2026/photo.jpg", "an encoded way back up"),
    ("/wp-content/uploads/2026/photo%2ejpg", "an encoded dot"),
    ("/wp-content/uploads/2026/%70hoto.jpg", "an encoded letter"),
    ("/wp-content/uploads/2026/photo.jpg?x=/wp-login.php", "the login page's name in a query"),
    ("/wp-content/themes/plain/style.css", "a style sheet of the site"),
    ("/readme.html", "a file of WordPress"),
    ("/wp-admin/", "the dashboard"),
    ("/wp-admin/admin-ajax.php?action=x", "an AJAX call"),
    ("/wp-json/wp/v2/posts", "the REST interface"),
    ("/?rest_route=/wp/v2/users", "the REST interface by its other address"),
    ("/xmlrpc.php", "XML-RPC"),
    ("/wp-cron.php?doing_wp_cron", "the scheduler"),
    ("/wp-includes/version.php", "a script"),
    ("/wp-login.php/../index.php", "a script behind the login page"),
    ("/wp-login.php/index.php", "a path behind the login page"),
    ("/index.php/wp-login.php", "the login page's name behind a script"),
    ("/feed/", "the feed"),
    ("/wp-sitemap.xml", "the sitemap"),
]


@pytest.mark.parametrize(("path", "reason"), SHUT, ids=[reason for _, reason in SHUT])
def test_a_stranger_meets_the_gate(site: Site, path: str, reason: str) -> None:
    """Whatever a stranger asks for and however it is spelled, the answer is the gate."""
    answer = site.get(path, cookies={})
    assert answer.status == 401, reason
    assert "private copy" in answer.body
    assert not any(word in answer.body for word in ("ACME-HOME", "JPEG", "Acme", "www.acme.test"))
    assert answer.headers["x-wpclone-uid"] == site.uid
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


def test_the_gate_is_a_page_on_its_own(site: Site) -> None:
    """The gate is readable, loads nothing from anywhere and leads to the login form."""
    answer = site.get("/hello-world/?a=1&b=%22%3E%3Cb%3E", cookies={})
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert '<html lang="en">' in answer.body
    assert "src=" not in answer.body
    assert "<script" not in answer.body
    assert (
        'href="https://acme-preview.clones.test/wp-login.php?redirect_to='
        'https%3A%2F%2Facme-preview.clones.test%2Fhello-world%2F%3Fa%3D1%26b%3D%2522%253E%253Cb%253E"'
    ) in answer.body


def test_the_gate_answers_programs_in_json(site: Site) -> None:
    """A REST client gets an error it can read."""
    answer = site.get("/wp-json/wp/v2/posts", cookies={})
    assert answer.headers["content-type"].startswith("application/json")
    assert '"wpclone_gate"' in answer.body


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/?wpclone-key={key}", "/"),
        ("/hello-world/?a=1&wpclone-key={key}&b=%20x", "/hello-world/?a=1&b=%20x"),
        ("//evil.example/?wpclone-key={key}", "/evil.example/"),
    ],
)
def test_the_visit_link_opens_the_gate(site: Site, asked: str, led_to: str) -> None:
    """The key leaves the address for a cookie, and the visitor stays on the clone's own host."""
    answer = site.get(asked.format(key=site.gate_key), cookies={})
    assert answer.status == 302
    assert answer.headers["location"] == site.url + led_to
    given = answer.headers["set-cookie"]
    assert given.startswith("__Host-wpclone=")
    assert all(part in given.lower() for part in ("path=/", "secure", "httponly", "samesite=lax"))
    assert "ACME-HOME" in site.get("/", cookies=answer.cookies).body
    assert site.get("/wp-content/uploads/2026/photo.jpg", cookies=answer.cookies).body == "JPEG"


@pytest.mark.parametrize("access", ["Link", "Login", "Public"])
@pytest.mark.parametrize("key", ["{key}", "old"])
def test_who_is_in_needs_no_key(site: Site, access: str, key: str) -> None:
    """A visit link, right or outdated, leads whoever may look at the clone anyway to its page."""
    cookies = log_in(site, *READER).cookies if access != "Public" else {}
    site.tell(access=access)
    asked = f"/hello-world/?a=1&wpclone-key={key.format(key=site.gate_key)}"
    answer = site.get(asked, cookies=cookies)
    assert answer.status == 302
    assert answer.headers["location"] == f"{site.url}/hello-world/?a=1"


@pytest.mark.parametrize("key", ["", "wrong", "%00", "x" * 5000])
def test_a_wrong_key_opens_nothing(site: Site, key: str) -> None:
    """A wrong key is told so, and gets no cookie."""
    answer = site.get(f"/?wpclone-key={key}", cookies={})
    assert answer.status == 401
    assert "does not open this copy" in answer.body
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "cookies",
    [
        {"wordpress_logged_in_" + "0" * 32: "boss%7C9999999999%7Ctoken%7Chash"},
        {"__Host-wpclone": "x"},
        {"__Host-wpclone": ""},
        {"__Host-wpclone-login": "0" * 64},
        {"x__Host-wpclone": "VALUE"},
        {"__Host-wpclone": "VALUEx"},
        {"__Host-wpclone-login": "VALUE"},
    ],
)
def test_a_made_up_cookie_opens_nothing(
    site: Site, visitor: Mapping[str, str], cookies: Mapping[str, str]
) -> None:
    """A login cookie nobody has verified, or a gate cookie not quite ours, is worthless."""
    real = visitor["__Host-wpclone"]
    made_up = {name: value.replace("VALUE", real) for name, value in cookies.items()}
    for path in ("/", "/wp-content/uploads/2026/photo.jpg"):
        assert site.get(path, cookies=made_up).status == 401


def test_the_key_never_reaches_the_log(site: Site) -> None:
    """Addresses are logged without their query."""
    site.get(f"/seen-in-the-log/?wpclone-key={site.gate_key}", cookies={})
    site.get("/quiet/", cookies={}, headers={"Referer": f"https://x.test/?k={site.gate_key}"})
    # The server writes its line after its answer.
    deadline = time.monotonic() + 5
    while "/quiet/" not in (log := site.log()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "/seen-in-the-log/" in log
    assert site.gate_key not in log


def test_a_login_opens_the_gate(site: Site) -> None:
    """The login form is open to strangers, and whoever logs in may look at pages and files."""
    form = site.get("/wp-login.php", cookies={})
    assert form.status == 200
    assert 'id="wpclone-login"' in form.body
    assert site.get("/wp-includes/css/buttons.css", cookies={}).status == 200
    assert site.get("/wp-admin/css/login.min.css", cookies={}).status == 200
    answer = log_in(site, *READER)
    assert answer.status == 302
    assert "ACME-HOME" in site.get("/", cookies=answer.cookies).body
    assert site.get("/wp-content/uploads/2026/photo.jpg", cookies=answer.cookies).body == "JPEG"


def test_a_failed_login_opens_nothing(site: Site) -> None:
    """A wrong password leaves a stranger a stranger."""
    answer = log_in(site, ADMINISTRATOR[0], "wrong")
    assert answer.status == 200
    assert "__Host-wpclone-login" not in answer.cookies


def test_logging_out_shuts_the_gate(site: Site, administrator: Mapping[str, str]) -> None:
    """The gate's cookie goes with the login."""
    page = site.get("/wp-admin/", cookies=administrator).body
    link = re.search(r"action=logout&#038;_wpnonce=(\w+)", page)
    assert link is not None
    answer = site.get(f"/wp-login.php?action=logout&_wpnonce={link[1]}", cookies=administrator)
    assert answer.status == 302
    assert answer.cookies["__Host-wpclone-login"] in ("", "deleted")


def test_access_login_turns_the_visit_link_off(site: Site, visitor: Mapping[str, str]) -> None:
    """With access Login neither the link nor the cookie it gave before opens anything."""
    site.tell(access="Login")
    for path in ("/", "/wp-content/uploads/2026/photo.jpg"):
        assert site.get(path, cookies=visitor).status == 401
    answer = site.get(f"/?wpclone-key={site.gate_key}", cookies={})
    assert answer.status == 401
    assert "switched off" in answer.body
    assert "set-cookie" not in answer.headers


def test_access_login_asks_wordpress_each_time(site: Site) -> None:
    """With access Login the gate's cookie without a living login does not show a page."""
    site.tell(access="Login")
    cookies = dict(log_in(site, *READER).cookies)
    assert "ACME-HOME" in site.get("/", cookies=cookies).body
    assert site.get("/wp-content/uploads/2026/photo.jpg", cookies=cookies).body == "JPEG"
    alone = {"__Host-wpclone-login": cookies["__Host-wpclone-login"]}
    for path in ("/", "/wp-json/wp/v2/posts", "/wp-admin/admin-ajax.php?action=x"):
        assert site.get(path, cookies=alone).status == 401


def test_access_public_lets_everybody_in(site: Site) -> None:
    """A public clone greets strangers with the site, and still tells search engines no."""
    site.tell(access="Public")
    answer = site.get("/", cookies={})
    assert "ACME-HOME" in answer.body
    assert 'id="wpclone-badge"' not in answer.body
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert site.get("/wp-content/uploads/2026/photo.jpg", cookies={}).body == "JPEG"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"access": 7}', '{"access": "public"}'])
def test_an_unreadable_state_is_the_safest_one(
    site: Site, visitor: Mapping[str, str], text: str
) -> None:
    """Broken live state means access by login alone, and everything blocked."""
    (site.folder / "live" / "clone.json").write_text(text)
    for path in ("/", "/wp-content/uploads/2026/photo.jpg"):
        assert site.get(path, cookies={}).status == 401
    assert site.get("/", cookies=visitor).status == 401
    assert site.get("/", cookies=log_in(site, *READER).cookies).status == 200
    assert site.get("/robots.txt", cookies={}).body == "User-agent: *\nDisallow: /\n"


def test_without_a_state_file_nobody_but_a_login_gets_a_file(
    site: Site, visitor: Mapping[str, str]
) -> None:
    """A missing state file opens nothing to strangers."""
    (site.folder / "live" / "clone.json").unlink()
    for path in ("/", "/wp-content/uploads/2026/photo.jpg"):
        assert site.get(path, cookies={}).status == 401
        assert site.get(path, cookies=visitor).status == 401
