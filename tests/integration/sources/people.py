# SPDX-License-Identifier: Apache-2.0
"""Does on a live site what its people do there."""

from __future__ import annotations

import io
import urllib.request
import zipfile

from tests.live_site import LiveSite
from wpclone.mover.sources import agent_zip


def install(site: LiveSite) -> None:
    """Put the plugin there as a person would, to stay."""
    with zipfile.ZipFile(io.BytesIO(agent_zip.build(temporary=False))) as archive:
        archive.extractall(site.html / "wp-content" / "plugins")
    site.own()
    activate = f"activate_plugin( '{agent_zip.SLUG}/{agent_zip.SLUG}.php' );"
    site.php(f"require_once ABSPATH . 'wp-admin/includes/plugin.php'; {activate}")


def visit(site: LiveSite) -> int:
    """Fetch the front page as anybody would; the status."""
    with urllib.request.urlopen(f"{site.url}/?p=1", timeout=20) as answer:  # noqa: S310  ours
        return int(answer.status)


def new_password(site: LiveSite) -> str:
    """Make an Application Password for the administrator."""
    made = "WP_Application_Passwords::create_new_application_password( 1, array( 'name' => 'x' ) )"
    return site.php(f"echo {made}[0];")
