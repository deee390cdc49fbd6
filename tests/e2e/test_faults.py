# SPDX-License-Identifier: Apache-2.0
"""Takes away what a clone depends on, in mid-import and under its user: it goes on as if not."""

import pytest

from tests.e2e import faults
from tests.e2e.crowd import left, traces
from tests.e2e.faults import Writes
from tests.e2e.stage import Stage

pytestmark = pytest.mark.cluster


@pytest.mark.timeout(300)
def test_an_operator_killed_right_after_its_writes_loses_nothing(stage: Stage) -> None:
    """Killed twice on the way, once at the end, once in the deletion: one import, nothing left."""
    before = traces(stage)
    mark = stage.cluster.native.audit_mark()
    writes = Writes.about(stage, "struck")
    clone = stage.clone("struck", ttl="1m")
    moments = faults.kill_at_writes(writes, 2)
    faults.settle(clone, "Available", seconds=120)
    faults.assert_imported_once(clone, mark)
    faults.edit(clone, "kept through kills")
    moments += faults.kill_at_writes(writes, 1, patience=70)
    faults.settle(clone, "Expired", "Reaped", seconds=60)
    writes.skip()
    stage.cluster.kubectl("delete", "wordpressclone", clone.name, clone.where, "--wait=false")
    moments += faults.kill_at_writes(writes, 1)
    faults.gone(clone, 90)
    assert left(stage, before) == set(), moments


@pytest.mark.timeout(300)
def test_a_clone_outlives_its_api_server_database_and_graph_controller(stage: Stage) -> None:
    """Two outages while it is imported, three faults afterwards: one import, every edit kept."""
    before = traces(stage)
    mark = stage.cluster.native.audit_mark()
    clone = stage.clone("outlived", ttl="1h")
    assert clone.uid
    faults.settle(clone, "Importing", seconds=120)
    faults.restart(stage, "mariadb")
    with faults.without(stage, "kube-apiserver", 3):
        pass
    faults.settle(clone, "Available", seconds=150)
    faults.assert_imported_once(clone, mark)
    faults.edit(clone, "kept through outages")
    faults.restart(stage, "mariadb")
    faults.restart(stage, "kro")
    faults.lose_import_job(clone)
    faults.assert_alive(clone)
    assert faults.edited(clone) == ("kept through outages",) * 2
    faults.assert_imported_once(clone, mark)
    clone.delete()
    assert left(stage, before) == set()
