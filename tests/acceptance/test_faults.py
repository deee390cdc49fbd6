# SPDX-License-Identifier: Apache-2.0
"""Kills and outages at their full number and length: each clone ends where it would have."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from local.demo import native
from tests.e2e import faults, source
from tests.e2e.crowd import delete, extend, left, traces
from tests.e2e.faults import Writes
from tests.e2e.stage import SCALED, Clone, Stage

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster]

OUTAGE = 60.0
# Killed again and again, an operator needs longer to bring a clone back than a test's clone waits.
PATIENT = {**SCALED, "recoverable": "10m"}


@pytest.fixture
def patient(stage: Stage) -> Iterator[Stage]:
    """Give an installation whose ended clones can be brought back for longer."""
    native.install(stage.cluster.native.cluster, PATIENT)
    yield stage
    native.install(stage.cluster.native.cluster, SCALED)


@pytest.mark.timeout(1500)
def test_an_operator_killed_at_twenty_moments_of_one_life_changes_nothing(patient: Stage) -> None:
    """Inspection, import, expiry, the way back and deletion: killed after twenty of its writes."""
    stage = patient
    before = traces(stage)
    mark = stage.cluster.native.audit_mark()
    writes = Writes.about(stage, "often")
    clone = stage.clone("often", ttl="90s")
    moments = faults.kill_at_writes(writes, 10, patience=40)
    faults.settle(clone, "Available", "Expired", seconds=240)
    faults.assert_imported_once(clone, mark)
    faults.edit(clone, "kept through twenty kills")
    moments += faults.kill_at_writes(writes, 1, patience=100)
    moments += faults.kill_at_writes(writes, 3, patience=25)
    faults.settle(clone, "Expired", seconds=120)
    writes.skip()
    extend(clone, seconds=3600)
    moments += faults.kill_at_writes(writes, 3, patience=25)
    faults.settle(clone, "Available", seconds=120)
    faults.assert_alive(clone)
    assert faults.edited(clone) == ("kept through twenty kills",) * 2
    faults.assert_imported_once(clone, mark)
    writes.skip()
    delete(clone)
    moments += faults.kill_at_writes(writes, 3)
    faults.gone(clone, 180)
    print("killed after:", *moments, sep="\n  ")  # noqa: T201  the figures of the run
    assert len(moments) == 20
    assert left(stage, before) == set()


def stop_api_server(clone: Clone) -> None:
    """Stop the API server for a minute."""
    with faults.without(clone.stage, "kube-apiserver", OUTAGE):
        pass


def restart(part: str, clone: Clone) -> None:
    """Restart a part of the cluster."""
    faults.restart(clone.stage, part)


FAULTS: dict[str, Callable[[Clone], None]] = {
    "api-server-away": stop_api_server,
    "database-restarted": partial(restart, "mariadb"),
    "kro-restarted": partial(restart, "kro"),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_mid_import_and_one_under_the_user_change_nothing(
    stage: Stage, fault: str
) -> None:
    """One import, one schema; what the user has changed since is as the user left it."""
    before = traces(stage)
    mark = stage.cluster.native.audit_mark()
    clone = stage.clone(f"through-{fault}", ttl="1h")
    assert clone.uid
    faults.settle(clone, "Importing", seconds=180)
    FAULTS[fault](clone)
    faults.settle(clone, "Available", seconds=300)
    faults.assert_imported_once(clone, mark)
    faults.edit(clone, f"kept, {fault}")
    FAULTS[fault](clone)
    faults.assert_alive(clone, seconds=240)
    assert faults.edited(clone) == (f"kept, {fault}",) * 2
    faults.assert_imported_once(clone, mark)
    clone.delete()
    assert left(stage, before) == set()


@pytest.mark.timeout(600)
def test_the_import_job_deleted_after_success_imports_nothing_again(stage: Stage) -> None:
    """The graph brings the Job back without a pod, also while the operator is dead."""
    before = traces(stage)
    mark = stage.cluster.native.audit_mark()
    clone = stage.clone("jobless", ttl="1h")
    assert clone.uid
    faults.settle(clone, "Available", seconds=300)
    faults.edit(clone, "kept without a Job")
    faults.lose_import_job(clone)
    faults.Operator.running(stage).kill()
    faults.lose_import_job(clone)
    faults.assert_alive(clone)
    assert faults.edited(clone) == ("kept without a Job",) * 2
    faults.assert_imported_once(clone, mark)
    clone.delete()
    assert left(stage, before) == set()


@pytest.mark.timeout(600)
def test_the_source_is_as_before_though_mover_and_operator_died_in_mid_import(
    stage: Stage,
) -> None:
    """Our plugin, its key and its files are gone, and each row and file is what it was."""
    before = source.snapshot(stage)
    assert source.traces(stage) == []
    mark = stage.cluster.native.audit_mark()
    clone = stage.clone("left-alone", ttl="1h")
    assert clone.uid
    faults.settle(clone, "Importing", seconds=180)
    operator = faults.Operator.running(stage)
    first = faults.kill_mover(clone)
    operator.kill()
    assert source.traces(stage) != [], "the mover was killed before it had begun"
    faults.settle(clone, "Available", seconds=300)
    assert first in faults.imports(clone, mark)
    assert len(faults.imports(clone, mark)) == 2
    assert faults.marked(clone) == ["1"]
    assert source.traces(stage) == []
    assert source.difference(before, source.snapshot(stage)) == {}
    clone.delete()
