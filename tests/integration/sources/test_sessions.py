# SPDX-License-Identifier: Apache-2.0
"""How long a session opens a site, and for what."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.integration.sources.opening import Open
from tests.integration.sources.people import install, new_password, visit
from tests.live_site import ADMINISTRATOR, PREFIX, LiveSite

# What an object cache of another web server remembers: the session as it was long ago.
STALE = """<?php
add_filter( 'pre_option', function ( $value, $name ) {
    $old = array( 'user' => 1, 'how' => 'login', 'nonce' => 'x', 'opened' => 0, 'seen' => 0 );
    return 0 === strpos( $name, 'wpclone_agent_session_' ) ? $old : $value;
}, 10, 2 );
"""


@pytest.fixture
def must_use(site: LiveSite) -> Path:
    """Give the path of a must-use plugin, which is gone afterwards with the site's other traces."""
    folder = site.html / "wp-content" / "mu-plugins"
    folder.mkdir(exist_ok=True)
    return folder / "quirk.php"


def sessions(site: LiveSite) -> list[tuple[object, ...]]:
    """Return the names of all sessions."""
    like = "option_name LIKE 'wpclone_agent_session_%'"
    return site.query(f"SELECT option_name FROM {PREFIX}options WHERE {like}")


def status(site: LiveSite, route: str, header: str, password: str) -> int:
    """Ask a route with an Application Password in a header; the answer's status."""
    proof = base64.b64encode(f"{ADMINISTRATOR}:{password}".encode()).decode()
    envelope = {"auth": {"nonce": "n" * 20}, "args": "{}"}
    request = urllib.request.Request(  # noqa: S310  the test's own site
        f"{site.url}/?rest_route=/{route}",
        data=json.dumps(envelope).encode(),
        headers={header: f"Basic {proof}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  the same
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_stale_object_cache_does_not_end_a_session(
    site: LiveSite, open_site: Open, must_use: Path
) -> None:
    """What another web server remembers of a session neither shuts it nor removes the plugin."""
    source = open_site()
    before = sessions(site)
    site.php("update_option( 'wpclone_agent_activated', time() - 1900, false );")
    must_use.write_text(STALE)
    try:
        assert visit(site) == 200
        assert source.inspect().tables
    finally:
        must_use.unlink()
    assert sessions(site) == before


def test_a_session_ends_after_a_day(site: LiveSite, open_site: Open) -> None:
    """However busy it is: a copy that takes longer proves anew who it is, and goes on."""
    source = open_site()
    before = sessions(site)
    site.php(
        f"$record = get_option( '{before[0][0]}' ); $record['opened'] = time() - 86500;"
        f" update_option( '{before[0][0]}', $record, false );"
    )
    assert source.inspect().tables
    after = sessions(site)
    assert len(after) == 1
    assert after != before


def test_a_closed_session_is_not_brought_back_by_a_late_request(
    site: LiveSite, open_site: Open
) -> None:
    """A request that was under way when its session ended writes nothing."""
    open_site()
    ((name,),) = sessions(site)
    identifier = str(name).removeprefix("wpclone_agent_session_")
    site.php(
        f"$record = get_option( '{name}' ); $record['seen'] -= 60;"
        f" WPClone_Agent_Sessions::close( '{identifier}' );"
        f" WPClone_Agent_Sessions::touch( '{identifier}', $record );"
    )
    assert sessions(site) == []


def test_our_own_header_opens_our_own_routes_only(site: LiveSite) -> None:
    """Where a host drops `Authorization`, our plugin opens no other route in its place."""
    install(site)
    password = new_password(site)
    ours, own = "X-WPClone-Authorization", "wpclone-agent/v1/open"
    assert status(site, own, ours, password) == 200
    assert status(site, own, ours, "wrong") == 401
    assert status(site, "wp/v2/settings", "Authorization", password) == 200
    assert status(site, "wp/v2/settings", ours, password) == 401
    site.php("WP_Application_Passwords::delete_all_application_passwords( 1 );")
