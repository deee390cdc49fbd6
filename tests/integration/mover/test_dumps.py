# SPDX-License-Identifier: Apache-2.0
"""A dump of a real server with the site's files is imported as the site itself would be."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import archives, mariadb
from tests.integration.mover import contents, sites
from tests.integration.mover.jobs import Job

if TYPE_CHECKING:
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(mariadb.missing() is not None, reason=str(mariadb.missing())),
]

WAYS = {
    "as it comes": (),
    "a row a statement": ("--skip-extended-insert",),
    "column lists": ("--complete-insert", "--hex-blob"),
    "binary": ("--default-character-set=binary",),
}


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Make a site with oddities."""
    return sites.build(server, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def itself(server: Server, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """Import the site without a dump; the dumps that follow have a view and a trigger, too."""
    job = Job.make(server, tmp_path_factory.mktemp("itself"))
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    server.execute(
        "CREATE VIEW wp_seen AS SELECT 1 AS a",
        "CREATE TRIGGER wp_tell AFTER INSERT ON wp_utf FOR EACH ROW SET @a = 1",
        schema=site.schema,
    )
    return job


def archive(site: Site, folder: Path, options: tuple[str, ...]) -> bytes:
    """Dump the site and pack it with its files, as people do on a command line."""
    dump = folder / "pack" / "site.sql"
    dump.parent.mkdir()
    dump.write_bytes(site.server.dump(site.schema, *options))
    command = ["tar", "-C", str(dump.parent), "-c", "site.sql", "-C", str(site.folder), "."]
    return subprocess.run(command, check=True, capture_output=True).stdout


def imported(job: Job, uri: str) -> dict[str, Any]:
    """Import an archive."""
    job.config = {
        "attempt": 1,
        "source": {"kind": "archive", "archive": {"uri": uri}},
        "network": {"allow": ["127.0.0.0/8"], "http": True},
    }
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    return result.lines[-1]


@pytest.mark.parametrize("way", WAYS)
def test_a_dump_is_as_good_as_the_site(
    site: Site, itself: Job, job: Job, tmp_path: Path, way: str
) -> None:
    """Every dialect, character set and oddity comes out as the site's own rows and files."""
    data = archive(site, tmp_path, WAYS[way])
    with archives.served(gzip.compress(data, 1) if way == "as it comes" else data) as uri:
        report = imported(job, uri)
    assert contents.rows(job, "wp_") == contents.rows(itself, "wp_")
    assert contents.files(job) == contents.files(itself)
    told = {skipped["what"] for skipped in report["import"]["skipped"]}
    assert {"wp_seen", "wp_tell"} <= told


def test_a_server_without_ranges_will_do(site: Site, itself: Job, job: Job, tmp_path: Path) -> None:
    """It only costs more passes."""
    with archives.served(archive(site, tmp_path, ()), ranges=False) as uri:
        imported(job, uri)
    assert contents.rows(job, "wp_") == contents.rows(itself, "wp_")
    assert contents.files(job) == contents.files(itself)
