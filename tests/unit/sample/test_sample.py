# SPDX-License-Identifier: Apache-2.0
"""Specifies the sample site: its size, when it is made anew, and that it shows no password."""

import dataclasses

from local.sample import cache, site
from local.sample.profiles import DEMO, SMALL

URL = "https://www.acme.test"


def test_the_demo_is_as_large_as_promised() -> None:
    """At least 200 posts and pages, and 500 users."""
    assert DEMO.posts + DEMO.pages >= 200
    assert DEMO.users >= 500


def test_another_amount_or_address_is_another_site() -> None:
    """Whatever decides the content decides the place in the cache; nothing else does."""
    more = dataclasses.replace(SMALL, posts=SMALL.posts + 1)
    places = {cache.find(each, URL).directory for each in (SMALL, DEMO, more)}
    assert len(places) == 3
    assert cache.find(SMALL, "https://other.test") != cache.find(SMALL, URL)
    assert cache.find(SMALL, URL) == cache.find(SMALL, URL)


def test_a_login_does_not_print_its_password() -> None:
    """What ends up in a traceback or a log names the user only."""
    shown = repr(site.Login(URL, "acme", "do not show"))
    assert "acme" in shown
    assert "do not show" not in shown
