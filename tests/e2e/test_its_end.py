# SPDX-License-Identifier: Apache-2.0
"""Follows clones to the end of their time, and back from it."""

import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from local.demo.release import CLONES
from tests.e2e.stage import Clone, Stage

pytestmark = pytest.mark.cluster


def test_a_clone_expires_comes_back_in_time_and_is_reaped(stage: Stage) -> None:
    """At its end the route goes; an extension brings it all back; then all of it goes for good."""
    clone = stage.blank("brief", ttl="1m")
    clone.wait_for("Available", seconds=90)
    password = clone.secret["wordpress-password"]
    volumes = clone.volumes()
    clone.wait_for("Expired", seconds=90)
    stage.cluster.eventually(lambda: _answer(clone) == 404, 5)
    stage.cluster.eventually(lambda: clone.pods("site") == [], 20)
    assert clone.database in stage.schemas()

    until = datetime.now(UTC) + timedelta(seconds=20)
    clone.change(extendUntil=f"{until:%Y-%m-%dT%H:%M:%SZ}")
    clone.wait_for("Available", seconds=30)
    assert _answer(clone) == 401
    assert clone.secret["wordpress-password"] == password

    clone.wait_for("Reaped", seconds=90)
    assert datetime.now(UTC) > until
    clone.assert_nothing_left(volumes.values())
    assert clone.manifest["status"]["conditions"]
    stage.cluster.kubectl("delete", "wordpressclone", "brief", f"--namespace={CLONES}")


def _answer(clone: Clone) -> int:
    """Ask the clone's public address and return the status of the answer."""
    native = clone.stage.cluster.native
    context = ssl.create_default_context(cafile=str(native.ca))
    context.check_hostname = False
    host = f"{clone.name}.clones.test"
    request = urllib.request.Request(f"https://{native.ingress}/", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
