# SPDX-License-Identifier: Apache-2.0
"""Twenty kills at random moments of a large import: each ends right, and little comes twice.

The moments are fractions of what the source sends, so that a slow machine is killed there too; what
was sent is the web server's own count, of everything, logins and lists included.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import rootfs
from local.sample.profiles import PORTION
from tests import live_site, mariadb
from tests.integration.mover import largesite
from tests.integration.mover.jobs import Job
from tests.integration.mover.test_live_site import prepare
from tests.live_site import LiveSite

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.wordpress]

KILLS = 20
SEED = 4
# Of everything that has to be sent, how much may be sent once more for each kill.
TWICE = 0.1
IMPORT_SECONDS = 900


@dataclass(frozen=True)
class Whole:
    """An import that nobody has disturbed: what it is to be like, and what it took."""

    live: LiveSite
    rows: dict[str, tuple[object, ...]]
    files: dict[str, str]
    sent: int
    imported: dict[str, object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Run a large live site, and import it once."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    options = ("--max-allowed-packet=64M", "--innodb-buffer-pool-size=256M")
    with mariadb.server(*options) as server, live_site.live(server) as live:
        live.enlarge(PORTION)
        live.visit()
        job = started(live, tmp_path_factory.mktemp("whole"))
        before = live.sent()
        result = job.run(IMPORT_SECONDS)
        assert result.code == 0, result
        sent = live.sent() - before
        rows, files = largesite.rows(live, job.login.schema), largesite.files(job.root)
        job.forget()
        assert files == largesite.files(live.html)
        yield Whole(live, rows, files, sent, result.outcome["import"])


def started(live: LiveSite, home: Path) -> Job:
    """Prepare an import of the live site."""
    job = Job.make(live.server, home)
    prepare(live, job)
    return job


def killed_at(whole: Whole, job: Job, share: float, jitter: float) -> bool:
    """Kill an import once the source has sent a share of the whole; False if it ended before."""
    goal = whole.live.sent() + share * whole.sent
    process = job.start()
    while whole.live.sent() < goal and process.poll() is None:
        time.sleep(0.02)  # the server's count sends no event
    time.sleep(jitter)  # somewhere within a request, not at its end
    process.kill()
    process.communicate()
    return process.returncode < 0


def finished(whole: Whole, job: Job) -> None:
    """Let an import end, and compare every row, every file and the report."""
    result = job.run(IMPORT_SECONDS)
    assert result.code == 0, result
    # The bytes are those of statements, which end where a reply did.
    for name in ("tables", "rows", "files", "fileBytes"):
        assert result.outcome["import"][name] == whole.imported[name], name
    found = largesite.rows(whole.live, job.login.schema)
    assert [name for name in whole.rows if whole.rows[name] != found[name]] == []
    assert largesite.files(job.root) == whole.files


@pytest.mark.timeout(4 * 3600)
def test_each_of_twenty_killed_imports_ends_right(whole: Whole, tmp_path: Path) -> None:
    """Each import is killed once; less than a tenth of the whole is sent a second time."""
    chance = random.Random(SEED)  # noqa: S311  no secret
    twice = []
    for number in range(KILLS):
        home = tmp_path / f"kill-{number}"
        home.mkdir()
        job = started(whole.live, home)
        before = whole.live.sent()
        share, jitter = chance.uniform(0.02, 0.98), chance.uniform(0, 0.3)
        was_killed = killed_at(whole, job, share, jitter)
        finished(whole, job)
        job.forget()
        twice.append((whole.live.sent() - before) / whole.sent - 1)
        print(f"killed at {share:.0%}: {twice[-1]:+.1%} sent twice")  # noqa: T201  the figures
        assert was_killed
    assert max(twice) < TWICE, twice


@pytest.mark.timeout(3600)
def test_one_import_that_is_killed_twenty_times_ends_right(whole: Whole, tmp_path: Path) -> None:
    """Even so it gets on; what is sent twice stays below a tenth of the whole for each kill."""
    chance = random.Random(SEED + 1)  # noqa: S311  no secret
    job = started(whole.live, tmp_path)
    before = whole.live.sent()
    kills = 0
    for _ in range(KILLS):
        kills += killed_at(whole, job, chance.uniform(0.005, 0.07), chance.uniform(0, 0.3))
    finished(whole, job)
    twice = (whole.live.sent() - before) / whole.sent - 1
    print(f"killed {kills} times: {twice:+.1%} sent twice in all")  # noqa: T201  the figures
    assert kills == KILLS
    assert twice < TWICE * kills
