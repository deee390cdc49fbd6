# SPDX-License-Identifier: Apache-2.0
"""Gives the mover's tests a real database server and the mover as a real process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import mariadb
from tests.integration.mover.jobs import Job

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def server() -> Iterator[mariadb.Server]:
    """Run one MariaDB server for all tests that leave it as they found it."""
    if reason := mariadb.missing():
        pytest.skip(reason)
    with mariadb.server() as running:
        yield running


@pytest.fixture
def job(server: mariadb.Server, tmp_path: Path) -> Job:
    """Prepare an import of a blank site into a fresh schema."""
    return Job.make(server, tmp_path)


@pytest.fixture
def own_server() -> Iterator[mariadb.Server]:
    """Run a server that the test may kill."""
    if reason := mariadb.missing():
        pytest.skip(reason)
    with mariadb.server() as running:
        yield running
