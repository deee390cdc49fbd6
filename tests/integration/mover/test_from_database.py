# SPDX-License-Identifier: Apache-2.0
"""An import from a database and files beside it, through the mover's program and a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import archives
from tests.hostquirks import Host, Request, Send, host
from tests.integration.mover import sites

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source-files")


def arrived(job: Job, site: Site) -> None:
    """Compare what is in the clone with what is in the source."""
    for table in ("wp_old", "wp_keyless", "wp_computed"):
        same = f"SELECT * FROM {table}"
        ours, theirs = job.rows(same), site.server.execute(same, schema=site.schema)
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), table
    copied = job.rows("SELECT post_title, post_content, guid FROM wp_posts ORDER BY ID")
    there = site.server.execute(
        "SELECT post_title, post_content, guid FROM wp_posts ORDER BY ID", schema=site.schema
    )
    assert copied == [(t, str(c).replace(sites.URL, job.target), g) for t, c, g in there]
    assert job.option("widget_text") == (
        'a:1:{i:2;a:1:{s:4:"text";s:32:"é https://copy.clones.test/page";}}'
    )
    picture = "wp-content/uploads/2024/picture.png"
    assert (job.root / picture).read_bytes() == (site.folder / picture).read_bytes()
    assert job.target in (job.root / "robots.txt").read_text()
    assert not (job.root / "wp-config.php").exists()
    assert not (job.root / "wp-content/object-cache.php").exists()


def test_a_database_and_a_folder_become_a_clone(job: Job, site: Site) -> None:
    """Rows rewritten, files copied, the proof told, and nothing written to the source."""
    before = site.server.dump("--skip-comments", site.schema)
    sites.read_from(job, site)
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    arrived(job, site)
    told = result.outcome
    # The row of our own plugin's key is nobody's content.
    assert told["import"]["rows"] == told["inspection"]["rows"]
    assert told["import"]["files"] == sites.FILES
    assert told["proof"]["residualURLs"] == 0
    assert site.server.dump("--skip-comments", site.schema) == before


@pytest.fixture
def archive(site: Site) -> Iterator[Host]:
    """Offer the site's folder as a gzipped archive, on a server that hands out parts."""
    paths = [path for path in sorted(site.folder.rglob("*")) if path.is_file()]
    named = {str(path.relative_to(site.folder)): path.read_bytes() for path in paths}
    data = archives.tar(named, mode="w:gz")

    def answer(request: Request, send: Send) -> None:
        wanted = RANGE.fullmatch(request.headers.get("range", ""))
        assert wanted is not None
        first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
        part = data[first : last + 1]
        head = (
            'HTTP/1.1 206 Partial Content\r\nETag: "one"\r\nConnection: close\r\n'
            f"Content-Range: bytes {first}-{last}/{len(data)}\r\n"
            f"Content-Length: {len(part)}\r\n\r\n"
        )
        send(head.encode() + part)

    with host(answer) as running:
        yield running


def test_a_database_and_an_archive_become_a_clone(job: Job, site: Site, archive: Host) -> None:
    """The same from a gzipped archive; the database's login is not shown to its server."""
    sites.read_from(job, site, files={"uri": f"{archive.url}/site.tar.gz"})
    job.program = ("-m", "wpclone.mover", "inspect")
    inspected = job.run()
    assert inspected.code == 0, inspected
    seen = inspected.outcome["inspection"]
    assert seen["files"] == sites.FILES
    job.program = ("-m", "wpclone.mover", "import")
    job.config["inspection"] = seen
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    arrived(job, site)
    assert not any("authorization" in request.headers for request in archive.asked)


def test_the_second_mover_finishes_what_the_first_began(job: Job, site: Site) -> None:
    """A Job whose pod was killed goes on: what is there stays, what is missing comes."""
    sites.read_from(job, site)
    process = job.start()
    assert process.stdout is not None
    for line in process.stdout:
        if "wp_p" in line:
            break
    process.kill()
    process.communicate()
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    arrived(job, site)


def test_a_wrong_password_is_named_before_anything_is_read(job: Job, site: Site) -> None:
    """Exit 64, one reason, and the password nowhere in what is told."""
    sites.read_from(job, site)
    (job.home / "source/password").write_text("canary-of-the-source")
    job.program = ("-m", "wpclone.mover", "inspect")
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "SourceRefusedLogin"), result
    assert "canary" not in str(result)


def test_a_server_that_the_settings_do_not_list_is_not_connected_to(job: Job, site: Site) -> None:
    """The mover asks the list itself: the operator cannot know where a name leads."""
    sites.read_from(job, site)
    job.config["network"]["databases"] = []
    job.program = ("-m", "wpclone.mover", "inspect")
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "SourceAddressForbidden"), result
