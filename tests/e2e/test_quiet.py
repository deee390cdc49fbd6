# SPDX-License-Identifier: Apache-2.0
"""Counts what a settled clone costs: nothing, and nothing at an operator's restart either."""

import time
from collections import Counter

import pytest

from local.demo.release import CLONES, OPERATOR, SYSTEM
from tests.e2e.stage import SCALED, Clone, Stage

pytestmark = pytest.mark.cluster

# Two full comparisons with the cluster; their absence of writes has no event to wait for.
A_WHILE = 2 * float(SCALED["timing"]["resync"].rstrip("s")) + 1


def test_a_settled_clone_causes_no_writes(stage: Stage, preview: Clone) -> None:
    """Nobody writes anything into the clones' namespace, neither in a while nor at a restart."""
    stage.cluster.eventually(lambda: _writes(stage, 2) == Counter(), 60)
    assert _writes(stage, A_WHILE) == Counter()
    mark = stage.cluster.native.audit_mark()
    where = f"--namespace={SYSTEM}"
    stage.cluster.kubectl(
        "delete", "pod", where, "--selector", f"app.kubernetes.io/instance={OPERATOR}"
    )
    stage.cluster.kubectl("rollout", "status", f"deployment/{OPERATOR}", where, "--timeout=90s")
    time.sleep(A_WHILE)
    assert _by_agent(stage, mark) == Counter()
    assert preview.manifest["status"]["conditions"][0]["reason"] == "Available"


def _writes(stage: Stage, seconds: float) -> Counter[str]:
    mark = stage.cluster.native.audit_mark()
    time.sleep(seconds)
    return _by_agent(stage, mark)


def _by_agent(stage: Stage, mark: int) -> Counter[str]:
    """Count the writes to the clones' namespace since a mark by who made them, and to what."""
    return Counter(
        f"{event.get('userAgent', '')}: {event['verb']} {event['objectRef']['resource']}"
        for event in stage.cluster.native.writes(mark)
        if event.get("objectRef", {}).get("namespace") == CLONES
    )
