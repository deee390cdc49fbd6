# SPDX-License-Identifier: Apache-2.0
"""Lets a real API server judge the rendered charts."""

from __future__ import annotations

import pytest

from tests.cluster import Cluster
from tests.integration.admission.conftest import CHARTS, PROFILES
from tests.integration.admission.people import RELEASE, accepted

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("profile", ["staging", "production"])
def test_the_operators_chart_is_valid(installed: Cluster, home: str, profile: str) -> None:
    """Every object is accepted strictly, its pod under the restricted standard, no warning."""
    text = installed.helm(
        "template",
        RELEASE,
        str(CHARTS / "wordpress-clone-operator"),
        f"--namespace={home}",
        f"--values={PROFILES / f'operator-{profile}.values.yaml'}",
        f"--set=watchNamespace={home}",
    )
    # A guard that another test left behind belongs to another release.
    how = ["--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"]
    done = installed.attempt("apply", *how, "-f-", stdin=text)
    accepted(done)
    assert "deployment.apps/wpclone-operator serverside-applied" in done.stdout


def test_an_upgrade_keeps_the_guard_of_older_clones(installed: Cluster, home: str) -> None:
    """A ConfigMap that an older release brought stays when a newer guard has another name."""
    chart = str(CHARTS / "wordpress-clone-operator")
    options = [
        f"--namespace={home}",
        f"--values={PROFILES / 'operator-staging.values.yaml'}",
        f"--set=watchNamespace={home}",
        "--set=operator.nodeSelector.nowhere=here",
    ]
    installed.helm("install", "guarded", chart, *options)
    names = f"--namespace={home}"
    guards = [
        one["metadata"]
        for one in installed.get("configmap", names)["items"]
        if one["metadata"]["name"].startswith("wpclone-guard-")
    ]
    assert len(guards) == 1
    installed.helm("uninstall", "guarded", names)
    left = installed.get("configmap", guards[0]["name"], names)
    assert left["metadata"]["uid"] == guards[0]["uid"]
    installed.helm("install", "guarded", chart, *options)
    installed.helm("uninstall", "guarded", names)
