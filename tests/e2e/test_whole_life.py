# SPDX-License-Identifier: Apache-2.0
"""Tells a clone's whole life: from a manifest to a working copy, and away without a trace."""

import pytest

from local.demo.release import CLONES
from tests.e2e import source
from tests.e2e.stage import Stage

pytestmark = pytest.mark.cluster


def test_a_clone_comes_goes_and_leaves_nothing_and_the_source_never_notices(stage: Stage) -> None:
    """One manifest becomes a copy; deleted, nothing of it is left; the source is as it was."""
    before = source.snapshot(stage)
    clone = stage.clone("short-story", ttl="1h")
    clone.wait_available()
    stage.cluster.kubectl(
        "wait", "--for=condition=Ready", f"--namespace={CLONES}", "wordpressclone/short-story"
    )
    status = clone.manifest["status"]
    assert clone.first_seen() < 1
    assert status["url"] == "https://short-story.clones.test"
    assert status["import"]["proof"]["residualURLs"] == 0
    proof = status["import"]["proof"]
    assert proof["invalidSerializedAfter"] == proof["invalidSerializedBefore"]
    assert clone.database in stage.schemas()
    volumes = clone.volumes()
    assert all(path.is_dir() for path in volumes.values())
    assert len(volumes) == 1
    assert source.difference(before, source.snapshot(stage)) == {}
    assert source.traces(stage) == []

    clone.delete()
    clone.assert_nothing_left(volumes.values())


def test_a_wrong_password_is_named_within_ten_seconds(stage: Stage) -> None:
    """The first status comes within a second, the source's refusal within ten; nothing is made."""
    stage.release.source_login("wrong-login", stage.login.username, "not the password")
    clone = stage.clone("locked-out", secret="wrong-login", ttl="1h")
    glimpse = clone.wait_for("SourceRefusedLogin", seconds=30)
    assert clone.first_seen() < 1
    assert clone.first_seen("SourceRefusedLogin") < 10
    assert "not the password" not in str(clone.manifest)
    assert "incorrect" in glimpse.message
    assert stage.login.username not in glimpse.message
    assert clone.database not in stage.schemas()
    assert clone.volumes() == {}
    clone.delete()
    assert clone.children() == []
