# SPDX-License-Identifier: Apache-2.0
"""Kills the operator again and again during one clone's life: it ends where it would have."""

import os
import signal
from pathlib import Path

import pytest

from local.demo.release import CLONES, OPERATOR, SYSTEM
from tests.e2e import source
from tests.e2e.stage import Stage

pytestmark = pytest.mark.cluster

MOMENTS = ("Inspecting", "ProvisioningDatabase", "Importing", "StartingSite", "Available")


def test_an_operator_killed_at_any_moment_changes_nothing(stage: Stage) -> None:
    """Five kills on the way up and one on the way down: one import, one schema, nothing left."""
    before = source.snapshot(stage)
    clone = stage.clone("often-killed", ttl="1h")
    for number, _ in enumerate(MOMENTS):
        clone.wait_for(*MOMENTS[number:], seconds=120)
        kill(stage, SYSTEM, f"app.kubernetes.io/instance={OPERATOR}", "wpclone.controller")
        if number == MOMENTS.index("Importing"):
            kill(stage, CLONES, f"clones.betaweb.ai/uid={clone.uid}", "wpclone.mover")
    clone.wait_available()
    status = clone.manifest["status"]
    assert status["import"]["attempt"] == 1
    assert status["import"]["proof"]["residualURLs"] == 0
    assert len(clone.pods("site")) == 1
    mine = {name for name in stage.schemas() if name.startswith(clone.database)}
    assert mine == {clone.database}
    assert source.traces(stage) == []
    assert source.difference(before, source.snapshot(stage)) == {}

    volumes = clone.volumes()
    where = f"--namespace={CLONES}"
    stage.cluster.kubectl("delete", "wordpressclone", clone.name, where, "--wait=false")
    kill(stage, SYSTEM, f"app.kubernetes.io/instance={OPERATOR}", "wpclone.controller")
    gone = ["wait", "--for=delete", "wordpressclone", clone.name, where, "--timeout=90s"]
    stage.cluster.kubectl(*gone)
    clone.assert_nothing_left(volumes.values())


def kill(stage: Stage, namespace: str, selector: str, program: str) -> None:
    """Kill a program's processes on the spot, and replace the operator's pod without a back-off."""
    where = [f"--namespace={namespace}", f"--selector={selector}"]
    for pod in stage.cluster.get("pods", *where)["items"]:
        for process in processes(pod["metadata"]["uid"], program):
            os.kill(process, signal.SIGKILL)
    if namespace == SYSTEM:
        # A container that dies often is restarted ever later; a new pod starts at once.
        stage.cluster.kubectl("delete", "pod", *where, "--grace-period=0", "--force")


def processes(pod: str, program: str) -> list[int]:
    """Return the processes of a program in a pod, found by the pod's control group."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            inside = pod in (directory / "cgroup").read_text()
            if inside and program in (directory / "cmdline").read_bytes().decode():
                found.append(int(directory.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return found
