# SPDX-License-Identifier: Apache-2.0
"""Database servers as they come: with TLS demanded, and without room."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from tests import mariadb, tls
from tests.integration.mover import neighbours, sites
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


def encrypted(folder: Path, name: str) -> tuple[str, ...]:
    """Make a certificate for a name; return the options of a server that demands TLS with it."""
    certificate = tls.pair(folder, name)
    for path in (certificate.certificate, certificate.key):
        path.chmod(0o644)
    return (
        f"--ssl-cert={certificate.certificate}",
        f"--ssl-key={certificate.key}",
        "--require-secure-transport=ON",
    )


def authorities(folder: Path, job: Job, certificate: Path) -> None:
    """Mount a certificate as the database's authority."""
    folder.mkdir()
    (folder / "database.ca").write_bytes(certificate.read_bytes())
    job.extra["WPCLONE_CA"] = str(folder)


def test_r10_a_server_that_demands_tls_gets_it(open_folder: Path, tmp_path: Path) -> None:
    """TLS is used because it is offered; such a server would refuse anything else."""
    with mariadb.server(*encrypted(open_folder, "127.0.0.1")) as server:
        job = Job.make(server, tmp_path)
        result = job.run()
        assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result


def test_a_server_whose_authority_is_given_proves_itself(open_folder: Path, tmp_path: Path) -> None:
    """With the authority of its certificate at hand, the server is let in."""
    with mariadb.server(*encrypted(open_folder, "127.0.0.1")) as server:
        job = Job.make(server, tmp_path)
        authorities(tmp_path / "ca", job, open_folder / "server.crt")
        assert job.run().code == 0


@pytest.mark.parametrize("proved", [False, True])
def test_a_neighbour_is_read_under_tls_as_well(
    open_folder: Path, tmp_path: Path, *, proved: bool
) -> None:
    """Each connection to a server that demands it speaks it, and verifies what it can."""
    with mariadb.server(*encrypted(open_folder, "127.0.0.1")) as server:
        job = Job.make(server, tmp_path)
        if proved:
            authorities(tmp_path / "ca", job, open_folder / "server.crt")
        site = sites.build(server, tmp_path / "source-files")
        neighbours.fill(site)
        neighbours.beside(job, site)
        result = job.run()
    assert result.code == 0, result
    assert "within the database server" in result.outcome["message"]


@pytest.mark.parametrize("kind", ["another name", "another authority", "no TLS"])
def test_a_server_that_does_not_prove_itself_gets_no_login(
    open_folder: Path, tmp_path: Path, kind: str
) -> None:
    """It is told at once, with what to compare; waiting would not help, a person may."""
    name = "db.example" if kind == "another name" else "127.0.0.1"
    options = encrypted(open_folder, name) if kind != "no TLS" else ("--skip-ssl",)
    given = open_folder / "server.crt"
    if kind != "another name":
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        given = tls.pair(elsewhere, "127.0.0.1").certificate
    with mariadb.server(*options) as server:
        job = Job.make(server, tmp_path)
        authorities(tmp_path / "ca", job, given)
        result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "DatabaseUnavailable"), result
    assert "database.ca" in result.outcome["message"]


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
