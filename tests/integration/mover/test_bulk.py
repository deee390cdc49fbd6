# SPDX-License-Identifier: Apache-2.0
"""Large tables are indexed once they are full, and another one is loaded meanwhile."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.mover import sites
from tests.integration.mover.jobs import Job
from tests.integration.mover.pauses import Pause

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

# The tests' source says that a row has a hundred bytes: this many are worth sorting.
ROWS = 3_000
PIECE = 500
PATIENCE_SECONDS = 60
FILL = (
    "INSERT INTO {} (a, b, c) SELECT seq, CONCAT('https://www.acme.test/', seq % 97),"
    f" CONCAT('word ', seq % 13) FROM seq_1_to_{ROWS}"
)
COLUMNS = "a INT NOT NULL, b VARCHAR(250) NOT NULL DEFAULT '', c TEXT"
TABLES = {
    "wp_big": f"{COLUMNS}, PRIMARY KEY (a), KEY z (b(20), a), UNIQUE KEY u (b, a), KEY `b``` (c(9))"
    " COMMENT 'KEY, `x`', FULLTEXT KEY words (c), KEY y (a) USING BTREE",
    "wp_counted": "id BIGINT NOT NULL AUTO_INCREMENT, a INT, b VARCHAR(99), c TEXT, v INT AS (a+1)"
    " VIRTUAL, KEY b (b), KEY id (id), KEY v (v)",
    "wp_parent": f"{COLUMNS}, KEY other (b), KEY a (a)",
    "wp_child": f"{COLUMNS}, KEY c (c(9)), CONSTRAINT f FOREIGN KEY (a) REFERENCES wp_parent (a)",
    "wp_aria": f"{COLUMNS}, KEY a (a), KEY b (b)",
}


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build a site with some large tables, one for each reason to treat it in its own way."""
    built = sites.build(server, tmp_path / "source")
    for name, columns in TABLES.items():
        engine = "MyISAM" if name == "wp_aria" else "InnoDB"
        server.execute(f"CREATE TABLE {name} ({columns}) ENGINE={engine}", schema=built.schema)
        server.execute(FILL.format(name), schema=built.schema)
    return built


def same(job: Job, site: Site) -> None:
    """Assert that definitions and rows of the large tables are the source's."""
    for table in TABLES:
        ddl = f"SHOW CREATE TABLE {table}"
        assert job.rows(ddl) == site.server.execute(ddl, schema=site.schema)
        rows = f"SELECT a, b, c FROM {table} ORDER BY a"
        there = site.server.execute(rows, schema=site.schema)
        rewritten = [(a, str(b).replace(sites.URL, job.target), c) for a, b, c in there]
        assert job.rows(rows) == rewritten, table


def until(look: Callable[[], Any]) -> None:
    """Wait for what the server shows and announces to nobody."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def working(server: Server, like: str) -> bool:
    """Say whether a statement like this is at work, or waits."""
    asked = (
        "SELECT 1 FROM information_schema.processlist WHERE info LIKE %s AND id <> CONNECTION_ID()"
    )
    with server.root() as wire, wire.cursor() as cursor:
        return bool(cursor.execute(asked, (like,)))


def test_indexes_made_last_give_the_same_tables(job: Job, site: Site) -> None:
    """Order, prefixes, comments, full text, counting columns and foreign keys are the source's."""
    job.server.execute("SET GLOBAL general_log=1, GLOBAL log_output='TABLE'")
    try:
        site.feed(job, rows_per_piece=PIECE)
        result = job.run()
    finally:
        job.server.execute("SET GLOBAL general_log=0")
    assert result.code == 0, result
    same(job, site)
    said = job.server.execute(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log"
        f" WHERE argument LIKE 'ALTER TABLE%' AND user_host LIKE '{job.login.user}%'"
    )
    assert [str(text).split(" ADD ", 1)[0] for (text,) in said] == ["ALTER TABLE `wp_big`"]


@contextlib.contextmanager
def two_in_flight(job: Job, site: Site, pause: Pause) -> Iterator[subprocess.Popen[str]]:
    """Run an import to where one table waits for its indexes and another is half read."""
    pauses = [("wp_big", 2), ("wp_child", 3)]
    site.feed(job, rows_per_piece=PIECE, **pause.plan(pauses, "pauses"))
    process = job.start()
    pause.wait()
    with job.server.root(job.login.schema) as reader, reader.cursor() as cursor:
        # Whoever reads a table keeps others from changing it.
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM wp_big LIMIT 1")
        pause.release()
        pause.wait()
        until(lambda: working(job.server, "ALTER TABLE `wp_big`%"))
        yield process


def test_killed_with_two_tables_in_flight_nothing_is_lost_or_fetched_twice(
    job: Job, site: Site, tmp_path: Path
) -> None:
    """The full one only gets its indexes, the half one its other half."""
    with two_in_flight(job, site, Pause(tmp_path)) as process:
        process.kill()
        process.communicate()
    assert job.rows("SELECT done FROM wpcloneprogress WHERE name = 'wp_big'") == [(0,)]
    same_big = job.rows("SELECT COUNT(*) FROM wp_big")
    site.server.execute("UPDATE wp_big SET c = 'late'", schema=site.schema)
    site.feed(job, rows_per_piece=PIECE)
    result = job.run()
    assert result.code == 0, result
    assert job.rows("SELECT COUNT(*) FROM wp_big WHERE c <> 'late'") == same_big == [(ROWS,)]
    site.server.execute("UPDATE wp_big SET c = CONCAT('word ', a % 13)", schema=site.schema)
    same(job, site)


def test_a_server_that_crashes_with_two_tables_in_flight_is_waited_for(
    own_server: Server, site: Site, tmp_path: Path
) -> None:
    """Both go on where the ledger of the server that came back says."""
    home = tmp_path / "crashed"
    home.mkdir()
    job = Job.make(own_server, home)
    pause = Pause(tmp_path)
    with two_in_flight(job, site, pause) as process:
        own_server.kill()
    pause.release()
    own_server.start()
    result = job.finish(process)
    assert result.code == 0, result
    same(job, site)


def test_a_statement_of_an_earlier_mover_is_waited_for(job: Job, site: Site) -> None:
    """Its second connection may outlive it on the server, at work on a table."""
    site.feed(job)
    with job.server.root() as wire, wire.cursor() as cursor:
        cursor.execute(f"SELECT GET_LOCK('wpclone-{job.uid}-2', 0)")
        assert cursor.fetchone() == (1,)
        process = job.start()
        until(lambda: working(job.server, f"SELECT GET_LOCK('wpclone-{job.uid}-2'%"))
        assert [row for row in job.rows("SHOW TABLES") if row[0] in TABLES] == []
    assert job.finish(process).code == 0
