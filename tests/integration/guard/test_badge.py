# SPDX-License-Identifier: Apache-2.0
"""What people see of the fact that they are in a clone."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.integration.guard.furnishing import READER, log_in
from tests.site_container import Site


def test_the_dashboard_shows_source_end_and_how_to_extend(
    site: Site, administrator: Mapping[str, str]
) -> None:
    """An administrator reads what was copied, when it ends, and how to keep it longer."""
    ends = datetime.now(UTC) + timedelta(hours=30)
    site.tell(expiresAt=ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
    page = html.unescape(site.get("/wp-admin/", cookies=administrator).body)
    assert "wp-admin-bar-wpclone" in page
    assert f"Clone of www.acme.test, ends {ends.day} {ends:%b %H:%M} UTC, in 30 h" in page
    until = (ends + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    patch = f'{{"spec":{{"extendUntil":"{until}"}}}}'
    assert f"kubectl patch wpc acme-preview --type=merge -p '{patch}'" in page
    assert "Guard 0.1.0" in page


def test_a_visitor_sees_the_badge_without_the_command(
    site: Site, visitor: Mapping[str, str]
) -> None:
    """Who came by the link sees the badge; commands for the cluster are for administrators."""
    site.tell(expiresAt="2020-01-01T00:00:00Z")
    for cookies in (visitor, log_in(site, *READER).cookies):
        page = site.get("/", cookies=cookies).body
        assert 'id="wpclone-badge"' in page
        assert "Clone of www.acme.test, has ended" in page
        assert "kubectl" not in page


def test_a_hostile_source_is_shown_as_text(site: Site, administrator: Mapping[str, str]) -> None:
    """Names from outside are escaped wherever they are shown."""
    site.tell(source="<script>alert(1)</script>", name="a'\"<b>", expiresAt="2030-01-01T00:00:00Z")
    for path in ("/", "/wp-admin/"):
        page = site.get(path, cookies=administrator).body
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert '"<b>' not in page
