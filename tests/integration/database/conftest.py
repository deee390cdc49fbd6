# SPDX-License-Identifier: Apache-2.0
"""Gives tests of databases as sources a real server with a WordPress in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import mariadb
from tests.integration.database import reading

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
def site(server: mariadb.Server, tmp_path: Path) -> Iterator[reading.Site]:
    """Build a site of its own for each test."""
    yield from reading.built(server, tmp_path / "files")
