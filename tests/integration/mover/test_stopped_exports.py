# SPDX-License-Identifier: Apache-2.0
"""Whoever is stopped, or fails, while bringing the plugin leaves no plugin behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local import rootfs
from tests import live_site
from tests.integration.mover.test_archives import LOGIN, export, exporting
from tests.integration.mover.test_live_site import prepare
from wpclone.mover.sources import agent_zip

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.live_site import LiveSite
    from tests.mariadb import Server

pytestmark = [pytest.mark.database, pytest.mark.wordpress]

PREFIX = live_site.PREFIX
# Every step of the opening takes long enough to be met in it.
SLOW = """<?php
add_action( 'activate_plugin', static function () { sleep( 1 ); } );
add_filter( 'upgrader_source_selection', static function ( $source ) {
	sleep( 2 );
	return $source;
} );
add_filter( 'rest_pre_dispatch', static function ( $result, $server, $request ) {
	if ( '/wpclone/v1/manifest' === $request->get_route() ) { sleep( 2 ); }
	return $result;
}, 10, 3 );
"""
SHUT = """<?php
add_filter( 'rest_pre_dispatch', static function ( $result, $server, $request ) {
	$brought = is_dir( WP_PLUGIN_DIR . '/wpclone-agent' );
	$ours = $brought && 0 === strpos( $request->get_route(), '/wpclone' );
	return $ours ? new WP_Error( 'shut', 'No.', array( 'status' => 403 ) ) : $result;
}, 10, 3 );
"""


@pytest.fixture(scope="module")
def live(server: Server) -> Iterator[LiveSite]:
    """Run a live WordPress."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    with live_site.live(server) as site:
        yield site


@pytest.fixture
def change(live: LiveSite) -> Iterator[Callable[[str], None]]:
    """Change how the site behaves, until the test ends."""
    folder = live.html / "wp-content" / "mu-plugins"
    file = folder / "changed.php"

    def put(code: str) -> None:
        folder.mkdir(exist_ok=True)
        file.write_text(code)

    yield put
    file.unlink(missing_ok=True)
    live.reset()


def waited(condition: Callable[[], bool]) -> bool:
    """Tell whether something comes true within 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)  # the site tells nobody how far it has come
    return True


def unpacked(live: LiveSite) -> list[Path]:
    """Return the folders in which the site unpacks, or has unpacked, the plugin."""
    return list((live.html / "wp-content" / "upgrade").glob("wpclone-agent*"))


def is_sent(live: LiveSite) -> bool:
    """Tell whether the site is unpacking the plugin."""
    return unpacked(live) != []


def is_there(live: LiveSite) -> bool:
    """Tell whether the plugin is in its place, and not active yet."""
    return agent_zip.SLUG in live.plugins()


def is_active(live: LiveSite) -> bool:
    """Tell whether the plugin is active."""
    active = f"SELECT 1 FROM {PREFIX}options WHERE option_name = 'active_plugins'"
    return bool(live.query(f"{active} AND option_value LIKE '%{agent_zip.SLUG}%'"))


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", [is_sent, is_there, is_active], ids=lambda stage: stage.__name__)
def test_a_stopped_export_takes_the_plugin_back(
    live: LiveSite,
    change: Callable[[str], None],
    tmp_path: Path,
    stage: Callable[[LiveSite], bool],
    kind: signal.Signals,
) -> None:
    """While it is unpacked, before it is active, and before the first look at the source."""
    for left in unpacked(live):  # of a site that was unpacking when an earlier export was stopped
        shutil.rmtree(left)
    change(SLOW)
    command = exporting(live.url, str(tmp_path / "site.tar"))
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **LOGIN}) as running:
        assert waited(lambda: stage(live))
        running.send_signal(kind)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said.decode()) == (
        75,
        "wpclone export: stopped; what was written is no export\n",
    )
    assert waited(lambda: not is_there(live))
    assert not is_active(live)
    assert live.query(f"SELECT 1 FROM {PREFIX}options WHERE option_name LIKE 'wpclone%'") == []
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_job_takes_the_plugin_back(
    live: LiveSite, change: Callable[[str], None], job: Job
) -> None:
    """An inspection that is evicted before the plugin is active: it could not go by itself."""
    change(SLOW)
    prepare(live, job).program = ("-m", "wpclone.mover", "inspect")
    running = job.start()
    assert waited(lambda: is_there(live))
    running.send_signal(signal.SIGTERM)
    result = job.finish(running, 60)
    assert (result.code, result.errors) == (75, "")
    assert waited(lambda: not is_there(live))
    assert not is_active(live)


def test_a_site_that_shuts_the_plugin_out_keeps_none(
    live: LiveSite, change: Callable[[str], None], tmp_path: Path
) -> None:
    """Opening fails after the upload: the reason is told, and the plugin is gone."""
    change(SHUT)
    done = export(live, str(tmp_path / "site.tar"))
    assert (done.returncode, b"REST API refuses us" in done.stderr) == (69, True), done.stderr
    assert not is_there(live)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_taken_back_is_named(
    live: LiveSite, change: Callable[[str], None], tmp_path: Path
) -> None:
    """A site that shuts out every request but pages keeps the plugin; a person is told where."""
    change(SHUT.replace("'/wpclone'", "'/wp'"))
    done = export(live, str(tmp_path / "site.tar"))
    assert done.returncode == 69, done.stderr
    assert f"{live.url}/wp-admin/plugins.php and delete it there" in done.stderr.decode()
    assert is_there(live)


def test_a_folder_beside_wordpress_is_not_one(live: LiveSite, tmp_path: Path) -> None:
    """Where the site itself answers that there is nothing, no login form is missed."""
    output = str(tmp_path / "site.tar")
    command = exporting(f"{live.url}/nix", output)
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=60, env={**os.environ, **LOGIN}
    )
    assert done.returncode == 69, done.stderr
    assert f"There is no WordPress at {live.url}/nix/" in done.stderr.decode()
