# SPDX-License-Identifier: Apache-2.0
"""Proves literally that a settled clone costs nothing: ten minutes, with the intervals of users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.demo import native
from local.demo.release import CLONES, OPERATOR, SYSTEM
from tests.cluster import Cluster
from tests.e2e import writes
from tests.e2e.stage import SCALED, Clone, Stage
from tests.e2e.test_silence import fingerprint, settled

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster, pytest.mark.timeout(1500)]

TEN_MINUTES = 600.0


@pytest.fixture
def unhurried(stage: Stage) -> Iterator[Stage]:
    """Give the installation with the charts' own intervals instead of the tests'."""
    native.install(stage.cluster.native.cluster)
    yield stage
    native.install(stage.cluster.native.cluster, SCALED)


def test_a_settled_clone_causes_no_writes_for_ten_minutes(
    cluster: Cluster, unhurried: Stage, preview: Clone
) -> None:
    """Ten minutes with a full comparison, then a restart: the Lease is all that is written."""
    settled(unhurried)
    before = fingerprint(preview)
    mark = cluster.native.audit_mark()
    found = writes.during(cluster.native, TEN_MINUTES + 10)
    assert set(found) <= writes.HOUSEKEEPING, found
    # Renewed every two seconds or so: the operator was there, and the log would have shown a write.
    assert writes.renewals(cluster.native, mark) > TEN_MINUTES / 10
    assert fingerprint(preview) == before

    where = f"--namespace={SYSTEM}"
    mark = cluster.native.audit_mark()
    cluster.kubectl("rollout", "restart", f"deployment/{OPERATOR}", where)
    cluster.kubectl("rollout", "status", f"deployment/{OPERATOR}", where, "--timeout=90s")
    writes.during(cluster.native, 60)
    after = writes.since(cluster.native, mark)
    assert {one for one in after if one.agent in (writes.OPERATOR, writes.KRO)} == set()
    assert {one for one in after if one.namespace == CLONES} == set()
    assert fingerprint(preview) == before
