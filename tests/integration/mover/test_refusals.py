# SPDX-License-Identifier: Apache-2.0
"""What the mover refuses, each with its reason, and what it leaves untouched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.mover import sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

HOSTILE = (
    "DROP TABLE wp_users;",
    "INSERT INTO `wp_users` (`user_login`) SELECT user FROM mysql.user;",
    "INSERT INTO `mysql`.`user` (`user`) VALUES ('x');",
    "INSERT INTO `wp_users` (`user_login`) VALUES (LOAD_FILE('/etc/passwd'));",
    "INSERT INTO `wp_users` (`user_login`) VALUES ((SELECT 1));",
    "INSERT INTO `wp_users` (`user_login`) VALUES ('x') ON DUPLICATE KEY UPDATE ID = 0;",
    "GRANT ALL ON *.* TO x;",
    "SET GLOBAL general_log = 1;",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE wp_users;",
    "SELECT 1 INTO OUTFILE '/tmp/x';",
    "/*!50003 DROP TABLE wp_users */;",
)


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source")


@pytest.mark.parametrize("statement", HOSTILE)
def test_s17_a_statement_that_is_no_plain_insert_is_never_run(
    job: Job, site: Site, statement: str
) -> None:
    """Whatever SQL a source slips in, the import ends and the statement has had no effect."""
    site.feed(job, inject=statement)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed"), result
    assert "something else than rows" in result.outcome["message"]
    assert job.rows("SHOW TABLES LIKE 'wp_comments'") == [("wp_comments",)]
    assert job.rows("SELECT COUNT(*) FROM wp_comments") == [(0,)]


def test_a_source_that_went_away_after_its_inspection_is_lost(job: Job, tmp_path: Path) -> None:
    """It is not called unreachable, which would sound like a wrong address; a retry may help."""
    secret = tmp_path / "secret"
    secret.mkdir()
    for key in ("username", "password"):
        (secret / key).write_text("anybody")
    job.extra["WPCLONE_SOURCE_SECRET"] = str(secret)
    job.config |= {
        "source": {"kind": "site", "url": "http://127.0.0.1:9"},
        "network": {"allow": ["127.0.0.0/8"], "http": True},
        "inspection": {},
    }
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "SourceLost"), result
    assert "stopped answering after its inspection" in result.outcome["message"]


def test_a_row_larger_than_the_server_takes_is_named(job: Job, site: Site) -> None:
    """The message tells table and key of the row; it is never skipped."""
    packet = int(str(site.server.execute("SELECT @@max_allowed_packet")[0][0]))
    site.server.execute("SET GLOBAL max_allowed_packet = 1048576")
    try:
        site.server.execute(
            "INSERT INTO wp_postmeta (meta_id, meta_key, meta_value)"
            " VALUES (4711, 'big', CONCAT(REPEAT('x', 700000), REPEAT('\\'', 200000)))",
            schema=site.schema,
        )
        site.feed(job)
        result = job.run()
    finally:
        site.server.execute(f"SET GLOBAL max_allowed_packet = {packet}")
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed")
    assert "wp_postmeta" in result.outcome["message"]
    assert "4711" in result.outcome["message"]


def test_statements_are_cut_to_what_the_server_takes(job: Job, site: Site) -> None:
    """Many rows in one statement pass a small server in several."""
    packet = int(str(site.server.execute("SELECT @@max_allowed_packet")[0][0]))
    site.server.execute(
        "INSERT INTO wp_postmeta (meta_key, meta_value) VALUES"
        + ",".join("('big', REPEAT('x', 100000))" for _ in range(30)),
        schema=site.schema,
    )
    site.feed(job, rows_per_piece=100)
    site.server.execute("SET GLOBAL max_allowed_packet = 1048576")
    try:
        result = job.run()
    finally:
        site.server.execute(f"SET GLOBAL max_allowed_packet = {packet}")
    assert result.code == 0, result
    assert job.rows(
        "SELECT COUNT(*), SUM(LENGTH(meta_value)) FROM wp_postmeta WHERE meta_key='big'"
    ) == [(30, 3_000_000)]


def test_bytes_the_database_would_cut_end_the_import(job: Job, site: Site) -> None:
    """A value that cannot be stored as it is names its table; nothing is cut in silence."""
    site.server.execute(
        "ALTER TABLE wp_comments MODIFY comment_author VARBINARY(60)", schema=site.schema
    )
    site.server.execute("UPDATE wp_comments SET comment_author = 0x636166e9", schema=site.schema)
    site.feed(job, ddl_swap=("varbinary(60)", "varchar(60)"))
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed"), result
    assert "wp_comments" in result.outcome["message"]


def test_a_harmful_warning_is_seen_among_many_harmless_ones(job: Job, site: Site) -> None:
    """Old rows warn by the hundred, harmlessly; the one whose bytes do not fit is found."""
    site.server.execute(
        "CREATE TABLE wp_many (kind ENUM('a') NOT NULL, name VARBINARY(60)) CHARSET=utf8mb4",
        "SET sql_mode=''",
        "INSERT INTO wp_many SELECT '', 'x' FROM seq_1_to_150",
        "INSERT INTO wp_many VALUES ('', 0x636166e9)",
        schema=site.schema,
    )
    site.feed(job, ddl_swap=("varbinary(60)", "varchar(60)"), rows_per_piece=200)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed"), result
    assert "wp_many" in result.outcome["message"]


def test_p18_a_site_without_a_core_table_is_refused_before_anything_is_loaded(
    job: Job, site: Site
) -> None:
    """A source that lacks a core table is no WordPress, and the schema stays empty."""
    site.server.execute("DROP TABLE wp_usermeta", schema=site.schema)
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "VerificationFailed")
    assert job.rows("SHOW TABLES") == []


def test_p20_a_source_without_options_is_no_site(job: Job, site: Site) -> None:
    """An empty options table would show the install screen: it is never called a success."""
    site.server.execute("DELETE FROM wp_options", schema=site.schema)
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "VerificationFailed")
    assert job.rows("SHOW TABLES LIKE 'wpcloneimport'") == []


def test_a_schema_with_foreign_tables_is_left_alone(job: Job, site: Site) -> None:
    """Only a fresh schema, or one that an import of ours began, is loaded into."""
    site.server.execute("CREATE TABLE precious (a INT)", schema=job.login.schema)
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed")
    assert job.rows("SHOW TABLES") == [("precious",)]


def test_a_wrong_database_password_is_worth_another_try(job: Job) -> None:
    """The operator may still be making the user: DatabaseUnavailable, exit code 75."""
    (job.home / "credentials" / "db-password").write_text("wrong")
    job.program = ("-m", "tests.integration.mover.driver", "import")
    job.extra["TEST_OUTAGE"] = "0.1"
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (75, "DatabaseUnavailable")
    assert "wrong" not in str(result.lines) + result.errors


def test_a_missing_variable_is_told_in_one_sentence(job: Job) -> None:
    """No traceback: the name of what is missing."""
    job.extra["WPCLONE_TARGET_URL"] = ""
    result = job.run()
    assert result.code == 64
    assert result.outcome["message"] == "The environment variable WPCLONE_TARGET_URL is not set"
    assert result.errors == ""


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of half a megabyte."""
    folder = tmp_path / "site"
    folder.mkdir()
    mounted = (
        os.getuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_volume_is_called_by_its_name(job: Job, site: Site, small_volume: Path) -> None:
    """StorageFull, and the sentence says which field gives more room."""
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "StorageFull"), result
    assert "spec.site.storage" in result.outcome["message"]
    assert small_volume.is_dir()
    assert job.rows("SHOW TABLES LIKE 'wpcloneimport'") == []


def test_a_value_that_the_server_would_drop_in_silence_stops_the_import(
    job: Job, site: Site
) -> None:
    """A UUID in a binary literal becomes NULL, and the server only warns of it."""
    site.server.execute(
        "CREATE TABLE wp_own (u UUID)", "INSERT INTO wp_own VALUES (UUID())", schema=site.schema
    )
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed"), result
    assert "wp_own" in result.outcome["message"]
