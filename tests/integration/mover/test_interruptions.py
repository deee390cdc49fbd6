# SPDX-License-Identifier: Apache-2.0
"""An import that is killed, cut or restarted at any point ends as if nothing had happened."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.mover import sites
from tests.integration.mover.jobs import Job
from tests.integration.mover.pauses import Pause

if TYPE_CHECKING:
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

# Pieces are counted over all tables; the site has some forty, the posts a dozen in a row.
POINTS = (1, 3, 9, 16, 20, 24, 31)


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source")


def content(job: Job) -> dict[str, list[tuple[Any, ...]]]:
    """Return all the clone's tables, without what is new in every import."""
    tables = [row[0] for row in job.rows("SHOW TABLES")]
    found = {t: job.rows(f"SELECT * FROM `{t}`") for t in tables if not t.startswith("wpclone")}
    found["wp_users"] = [row[:2] for row in found["wp_users"]]
    found["wp_usermeta"] = [row[1:3] for row in found["wp_usermeta"]]
    return found


@pytest.fixture
def undisturbed(server: Server, site: Site, tmp_path: Path) -> dict[str, Any]:
    """Import the site into another schema without any fault."""
    home = tmp_path / "undisturbed"
    home.mkdir()
    job = Job.make(server, home)
    site.feed(job)
    assert job.run().code == 0
    return content(job)


@pytest.mark.parametrize(
    ("what", "point"),
    [
        *(("pause_before", point) for point in POINTS),
        *(("pause_before_file", point) for point in (1, 5, 8)),
    ],
)
def test_f11_killed_at_any_point_it_resumes_to_the_same_site(
    job: Job, site: Site, undisturbed: dict[str, Any], tmp_path: Path, what: str, point: int
) -> None:
    """After SIGKILL the next run finishes the import: no row twice, no row or file missing."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(point, what))
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    assert job.rows("SHOW TABLES LIKE 'wpcloneimport'") == []
    assert not (job.state / "imported.json").exists()
    site.feed(job)
    result = job.run()
    assert result.code == 0, result
    assert content(job) == undisturbed
    assert result.outcome["import"]["rows"] == result.outcome["inspection"]["rows"]
    assert result.outcome["import"]["files"] == sites.FILES


def test_tables_that_have_arrived_are_not_fetched_again(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """A resumed import only streams what is missing."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(31))
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    done = job.rows("SELECT COUNT(*) FROM wpcloneprogress WHERE done = 1")[0][0]
    assert done > 5
    # Those tables are no longer readable on the source: whoever asked for them would fail.
    for (name,) in job.rows("SELECT name FROM wpcloneprogress WHERE done = 1 AND name = 'wp_old'"):
        site.server.execute(f"RENAME TABLE {name} TO hidden", schema=site.schema)
        site.server.execute(f"CREATE TABLE {name} (broken INT) ENGINE=InnoDB", schema=site.schema)
    site.feed(job)
    assert job.run().code == 0
    assert len(job.rows("SELECT * FROM wp_old")) == 2


def test_sigterm_ends_it_quickly_and_asks_for_another_try(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """Eviction: exit code 75, a sentence in the termination message, and no half-finished mark."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(20))
    process = job.start()
    pause.wait()
    process.send_signal(signal.SIGTERM)
    result = job.finish(process)
    assert result.code == 75
    assert result.outcome["retryable"] is True
    assert "stopped from outside" in result.outcome["message"]
    assert result.errors == ""


def test_sigterm_is_answered_in_time_even_if_the_source_hangs(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """Saying good-bye to the source may not cost the last word to the operator."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(20), hang_on_close=True)
    process = job.start()
    pause.wait()
    process.send_signal(signal.SIGTERM)
    result = job.finish(process)
    assert (result.code, result.outcome["retryable"]) == (75, True)


def test_a_source_that_dies_for_good_is_told(job: Job, site: Site) -> None:
    """The source's own reason reaches the outcome, and nothing is marked as finished."""
    site.feed(job, cut_before=20)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "SourceLost")
    assert job.rows("SHOW TABLES LIKE 'wpcloneimport'") == []


@pytest.mark.parametrize("point", POINTS)
def test_a_cut_database_connection_is_mended(
    job: Job, site: Site, undisturbed: dict[str, Any], tmp_path: Path, point: int
) -> None:
    """Connections killed in mid-table, MyISAM included, cost nothing but time."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(point))
    process = job.start()
    pause.wait()
    for (number,) in job.server.execute(
        f"SELECT id FROM information_schema.processlist WHERE user = '{job.login.user}'"
    ):
        job.server.execute(f"KILL CONNECTION {number}")
    pause.release()
    result = job.finish(process)
    assert result.code == 0, result
    assert content(job) == undisturbed


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_database_server_that_restarts_in_the_middle_is_waited_for(
    own_server: Server, site: Site, undisturbed: dict[str, Any], tmp_path: Path, how: str
) -> None:
    """Shut down or killed while a table is half loaded: the import goes on where it was."""
    home = tmp_path / "restarted"
    home.mkdir()
    job = Job.make(own_server, home)
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(20))
    process = job.start()
    pause.wait()
    getattr(own_server, how)()
    pause.release()
    own_server.start()
    result = job.finish(process)
    assert result.code == 0, result
    assert content(job) == undisturbed


def test_a_server_that_never_returns_is_given_up(own_server: Server, tmp_path: Path) -> None:
    """DatabaseUnavailable after the outage budget, retryable."""
    job = Job.make(own_server, tmp_path)
    job.program = ("-m", "tests.integration.mover.driver", "import")
    job.extra["TEST_OUTAGE"] = "0.5"
    own_server.kill()
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "DatabaseUnavailable")


def test_a_finished_import_tells_the_same_again_and_touches_nothing(job: Job, site: Site) -> None:
    """A second run over people's work is the same report, and no write."""
    site.feed(job)
    first = job.run()
    job.server.execute("UPDATE wp_posts SET post_title = 'mine'", schema=job.login.schema)
    (job.root / "robots.txt").write_text("mine")
    site.feed(job, cut_before=1)
    second = job.run()
    assert (second.code, second.outcome) == (0, first.outcome)
    assert job.rows("SELECT DISTINCT post_title FROM wp_posts") == [("mine",)]
    assert (job.root / "robots.txt").read_text() == "mine"


def test_a_lost_volume_is_filled_again_without_touching_the_database(job: Job, site: Site) -> None:
    """The database's mark stands: rows changed since stay, files come back."""
    site.feed(job)
    assert job.run().code == 0
    job.server.execute("UPDATE wp_posts SET post_title = 'mine'", schema=job.login.schema)
    for path in sorted((job.home / "site").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert job.run().code == 0
    assert (job.root / "wp-content/themes/acme/style.css").exists()
    assert (job.state / "imported.json").exists()
    assert job.rows("SELECT DISTINCT post_title FROM wp_posts") == [("mine",)]


def test_another_clones_database_is_not_taken(job: Job, site: Site) -> None:
    """A schema that is marked with another uid is refused as a conflict."""
    site.feed(job)
    assert job.run().code == 0
    job.uid = "00000000-0000-0000-0000-000000000000"
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "NameConflict")


def test_two_movers_never_work_on_one_clone(job: Job, site: Site, tmp_path: Path) -> None:
    """The second waits for the lock, which the first holds for as long as it lives."""
    pause = Pause(tmp_path)
    site.feed(job, **pause.plan(20))
    first = job.start()
    pause.wait()
    lock = f"SELECT IS_USED_LOCK('wpclone-{job.uid}') IS NOT NULL"
    assert job.server.execute(lock) == [(1,)]
    first.kill()
    first.communicate()
    site.feed(job)
    assert job.run().code == 0
    assert job.server.execute(lock) == [(0,)]
