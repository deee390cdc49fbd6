# SPDX-License-Identifier: Apache-2.0
"""Asks the API server what `helm uninstall` asks it first: may this release go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.cluster import Cluster
from tests.integration.admission.conftest import CHARTS, PROFILES, As
from tests.integration.admission.people import RELEASE, SYSTEM, Person, accepted

pytestmark = pytest.mark.cluster


@pytest.fixture
def question(installed: Cluster, home: str) -> Callable[[str], dict[str, Any]]:
    """Return a function that gives the object which a chart creates before an uninstall."""

    def rendered(chart: str) -> dict[str, Any]:
        of_the_operator = (
            f"--values={PROFILES / 'operator-staging.values.yaml'}",
            f"--set=watchNamespace={home}",
        )
        text = installed.helm(
            "template",
            RELEASE,
            str(CHARTS / f"wordpress-clone-{chart}"),
            f"--namespace={SYSTEM if chart == 'operator' else home}",
            "--api-versions=kro.run/v1alpha1",
            "--show-only=templates/uninstall.yaml",
            *(of_the_operator if chart == "operator" else ()),
        )
        manifest: dict[str, Any] = yaml.safe_load(text)
        assert manifest["metadata"]["namespace"] == home
        return manifest

    return rendered


@pytest.fixture
def inhabited(installed: Cluster, home: str) -> Iterator[str]:
    """Return the module's namespace with one clone in it and the label that keeps it for clones."""
    installed.kubectl("label", "namespace", home, "clones.betaweb.ai/managed=true")
    accepted(Person(installed, home).tries(Person(installed, home).clone(name="lasting")))
    yield home
    installed.kubectl("delete", "wordpressclone", "lasting", f"--namespace={home}")
    installed.kubectl("label", "namespace", home, "clones.betaweb.ai/managed-")


def _answered(cluster: Cluster, who: Person, manifest: dict[str, Any], sentence: str) -> None:
    """Assert a refusal in this sentence, as soon as the API server has seen what is in the way."""

    def it_is_refused() -> bool:
        done = who.tries(manifest, "--dry-run=server")
        return done.returncode != 0 and sentence in " ".join(done.stderr.split())

    cluster.eventually(it_is_refused, 20)


def test_an_operator_stays_as_long_as_it_has_clones(
    installed: Cluster, inhabited: str, someone: As, question: Callable[[str], dict[str, Any]]
) -> None:
    """The refusal names the clone and the command that ends it."""
    sentence = (
        f"nothing was uninstalled: namespace {inhabited} still has WordPress clones (lasting), and "
        "only this operator can end them. Delete them first: kubectl delete wordpressclones --all "
        f"-n {inhabited}"
    )
    _answered(installed, someone(), question("operator"), sentence)


def test_an_operator_without_clones_may_go(
    installed: Cluster, someone: As, question: Callable[[str], dict[str, Any]]
) -> None:
    """Clones elsewhere are no reason to stay."""
    manifest = question("operator")

    def it_is_accepted() -> bool:
        return someone().tries(manifest, "--dry-run=server").returncode == 0

    # A clone that another test has just deleted may still be known.
    installed.eventually(it_is_accepted, 20)


def test_the_clusters_part_stays_as_long_as_a_namespace_is_kept_for_clones(
    installed: Cluster, inhabited: str, someone: As, question: Callable[[str], dict[str, Any]]
) -> None:
    """The refusal names a namespace and the three steps that free it."""
    assert inhabited
    sentence = "is kept for WordPress clones. Delete its clones (kubectl delete wordpressclones"
    _answered(installed, someone(), question("cluster"), sentence)
