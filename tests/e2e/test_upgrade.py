# SPDX-License-Identifier: Apache-2.0
"""Upgrades a second installation under a live clone, and uninstalls it, as the page says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.demo.release import CLUSTER, OPERATOR, SYSTEM
from tests.e2e import charts
from tests.e2e.handbook import CHARTS, Handbook
from tests.e2e.stage import Clone, Stage
from tests.e2e.test_silence import fingerprint, settled

pytestmark = pytest.mark.cluster

SECOND = "wpclone-second"
NAMESPACE = "wordpress-second"
NAMES = {
    "wordpress-staging": NAMESPACE,
    OPERATOR: SECOND,
    "wpclone-staging": SECOND,
    "acme-preview": "lasting",
}
WHERE = f"--namespace={SYSTEM}"
ACCOUNTS = [f"system:serviceaccount:{SYSTEM}:{name}" for name in (OPERATOR, SECOND)]


@pytest.fixture
def handbook(stage: Stage, tmp_path: Path) -> Iterator[Handbook]:
    """Give the page for a second installation, which older charts have installed."""
    found = Handbook(stage.cluster, tmp_path, NAMES)
    older = charts.of_another_age(tmp_path, "0.0.9")
    found.use(older)
    labels = {
        "clones.betaweb.ai/managed": "true",
        "pod-security.kubernetes.io/enforce": "restricted",
    }
    metadata = {"name": NAMESPACE, "labels": labels}
    stage.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    _allow(stage, older, ACCOUNTS)
    values = json.loads(stage.cluster.helm("get", "values", OPERATOR, WHERE, "--output=json"))
    values |= {"watchNamespace": NAMESPACE, "installation": "second"}
    _install(stage, older, values)
    yield found
    _allow(stage, CHARTS, ACCOUNTS[:1])


def test_a_second_installation_comes_is_upgraded_and_goes(
    stage: Stage, preview: Clone, handbook: Handbook
) -> None:
    """No upgrade restarts a site, no uninstall strands one; in the right order nothing is left."""
    settled(stage)
    before = fingerprint(preview)
    second = Stage(stage.cluster, stage.release, stage.login, NAMESPACE)
    clone = second.blank("lasting", ttl="4h")
    clone.wait_available()
    settled(second)
    untouched, guard = fingerprint(clone), _guard(clone)

    handbook.use(CHARTS)
    handbook.follow("Upgrade")
    assert fingerprint(clone) == untouched
    assert fingerprint(preview) == before
    assert _guard(clone) == guard
    pod = clone.pods("site")[0]["metadata"]["name"]
    inside = stage.cluster.kubectl("exec", pod, clone.where, "--", "cat", "/opt/wpclone/guard.php")
    assert charts.MARK in inside
    assert len(_guards(stage) - {guard}) == 1

    handbook.refused("The operator before its clones")
    handbook.taken_back("The operator before its clones", SECOND)
    assert fingerprint(clone) == untouched
    volumes = clone.volumes()
    handbook.follow("1. The clones")
    clone.assert_nothing_left(volumes.values())
    handbook.follow("2. The operator")
    handbook.follow("3. The namespace")
    label = f"--selector=app.kubernetes.io/instance={SECOND}"
    kinds = "deployments,configmaps,serviceaccounts,roles,rolebindings,networkpolicies,pods"
    assert stage.cluster.get(kinds, "--all-namespaces", label)["items"] == []
    assert fingerprint(preview) == before
    for watch in second.watches:
        watch.kill()
        watch.communicate()


def _guard(clone: Clone) -> str:
    found = clone.stage.cluster.get(
        "shareddatabasesites.sites.clones.betaweb.ai", clone.base, clone.where
    )
    return str(found["spec"]["guardConfigMap"])


def _guards(stage: Stage) -> set[str]:
    label = "--selector=app.kubernetes.io/name=wordpress-clone-operator"
    found = stage.cluster.get("configmaps", f"--namespace={NAMESPACE}", label)["items"]
    return {one["metadata"]["name"] for one in found}


def _allow(stage: Stage, folder: Path, accounts: list[str]) -> None:
    chart = str(folder / "wordpress-clone-cluster")
    values = json.dumps({"operatorAccounts": accounts})
    command = ["upgrade", CLUSTER, chart, WHERE, "--reuse-values", "--values=-"]
    stage.release.tools.helm(*command, stdin=values)


def _install(stage: Stage, folder: Path, values: dict[str, Any]) -> None:
    chart = str(folder / "wordpress-clone-operator")
    command = ["upgrade", "--install", SECOND, chart, WHERE, "--values=-", "--wait", "--timeout=2m"]
    stage.release.tools.helm(*command, stdin=json.dumps(values))
