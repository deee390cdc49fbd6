# SPDX-License-Identifier: Apache-2.0
"""Sets the stage once per session: charts, images, a small live site, one settled clone."""

from collections.abc import Iterator

import pytest

from local.demo import native
from local.sample.profiles import SMALL
from tests.cluster import Cluster
from tests.e2e.stage import SCALED, Clone, Stage


@pytest.fixture(scope="session")
def stage(cluster: Cluster) -> Iterator[Stage]:
    """Give an installation with short intervals and a live site that can be cloned."""
    here = cluster.native
    release = native.install(here.cluster, SCALED)
    login = native.source(here.cluster, SMALL, release)
    stage = Stage(cluster, release, login)
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def preview(stage: Stage) -> Clone:
    """Give a clone of the live site that is available and that no test ends."""
    clone = stage.clone("preview", ttl="4h")
    clone.wait_available()
    return clone
