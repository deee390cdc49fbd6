# SPDX-License-Identifier: Apache-2.0
"""Counts what a settled clone costs: nothing, not at a restart, not when defaults change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from local.demo.release import CLONES, OPERATOR, SYSTEM
from tests.e2e import writes
from tests.e2e.handbook import CHARTS
from tests.e2e.stage import SCALED, Clone, Stage
from tests.e2e.writes import Write

pytestmark = pytest.mark.cluster

RESYNC = float(SCALED["timing"]["resync"].rstrip("s"))
CHART = CHARTS / "wordpress-clone-operator"
# Every default that a clone could have taken over, were it not decided once.
OTHER_DEFAULTS: Final[dict[str, Any]] = {
    "domain": "other.clones.test",
    "ttl": {"default": "9h"},
    "recoverable": "2h",
    "provisioningDeadline": "2h",
    "images": {"site": "localhost/wpclone/site:another", "pullPolicy": "Never"},
    "ingress": {"annotations": {"example.test/other": "yes"}},
    "placement": {"site": {"nodeSelector": {"nowhere": "here"}}},
    "resources": {
        "site": {"cpuRequest": "50m", "memoryRequest": "128Mi", "memoryLimit": "1Gi"},
        "mover": {"memoryLimit": "1Gi"},
    },
    "safety": {"access": "Login", "updates": "Allow"},
    "storage": {"minimum": "2Gi", "factor": 2, "accessMode": "ReadWriteMany"},
}


def settled(stage: Stage) -> None:
    """Wait until what earlier stories have left to do is done, their namespaces included."""
    native = stage.cluster.native

    def nothing_is_going() -> bool:
        found = stage.cluster.get("namespaces")["items"]
        return all(one["status"]["phase"] == "Active" for one in found)

    def nothing_was_written() -> bool:
        return not set(writes.during(native, 2)) - writes.HOUSEKEEPING

    stage.cluster.eventually(nothing_is_going, 120)
    stage.cluster.eventually(nothing_was_written, 60)


def fingerprint(clone: Clone) -> dict[str, Any]:
    """Return what would change if anybody touched the clone or what it is made of."""
    (pod,) = clone.pods("site")
    label = f"--selector=clones.betaweb.ai/uid={clone.uid}"
    kinds = (
        "shareddatabasesites.sites.clones.betaweb.ai,secrets,configmaps,"
        "persistentvolumeclaims,jobs,services,ingresses"
    )
    found = clone.stage.cluster.get(f"{kinds},deployments", clone.where, label)["items"]
    versions = {
        f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["resourceVersion"]
        for one in found
    }
    restarts = [each["restartCount"] for each in pod["status"]["containerStatuses"]]
    status = {key: value for key, value in clone.manifest["status"].items() if key != "conditions"}
    return {**versions, "pod": pod["metadata"]["uid"], "restarts": restarts, "status": status}


def test_a_settled_clone_causes_no_writes(stage: Stage, preview: Clone) -> None:
    """Through five full comparisons nobody writes anything, and the operator is there meanwhile."""
    settled(stage)
    before = fingerprint(preview)
    native = stage.cluster.native
    mark = native.audit_mark()
    found = writes.during(native, 5 * RESYNC)
    assert set(found) <= writes.HOUSEKEEPING, found
    assert writes.renewals(native, mark) >= RESYNC
    assert fingerprint(preview) == before


def test_a_restart_of_the_operator_writes_nothing(stage: Stage, preview: Clone) -> None:
    """A new operator looks at everything and finds nothing to do; only its own pod is made anew."""
    settled(stage)
    before = fingerprint(preview)
    native, where = stage.cluster.native, f"--namespace={SYSTEM}"
    mark = native.audit_mark()
    pods = ["pod", where, f"--selector=app.kubernetes.io/instance={OPERATOR}"]
    stage.cluster.kubectl("delete", *pods)
    stage.cluster.kubectl("rollout", "status", f"deployment/{OPERATOR}", where, "--timeout=90s")
    writes.during(native, RESYNC + 1)
    assert _from_us(writes.since(native, mark)) == set()
    assert fingerprint(preview) == before


def test_changed_defaults_touch_no_live_clone(stage: Stage, preview: Clone) -> None:
    """Helm is the only one to write; a later edit of the clone brings no new default in either."""
    settled(stage)
    before = fingerprint(preview)
    native, where = stage.cluster.native, f"--namespace={SYSTEM}"
    values = json.loads(stage.cluster.helm("get", "values", OPERATOR, where, "--output=json"))
    mark = native.audit_mark()
    try:
        _upgrade(stage, _merged(values, OTHER_DEFAULTS))
        writes.during(native, RESYNC + 1)
        found = writes.since(native, mark)
        assert _from_us(found) == set()
        assert {one.agent for one in found if one.namespace == CLONES} == {writes.HELM}
        assert fingerprint(preview) == before

        ends = datetime.now(UTC) + timedelta(hours=5)
        preview.change(extendUntil=f"{ends:%Y-%m-%dT%H:%M:%SZ}")

        def the_edit_is_seen() -> bool:
            return bool(preview.manifest["status"]["expiresAt"] == f"{ends:%Y-%m-%dT%H:%M:%SZ}")

        stage.cluster.eventually(the_edit_is_seen, 20)
        after = fingerprint(preview)
        assert {key for key in before if before[key] != after[key]} == {
            f"SharedDatabaseSite/{preview.base}",
            f"ConfigMap/{preview.base}",
            "status",
        }
        assert after["status"]["resolved"] == before["status"]["resolved"]
    finally:
        _upgrade(stage, values)


def _from_us(found: dict[Write, int]) -> set[Write]:
    return {one for one in found if one.agent in (writes.OPERATOR, writes.KRO)}


def _upgrade(stage: Stage, values: dict[str, Any]) -> None:
    command = ["upgrade", OPERATOR, str(CHART), f"--namespace={SYSTEM}", "--reset-values"]
    options = ["--values=-", "--wait", "--timeout=90s"]
    stage.release.tools.helm(*command, *options, stdin=json.dumps(values))


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return values with changes at any depth."""
    return values | {
        key: _merged(values.get(key, {}), change) if isinstance(change, dict) else change
        for key, change in changes.items()
    }
