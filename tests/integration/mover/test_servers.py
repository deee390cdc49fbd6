# SPDX-License-Identifier: Apache-2.0
"""Database servers as they come: with TLS demanded, and without room."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from tests import mariadb, tls
from tests.integration.mover.jobs import Job

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(mariadb.missing() is not None, reason=str(mariadb.missing())),
]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that the server's user can look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="wpclone-tls-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_r10_a_server_that_demands_tls_gets_it(open_folder: Path, tmp_path: Path) -> None:
    """TLS is used because it is offered; such a server would refuse anything else."""
    certificate = tls.pair(open_folder, "127.0.0.1")
    for path in (certificate.certificate, certificate.key):
        path.chmod(0o644)
    options = (
        f"--ssl-cert={certificate.certificate}",
        f"--ssl-key={certificate.key}",
        "--require-secure-transport=ON",
    )
    with mariadb.server(*options) as server:
        job = Job.make(server, tmp_path)
        result = job.run()
        assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result


def test_r7_a_server_without_room_is_called_by_its_name(tmp_path: Path) -> None:
    """DatabaseFull: trying again would not help, somebody has to make room."""
    # One data file that may not grow: all tables lie in it.
    options = ("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M")
    with mariadb.server(*options) as server:
        server.execute(
            "CREATE DATABASE filler",
            "CREATE TABLE filler.f (a LONGBLOB)",
        )
        fill = ["INSERT INTO filler.f VALUES (REPEAT('x', 1000000))"] * 20
        with pytest.raises(pymysql.OperationalError, match="full"):
            server.execute(*fill)
        result = Job.make(server, tmp_path).run()
    assert (result.code, result.outcome["reason"]) == (64, "DatabaseFull"), result
