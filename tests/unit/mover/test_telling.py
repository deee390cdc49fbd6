# SPDX-License-Identifier: Apache-2.0
"""What the mover says: progress, reports, hashes, and how it reads its surroundings."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wpclone.api.choices import Content
from wpclone.api.mover import ImportConfig, Inspection
from wpclone.errors import InvalidSpec
from wpclone.mover import administrator, config, report
from wpclone.mover.blank import BlankSource
from wpclone.mover.choosing import Choice
from wpclone.mover.config import Config
from wpclone.mover.files import Copied
from wpclone.mover.ledger import Arrived
from wpclone.mover.progress import Meter
from wpclone.mover.sources.base import Skipped
from wpclone.mover.spool import view


def test_progress_comes_once_a_second_and_never_falls() -> None:
    """Between two lines lies a second; a line that matters comes at once."""
    out, now = io.StringIO(), [0.0]
    meter = Meter(out, lambda: now[0])
    meter.expect(rows=800, files=200)
    meter.rows.advance(400)
    meter.tell("wp_posts: 4 rows")
    meter.tell("unheard")
    now[0] = 1.0
    meter.rows.done = 100
    meter.tell("\x1b[31mwp_x")
    meter.rows.reach(900)
    meter.files.advance(500)
    meter.tell("at once", urgent=True)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["percent"], line["detail"]) for line in lines] == [
        (40, "wp_posts: 4 rows"),
        (40, "wp_x"),
        (99, "at once"),
    ]


def test_a_report_with_much_to_tell_still_fits(tmp_path: Path) -> None:
    """The termination message stays within 3 KiB however much was left out."""
    job = ImportConfig.model_validate({"attempt": 2, "source": {"kind": "blank"}})
    facts = report.Facts(
        Config("u", "c", "https://c.test", job, {}, tmp_path, None),
        Inspection(home_url="https://a.test/" + "x" * 500, title="é" * 200),
        Choice(Content(), "wp_"),
        "https://c.test/blog",
        datetime.now(UTC),
        {f"wp_{n}": Arrived(rows=n, bytes=1, rewritten=2) for n in range(4)},
        Copied(files=3, size=9, vanished=1, skipped=[Skipped("x" * 150, "y")] * 3),
        [f"wp_{n}: collation" for n in range(50)],
        [Skipped(f"{n}" + "v" * 180, "a view") for n in range(50)],
        [f"done {n}" for n in range(50)],
    )
    outcome = report.imported(facts)
    assert len(outcome.termination_message()) <= 3072
    told = json.loads(outcome.termination_message())
    assert told["message"] == "Copied 6 rows and 3 files to https://c.test/blog"
    assert told["import"]["rows"] == 6
    assert told["proof"]["valuesRewritten"] == 8
    assert outcome.import_ is not None
    assert len(outcome.import_.skipped) == 32


def test_the_hash_is_the_one_that_wordpress_knows() -> None:
    """A vector that WordPress' own PasswordHash has confirmed."""
    assert administrator.portable_hash("pässword", b"abcdef") == VECTOR


VECTOR = "$P$BV7qMYJaN0qKwMpDuUapkYbhVyAUjU1"


def test_the_blank_source_is_a_whole_wordpress() -> None:
    """Twelve tables, an administrator's role, no user, and no address but its own."""
    source = BlankSource()
    seen = source.inspect()
    assert (seen.tables, seen.table_prefix, seen.home_url) == (12, "wp_", "http://blank.invalid")
    assert int(seen.db_version) > 60_000
    tables = {table.name: table for table in source.tables()}
    assert tables["wp_users"].rows == 0
    sql = b"".join(view(p.sql) for p in source.rows(tables["wp_options"], None))
    assert b"wp_user_roles" in sql
    assert b"_transient_" not in sql
    assert sum(p.rows for t in tables.values() for p in source.rows(t, None)) == seen.rows
    assert list(source.files()) == []


ENVIRONMENT = {
    "WPCLONE_CLONE_UID": "u",
    "WPCLONE_CLONE_NAME": "c",
    "WPCLONE_TARGET_URL": "https://c.test/",
    "WPCLONE_IMPORT": '{"attempt":1,"source":{"kind":"blank"}}',
    "WPCLONE_DB_HOST": "db",
    "WPCLONE_DB_NAME": "wpc",
    "WPCLONE_DOCUMENT_ROOT": "/site/html",
    "WPCLONE_STATE_DIR": "/site/state",
}
CREDENTIALS = ("db-username", "db-password", "wordpress-username", "wordpress-password")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return what a Job's pod has, secrets included."""
    for key in CREDENTIALS:
        (tmp_path / key).write_text(f"the {key}\n")
    (tmp_path / "..data").mkdir()
    return {
        **ENVIRONMENT,
        "WPCLONE_CREDENTIALS": str(tmp_path),
        "WPCLONE_SOURCE_SECRET": str(tmp_path / "none"),
    }


def test_the_environment_becomes_one_frozen_value(environment: dict[str, str]) -> None:
    """Secrets lose the newline of their files, and are not shown by the value's text."""
    read = config.read("import", environment)
    assert read.target_url == "https://c.test"
    assert read.site is not None
    assert read.site.database.password == "the db-password"
    assert read.site.database.port == 3306
    assert "the db-password" not in repr(read)
    assert config.read("inspect", environment).site is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WPCLONE_CLONE_UID", "", "WPCLONE_CLONE_UID is not set"),
        ("WPCLONE_TARGET_URL", "copy.test", "not an address"),
        ("WPCLONE_DB_PORT", "99999", "not a port"),
        ("WPCLONE_DB_PORT", "x", "not a port"),
        ("WPCLONE_IMPORT", "{}", "WPCLONE_IMPORT: attempt"),
        ("WPCLONE_IMPORT", '{"attempt":1,"source":{"kind":"x"}}', "WPCLONE_IMPORT: source.kind"),
        ("WPCLONE_CREDENTIALS", "/nowhere", "lack the key db-username"),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(
    environment: dict[str, str], name: str, value: str, sentence: str
) -> None:
    """The variable is named, its value is not repeated."""
    with pytest.raises(InvalidSpec, match=sentence):
        config.read("import", {**environment, name: value})
