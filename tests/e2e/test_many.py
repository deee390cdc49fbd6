# SPDX-License-Identifier: Apache-2.0
"""Asks for several clones together: they take turns, and end each in its own way."""

import pytest

from tests.e2e import faults
from tests.e2e.crowd import Crowd, delete, extend, left, traces
from tests.e2e.stage import SCALED, Clone, Stage

pytestmark = pytest.mark.cluster

# What the public address of a clone answers to a stranger, and without a clone behind it.
GATE, NO_ROUTE = 401, 404


@pytest.mark.timeout(420)
def test_clones_take_turns_and_leave_nothing_however_they_end(stage: Stage) -> None:
    """Three are deleted while they import, two expire, one of these comes back: nothing is left.

    All five ask at once for fewer slots than they are, and are told their place in the queue.
    """
    before = traces(stage)
    doomed = ("doomed", "doomed-too", "doomed-as-well")
    crowd = Crowd.of(stage, {**dict.fromkeys(doomed, "1h"), "brief": "1m", "again": "1m"})
    secrets: list[dict[str, str]] = []

    def act(clone: Clone, reason: str) -> None:
        if clone.name in doomed and reason == "Importing":
            delete(clone)
        if (clone.name, reason) == ("again", "Available"):
            assert clone.answer() == GATE
            secrets.append(clone.secret)
        if (clone.name, reason) == ("again", "Expired") and len(secrets) == 1:
            stage.cluster.eventually(lambda: clone.answer() == NO_ROUTE, 5)
            extend(clone, seconds=15)

    with faults.without(stage, "provisioner", 0):
        # Without a volume no import begins: the slots stay taken until others have asked for one.
        crowd.follow(lambda: bool(crowd.queued()), 120)
    for name, reason in crowd.now.items():
        act(crowd.clones[name], reason)
    crowd.follow(lambda: crowd.now.get("brief") == crowd.now.get("again") == "Reaped", 360, act=act)
    assert crowd.most_importing <= SCALED["imports"]["slots"]
    assert not crowd.now.keys() & set(doomed)
    assert not any("Available" in crowd.reasons[name] for name in doomed)
    assert secrets == [secrets[0]] * 2
    assert crowd.reasons["brief"][-3:] == ["Available", "Expired", "Reaped"]
    assert left(stage, before) == set()
    for name in ("brief", "again"):
        crowd.clones[name].delete()
