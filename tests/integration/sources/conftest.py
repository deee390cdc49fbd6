# SPDX-License-Identifier: Apache-2.0
"""Starts a database server and one live WordPress, and opens sources on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from local import rootfs
from tests import live_site, mariadb
from tests.integration.sources.opening import Open, opened
from tests.live_site import LiveSite

Alter = Callable[[str], None]


@pytest.fixture(scope="session")
def database() -> Iterator[mariadb.Server]:
    """Give a database server with packets as small as cheap hosts have them."""
    lacking = live_site.missing()
    if lacking:
        pytest.skip(lacking)
    rootfs.build()
    with mariadb.server("--max-allowed-packet=16M") as server:
        yield server


@pytest.fixture(scope="session")
def running(database: mariadb.Server) -> Iterator[LiveSite]:
    """Give the one live site all tests look at."""
    with live_site.live(database) as site:
        # The first login and the first pages ever write rows that a site in use has long had.
        with opened(site.url):
            pass
        site.reset()
        yield site


@pytest.fixture
def site(running: LiveSite) -> Iterator[LiveSite]:
    """Give the live site without our plugin and with nothing special in its configuration."""
    more = running.html / "wp-config-more.php"
    yield running
    more.unlink(missing_ok=True)
    running.reset()


@pytest.fixture
def open_site(site: LiveSite) -> Iterator[Open]:
    """Give a function that opens the site as a source; whatever it opened is closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(opened(site.url, **options))


@pytest.fixture
def configure(site: LiveSite) -> Alter:
    """Give a function that adds PHP to the site's configuration for one test."""

    def alter(code: str) -> None:
        (site.html / "wp-config-more.php").write_text(f"<?php\n{code}")

    return alter
