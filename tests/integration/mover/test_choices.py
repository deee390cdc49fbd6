# SPDX-License-Identifier: Apache-2.0
"""What a person chose of a source: what stays behind, what else is rewritten, what is off."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.mover import sites

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database

PLUGINS = ("one/one.php", "wordfence/wordfence.php", "hello.php", "wp-rocket/wp-rocket.php")
CDN = "https://cdn.acme.test"


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned: with a CDN, an old domain and plugins."""
    built = sites.build(server, tmp_path / "source")
    active = php(f"echo serialize({json.dumps(PLUGINS)});")
    with server.root(built.schema) as wire, wire.cursor() as cursor:
        cursor.execute(
            "UPDATE wp_options SET option_value = %s WHERE option_name = 'active_plugins'",
            (active,),
        )
        cursor.execute(
            "UPDATE wp_posts SET post_content = %s WHERE ID = 1",
            (f"{CDN}/a.png http://www.old-acme.test/b {sites.URL}/c https://new.test/d",),
        )
    return built


def php(code: str) -> str:
    """Ask PHP itself."""
    done = subprocess.run(
        ["php", "-n", "-r", code], check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout


def left_out(outcome: dict[str, dict[str, list[dict[str, str]]]]) -> dict[str, str]:
    """Return what the report names as left out, and why."""
    return {item["what"]: item["why"] for item in outcome["import"]["skipped"]}


def test_files_and_rows_that_nobody_wants_stay_behind_and_are_told(job: Job, site: Site) -> None:
    """A table comes without its rows; a pattern that fits nothing is named too."""
    site.feed(job)
    job.config["content"] = {
        "exclude": ["wp-content/uploads/2024", "wp-content/**/*.css", "uploads/2019"],
        "excludeTables": ["old", "wp_key*", "nothing_*"],
    }
    result = job.run()
    assert result.code == 0, result
    content = job.root / "wp-content"
    assert not (content / "uploads/2024").exists()
    assert not (content / "themes/acme/style.css").exists()
    assert (content / "uploads/page.json").is_file()
    for table, rows in (("wp_old", 0), ("wp_keyless", 0), ("wp_computed", 1)):
        assert job.rows(f"SELECT COUNT(*) FROM {table}") == [(rows,)], table
    told = left_out(result.outcome)
    assert told["2 files"] == "spec.content.exclude names wp-content/uploads/2024"
    assert told["1 files"] == "spec.content.exclude names wp-content/**/*.css"
    assert told["wp_old"] == "only its structure: spec.content.excludeTables names old"
    assert told["wp_keyless"] == "only its structure: spec.content.excludeTables names wp_key*"
    for idle in ("uploads/2019", "nothing_*"):
        assert told[idle].startswith("nothing:"), idle
    assert result.outcome["inspection"]["files"] == 9  # of twelve


def test_uploads_stay_behind_as_a_whole(job: Job, site: Site) -> None:
    """The clone has the site's design and none of its media."""
    site.feed(job)
    job.config["content"] = {"uploads": "Skip"}
    result = job.run()
    assert result.code == 0, result
    assert not (job.root / "wp-content/uploads").exists()
    assert (job.root / "wp-content/themes/acme/style.css").is_file()
    assert left_out(result.outcome)["4 files"] == "spec.content.uploads is Skip"


def test_a_cdn_and_an_old_domain_become_the_clones(job: Job, site: Site) -> None:
    """In rows and in files; what takes the place of one is not rewritten by another."""
    (site.folder / "wp-content/themes/acme/style.css").write_text(f"url({CDN}/bg.png)")
    site.feed(job)
    job.config["additional"] = [
        {"from": CDN},
        {"from": "https://old-acme.test", "to": "https://new.test"},
        {"from": "https://new.test", "to": "https://newer.test"},
    ]
    result = job.run()
    assert result.code == 0, result
    assert job.rows("SELECT post_content FROM wp_posts WHERE ID = 1") == [
        (f"{job.target}/a.png https://new.test/b {job.target}/c https://newer.test/d",)
    ]
    style = job.root / "wp-content/themes/acme/style.css"
    assert style.read_text() == f"url({job.target}/bg.png)"
    assert result.outcome["proof"]["residualURLs"] == 0


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"content": {"excludeTables": ["wp_o*"]}}, "wp_o* matches wp_options, a table of"),
        ({"additional": [{"from": sites.URL}]}, "the source's own address"),
    ],
)
def test_what_cannot_be_done_with_this_source_is_refused(
    job: Job, site: Site, wish: dict[str, object], sentence: str
) -> None:
    """Only the source tells its prefix and address; nothing is copied then."""
    site.feed(job)
    job.config |= wish
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "InvalidSpec"), result
    assert sentence in result.outcome["message"]
    assert job.rows("SHOW TABLES LIKE 'wp_options'") == []
    assert not (job.root / "wp-content").exists()


def test_plugins_are_off_before_the_first_page(job: Job, site: Site) -> None:
    """PHP reads a list without holes; the files come along; it is told by name."""
    site.feed(job)
    job.config["pluginsOff"] = ["akismet", "hello.php", "wordfence"]
    result = job.run()
    assert result.code == 0, result
    stored = job.option("active_plugins")
    assert php(f"echo json_encode(unserialize('{stored}'));") == (
        '["one\\/one.php","wp-rocket\\/wp-rocket.php"]'
    )
    told = result.outcome["import"]["neutralised"]
    assert "plugins switched off: hello.php, wordfence" in told
    assert (job.root / "wp-content/plugins/one/one.php").is_file()
