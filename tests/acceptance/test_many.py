# SPDX-License-Identifier: Apache-2.0
"""Ten clones of one site at once, and every way for them to end: nothing is left of any."""

import pytest

from tests.e2e.crowd import Crowd, delete, extend, left, traces
from tests.e2e.stage import SCALED, Clone, Stage

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster]

TEN = 10


@pytest.mark.timeout(2400)
def test_ten_clones_applied_together_all_become_available_and_leave_nothing(stage: Stage) -> None:
    """All ten become available in turns; five are deleted, five expire, one of them comes back."""
    before = traces(stage)
    stay = {f"stay-{number}": "4h" for number in range(TEN // 2)}
    brief = {f"brief-{number}": "1m" for number in range(TEN // 2)}
    crowd = Crowd.of(stage, {**stay, **brief})
    back: list[str] = []

    def act(clone: Clone, reason: str) -> None:
        if (clone.name, reason) == ("brief-3", "Expired") and not back:
            back.append(clone.name)
            extend(clone, seconds=30)

    crowd.follow(lambda: crowd.all("Available"), 1800, act)
    assert crowd.queued(), "nobody was told a place in the queue"
    assert crowd.most_importing <= SCALED["imports"]["slots"]
    for name in stay:
        delete(crowd.clones[name])
    crowd.follow(
        lambda: set(crowd.now) == set(brief) and set(crowd.now.values()) == {"Reaped"}, 600, act
    )
    assert crowd.reasons["brief-3"].count("Available") == 2
    assert all(crowd.reasons[name][-1] == "Reaped" for name in brief)
    assert left(stage, before) == set()
    for name in brief:
        crowd.clones[name].delete()


@pytest.mark.timeout(900)
def test_five_clones_deleted_while_they_import_leave_nothing(stage: Stage) -> None:
    """Each is deleted as soon as its content is being copied."""
    before = traces(stage)
    crowd = Crowd.of(stage, {f"doomed-{number}": "4h" for number in range(5)})

    def act(clone: Clone, reason: str) -> None:
        if reason == "Importing":
            delete(clone)

    crowd.follow(lambda: crowd.all("Importing") and not crowd.now, 800, act)
    assert not any("Available" in told for told in crowd.reasons.values())
    assert left(stage, before) == set()
