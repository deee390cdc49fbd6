# SPDX-License-Identifier: Apache-2.0
"""Sets the same stage as the stories in small, with the demo's large site to clone."""

from collections.abc import Iterator

import pytest

from local.demo import native
from local.sample.profiles import DEMO
from tests.cluster import Cluster
from tests.e2e.conftest import preview
from tests.e2e.stage import SCALED, Stage

__all__ = ["preview"]


@pytest.fixture(scope="session")
def stage(cluster: Cluster) -> Iterator[Stage]:
    """Give an installation with short intervals and the live site of the demo."""
    here = cluster.native
    release = native.install(here.cluster, SCALED)
    stage = Stage(cluster, release, native.source(here.cluster, DEMO, release))
    yield stage
    stage.close()
