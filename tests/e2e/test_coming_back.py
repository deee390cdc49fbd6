# SPDX-License-Identifier: Apache-2.0
"""Suspends a site and lets it go on: whoever reads that it is available again is let in at once."""

import pytest

from tests.e2e.stage import Stage

pytestmark = pytest.mark.cluster

# What the public address of a clone answers to a stranger.
GATE = 401


@pytest.mark.timeout(300)
def test_a_site_that_comes_back_answers_when_it_is_told_to_be_there(stage: Stage) -> None:
    """Its pod is a new one each time; the ingress has to have seen it before anybody is told."""
    clone = stage.blank("on-and-off", ttl="1h")
    clone.wait_available()
    answers = [clone.answer()]
    for _ in range(4):
        clone.change(suspend=True)
        clone.wait_for("Suspended")
        stage.cluster.eventually(lambda: clone.pods("site") == [], 30)
        clone.change(suspend=False)
        clone.wait_available()
        answers.append(clone.answer())
    assert answers == [GATE] * 5
    clone.delete()
