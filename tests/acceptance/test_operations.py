# SPDX-License-Identifier: Apache-2.0
"""Follows docs/operations.md on a cluster of its own, from an empty cluster to an empty cluster."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import images, paths, shared_database
from local.demo import native
from local.demo.release import CLONES, CLUSTER, OPERATOR, SYSTEM, Release, authority
from local.sample.profiles import SMALL
from tests import cluster as clusters
from tests.acceptance.world import Snapshot
from tests.cluster import Cluster
from tests.e2e import charts
from tests.e2e.handbook import CHARTS, Handbook
from tests.e2e.stage import Clone, Stage
from tests.e2e.test_silence import fingerprint, settled

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster, pytest.mark.timeout(1500)]

NAME = "operations"


@pytest.fixture
def own() -> Iterator[Cluster]:
    """Give an empty cluster that nobody else uses."""
    if os.environ.get("WPCLONE_TEST_CLUSTER") == "current":
        pytest.skip("needs the native cluster")
    yield clusters.started(NAME, "--fresh")
    clusters.purge(NAME)


@pytest.fixture
def handbook(own: Cluster, tmp_path: Path) -> Handbook:
    """Give the page, in a folder with the files that its commands name."""
    found = Handbook(own, tmp_path)
    found.use(CHARTS)
    password = secrets.token_urlsafe(24)
    (tmp_path / "username").write_text(shared_database.PROVISIONER)
    (tmp_path / "password").write_text(password)
    (tmp_path / "ca.crt").write_text(own.native.ca.read_text())
    server = shared_database.server(own.native.world)
    # The page makes this account, with the rights that it tells and no others.
    server.sql(f"DROP USER IF EXISTS {shared_database.PROVISIONER}")
    return found


def test_the_page_holds_from_an_empty_cluster_to_an_empty_cluster(
    own: Cluster, handbook: Handbook
) -> None:
    """Every command works in the order of the page, every wrong order says what the page says."""
    before = Snapshot.of(own)
    install(own, handbook, own.native.images("operator", "site"))
    stage = staged(own)
    clone = stage.blank("acme-preview", ttl="4h")
    clone.wait_available()
    settled(stage)
    before_the_upgrade = fingerprint(clone)
    in_the_wrong_order(handbook)
    handbook.follow("Upgrade")
    assert fingerprint(clone) == before_the_upgrade

    handbook.follow("The operator is gone and clones are left")
    assert clone.database not in stage.schemas()
    stage.blank("acme-preview", ttl="4h").wait_available()
    uninstall(own, handbook)
    assert handbook.titles() - handbook.followed == set()
    assert Snapshot.of(own).beyond(before) == []
    _end(stage)


def test_an_upgrade_from_the_previous_commit_restarts_no_site(
    own: Cluster, handbook: Handbook, tmp_path: Path
) -> None:
    """A clone outlives three versions of charts, images and guard in the pod it began with."""
    before = Snapshot.of(own)
    older = previous(tmp_path / "previous")
    handbook.use(older / "charts")
    install(own, handbook, _images(own, older))
    login = native.source(own.native.cluster, SMALL, Release(native.tools(own.native.cluster)))
    stage = staged(own, login=login)
    clones = [stage.clone("first", ttl="4h")]
    clones[0].wait_available()
    newer = charts.of_another_age(tmp_path, "0.9.0")
    for folder, name in ((CHARTS, "second"), (newer, "third")):
        settled(stage)
        told = [(fingerprint(clone), _guard(clone)) for clone in clones]
        handbook.use(folder)
        upgrade(own, handbook)
        assert [(fingerprint(clone), _guard(clone)) for clone in clones] == told
        clones.append(stage.blank(name, ttl="4h"))
        clones[-1].wait_available()
    assert _guard(clones[-1]) != _guard(clones[-2])
    uninstall(own, handbook)
    assert Snapshot.of(own).beyond(before) == []
    _end(stage)


def install(own: Cluster, handbook: Handbook, references: dict[str, str]) -> None:
    """Install as the page says; the values are those of a native cluster."""
    values = native.values(own.native.cluster, references) | {"installation": "staging"}
    (handbook.folder / "operator.yaml").write_text(yaml.safe_dump(values))
    statements = handbook.statements("The database account")
    password = (handbook.folder / "password").read_text()
    _sql(own, statements.replace("a long random password", password))
    handbook.follow("Namespaces and Secrets")
    certificate = own.native.ca.read_text()
    own.apply(
        authority(SYSTEM, "wpclone-ingress-ca", certificate),
        authority(CLONES, "wpclone-ca", certificate),
    )
    handbook.follow("The cluster's part")
    handbook.follow("The operator")


def in_the_wrong_order(handbook: Handbook) -> None:
    """Try everything too early."""
    for title, release in (
        ("The operator before its clones", OPERATOR),
        ("The cluster's part before a namespace is free", CLUSTER),
    ):
        handbook.refused(title)
        handbook.taken_back("The operator before its clones", release)
    for title in ("The namespace with clones in it", "A kind", "The graph"):
        handbook.refused(title)


def upgrade(own: Cluster, handbook: Handbook) -> None:
    """Upgrade as the page says, to today's images too."""
    handbook.follow("Upgrade")
    references = own.native.images("operator", "site")
    for name in ("operator", "site"):
        values = ["--reuse-values", f"--set=images.{name}={references[name]}"]
        chart = str(handbook.folder / "charts" / "wordpress-clone-operator")
        own.helm("upgrade", OPERATOR, chart, f"--namespace={SYSTEM}", "--wait", *values)


def uninstall(own: Cluster, handbook: Handbook) -> None:
    """Uninstall as the page says."""
    for title in ("1. The clones", "2. The operator", "3. The namespace", "4. The cluster's part"):
        handbook.follow(title)
    _sql(own, handbook.statements("5. The database server"))


def staged(own: Cluster, **more: Any) -> Stage:
    """Return a stage on the cluster, for clones to be asked for."""
    release = Release(native.tools(own.native.cluster))
    return Stage(own, release, more.get("login"))  # type: ignore[arg-type]  # blank needs none


def previous(folder: Path) -> Path:
    """Return the tree as it was before the charts were last changed."""
    command = ["git", "-C", str(paths.REPOSITORY)]
    log = [*command, "log", "--format=%H", "--max-count=2", "--", "charts"]
    commits = subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()
    if len(commits) < 2:
        pytest.skip("the clone of the repository has no history")
    folder.mkdir()
    archive = subprocess.run(
        [*command, "archive", commits[1]], check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def _images(own: Cluster, tree: Path) -> dict[str, str]:
    """Build the images of another tree, and have them in the cluster."""
    own.native.images()  # brings the base
    recipes = [
        images.Recipe("operator", tree / "Dockerfile"),
        images.Recipe("site", tree / "wordpress" / "Dockerfile"),
    ]
    runtime = own.native.cluster.runtime
    for recipe in recipes:
        images.build(recipe)
        if recipe.reference not in runtime.images():
            runtime.load(recipe.archive)
    return {recipe.name: recipe.reference for recipe in recipes}


def _guard(clone: Clone) -> str:
    found = clone.stage.cluster.get(
        "shareddatabasesites.sites.clones.betaweb.ai", clone.base, clone.where
    )
    return str(json.loads(json.dumps(found))["spec"]["guardConfigMap"])


def _sql(own: Cluster, statements: str) -> None:
    shared_database.server(own.native.world).sql(statements)


def _end(stage: Stage) -> None:
    for watch in stage.watches:
        watch.kill()
        watch.communicate()
