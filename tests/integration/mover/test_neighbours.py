# SPDX-License-Identifier: Apache-2.0
"""A clone of a clone on the same database server: it copies what needs no rewriting by itself."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests import mariadb
from tests.integration.mover import neighbours, sites
from tests.integration.mover.jobs import Job
from tests.integration.mover.pauses import Pause

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.mover.jobs import Result
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

WITHIN = re.compile(r"\(([0-9,]+) of them within the database server\)")
# Each of the two tables is cut into some sixty ranges.
IN_THE_FIRST = 20
IN_THE_SECOND = 75


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a large site that these tests only read."""
    made = sites.build(server, tmp_path_factory.mktemp("source"))
    neighbours.fill(made)
    return made


@pytest.fixture
def busy(server: Server, tmp_path: Path) -> Site:
    """Build a large site that somebody works on."""
    made = sites.build(server, tmp_path / "source")
    neighbours.fill(made)
    return made


@pytest.fixture
def streamed(server: Server, site: Site, tmp_path: Path) -> tuple[Job, Result]:
    """Copy the site in the way that works for all."""
    home = tmp_path / "streamed"
    home.mkdir()
    job = Job.make(server, home)
    neighbours.beside(job, site)
    del job.config["source"]["clone"]["database"]
    return job, succeeded(job.run())


def succeeded(result: Result) -> Result:
    """Return the result of a run that has to be a good one."""
    assert (result.code, result.outcome.get("outcome")) == (0, "Imported"), result
    return result


def within(result: Result) -> int:
    """Return how many rows the server has copied by itself."""
    found = WITHIN.search(result.outcome["message"])
    return int(found[1].replace(",", "")) if found else 0


def test_both_ways_give_the_same_rows_and_the_same_proof(
    job: Job, site: Site, streamed: tuple[Job, Result]
) -> None:
    """Row by row, in tables that are near and in those that are not; each row counts once."""
    before = site.server.dump("--skip-comments", site.schema)
    neighbours.beside(job, site)
    result = succeeded(job.run())
    other, told = streamed
    for table in neighbours.ALL:
        assert neighbours.content(job, table) == neighbours.content(other, table), table
    assert result.outcome["proof"] == told.outcome["proof"]
    assert result.outcome["import"]["rows"] == told.outcome["import"]["rows"]
    assert result.outcome["import"]["bytes"] > 0
    # The others have an address in them.
    assert neighbours.ROWS * 1.6 < within(result) < neighbours.ROWS * 1.95
    assert within(told) == 0
    assert site.server.dump("--skip-comments", site.schema) == before


def test_whoever_is_not_let_in_streams(job: Job, site: Site, streamed: tuple[Job, Result]) -> None:
    """An operator of an older release, or another server: nothing is refused for it."""
    neighbours.beside(job, site)
    neighbours.shut_out(job, site)
    assert within(succeeded(job.run())) == 0
    assert neighbours.content(job, "wp_odd") == neighbours.content(streamed[0], "wp_odd")


def test_what_is_left_out_is_not_copied_either(job: Job, site: Site) -> None:
    """The structure of an excluded table comes, whoever could copy its rows."""
    neighbours.beside(job, site)
    job.config["content"] = {"excludeTables": ["odd"]}
    result = succeeded(job.run())
    assert 0 < within(result) < neighbours.ROWS
    assert job.rows("SELECT COUNT(*) FROM wp_odd") == [(0,)]


def paused(job: Job, before: int, home: Path) -> Pause:
    """Let the job wait before it copies one of the ranges."""
    pause = Pause(home)
    told = {"pause_before": before, "reached": str(pause.reached), "go_on": str(pause.go_on)}
    job.extra["TEST_RANGES"] = json.dumps({"size": neighbours.RANGE, **told})
    return pause


def test_a_mover_that_was_killed_goes_on_after_the_last_range(
    job: Job, site: Site, streamed: tuple[Job, Result], tmp_path: Path
) -> None:
    """No row twice, none missing, and what was copied is not copied again."""
    neighbours.beside(job, site)
    pause = paused(job, IN_THE_SECOND, tmp_path)
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    ((there,),) = job.rows("SELECT COUNT(*) FROM wp_postmeta")
    assert 0 < int(there) < neighbours.ROWS
    job.rows("UPDATE wp_postmeta SET meta_key = 'was there'")
    neighbours.beside(job, site)
    result = succeeded(job.run())
    assert job.rows("SELECT COUNT(*) FROM wp_postmeta WHERE meta_key = 'was there'") == [(there,)]
    other, told = streamed
    same = "SELECT meta_id, meta_value FROM wp_postmeta ORDER BY meta_id"
    assert job.rows(same) == other.rows(same)
    assert result.outcome["proof"] == told.outcome["proof"]
    assert result.outcome["import"]["rows"] == told.outcome["import"]["rows"]


def test_a_mover_that_is_let_in_no_more_begins_the_table_anew(
    job: Job, site: Site, streamed: tuple[Job, Result], tmp_path: Path
) -> None:
    """Half of a table from here and half from there would fit only by chance."""
    neighbours.beside(job, site)
    pause = paused(job, IN_THE_FIRST, tmp_path)
    process = job.start()
    pause.wait()
    process.kill()
    process.communicate()
    neighbours.beside(job, site)
    neighbours.shut_out(job, site)
    result = succeeded(job.run())
    assert within(result) == 0
    for table in neighbours.NEAR:
        assert neighbours.content(job, table) == neighbours.content(streamed[0], table), table


def test_a_door_that_shuts_on_the_way_is_no_misfortune(
    job: Job, site: Site, streamed: tuple[Job, Result], tmp_path: Path
) -> None:
    """The table at hand begins anew through the guard, and the others follow it."""
    neighbours.beside(job, site)
    pause = paused(job, IN_THE_FIRST, tmp_path)
    process = job.start()
    pause.wait()
    neighbours.shut_out(job, site)
    for connection in site.server.execute("SHOW PROCESSLIST"):
        if connection[1] == job.login.user and connection[3] == site.schema:
            site.server.execute(f"KILL {connection[0]}")
    pause.release()
    succeeded(job.finish(process))
    for table in neighbours.NEAR:
        assert neighbours.content(job, table) == neighbours.content(streamed[0], table), table


def edit(site: Site, low: int, high: int) -> None:
    """Write on the other clone, within some of its rows."""
    some = f"meta_id BETWEEN {low} AND {high} AND meta_id"
    site.server.execute(
        f"UPDATE wp_postmeta SET meta_value = '{sites.URL}/later' WHERE {some} % 25 = 0",
        f"UPDATE wp_postmeta SET meta_value = 'no address' WHERE {some} % 7 = 0",
        f"DELETE FROM wp_postmeta WHERE {some} % 11 = 0",
        schema=site.schema,
    )


@pytest.mark.parametrize("at", [2, IN_THE_SECOND, IN_THE_SECOND + 30])
def test_whoever_writes_meanwhile_costs_no_row(
    job: Job, busy: Site, tmp_path: Path, at: int
) -> None:
    """Clean rows that get an address, rows that lose theirs, and rows that go: each comes once.

    They are written before the table is reached, and in the middle of it.
    """
    sql = "SELECT meta_id FROM wp_postmeta"
    before = {row[0] for row in busy.server.execute(sql, schema=busy.schema)}
    neighbours.beside(job, busy)
    pause = paused(job, at, tmp_path)
    process = job.start()
    pause.wait()
    edit(busy, 0, 3 * neighbours.ROWS)
    busy.server.execute(
        f"INSERT INTO wp_postmeta (post_id, meta_value) VALUES (1, '{sites.URL}'), (1, 'new')",
        schema=busy.schema,
    )
    with busy.server.root(busy.schema) as wire, wire.cursor() as cursor:
        # What somebody has written and not committed is neither waited for nor seen.
        cursor.execute("START TRANSACTION")
        cursor.execute("UPDATE wp_postmeta SET meta_value = 'never committed'")
        pause.release()
        succeeded(job.finish(process))
    after = {row[0] for row in busy.server.execute(sql, schema=busy.schema)}
    copied = [row[0] for row in job.rows(sql)]
    assert len(copied) == len(set(copied))
    assert set(copied) <= before
    assert set(copied) >= before & after
    assert job.rows(f"SELECT COUNT(*) FROM wp_postmeta WHERE meta_value LIKE '{sites.URL}%'") == [
        (0,)
    ]
    assert job.rows("SELECT COUNT(*) FROM wp_postmeta WHERE meta_value = 'never committed'") == [
        (0,)
    ]


def test_a_server_that_crashes_on_the_way_is_waited_for(tmp_path: Path) -> None:
    """The last range that was confirmed is the last that counts."""
    with mariadb.server("--innodb-flush-log-at-trx-commit=1") as server:
        source = sites.build(server, tmp_path / "source")
        neighbours.fill(source)
        job = Job.make(server, tmp_path)
        neighbours.beside(job, source)
        pause = paused(job, IN_THE_SECOND, tmp_path)
        process = job.start()
        pause.wait()
        server.kill()
        server.start()
        pause.release()
        result = succeeded(job.finish(process))
        assert within(result) > neighbours.ROWS * 1.6
        sql = "SELECT meta_id, post_id, meta_key FROM wp_postmeta ORDER BY meta_id"
        assert job.rows(sql) == server.execute(sql, schema=source.schema)
