# SPDX-License-Identifier: Apache-2.0
"""An import into a real MariaDB server: what arrives, what stays behind, what is made harmless."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.mover import sites

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site
    from tests.mariadb import Server

pytestmark = pytest.mark.database


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Site:
    """Build the site to be cloned."""
    return sites.build(server, tmp_path / "source")


def test_a_blank_site_becomes_a_wordpress_with_its_title_and_administrator(job: Job) -> None:
    """A blank clone knows its address and title, and its only user is the clone's own."""
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    assert job.option("home") == job.option("siteurl") == job.target
    assert job.option("blogname") == "A début"
    assert job.option("blog_public") == "0"
    assert job.rows("SELECT ID, user_login FROM wp_users") == [(1, job.username)]
    assert job.rows("SELECT COUNT(*) FROM wp_posts WHERE post_content LIKE '%blank.invalid%'") == [
        (0,)
    ]


def test_progress_only_rises_and_the_report_comes_last(job: Job) -> None:
    """What the operator reads from the log never goes back, and ends with the report."""
    lines = job.run().lines
    percents = [line["percent"] for line in lines if line["event"] == "progress"]
    assert percents == sorted(percents)
    assert [line["event"] for line in lines].index("report") == len(lines) - 1


def test_every_row_arrives_with_its_addresses_rewritten(job: Job, site: Site) -> None:
    """Posts, guids, international text and quotes: only the addresses differ from the source."""
    site.feed(job)
    result = job.run()
    assert result.code == 0, result
    copied = job.rows("SELECT post_title, post_content, guid FROM wp_posts ORDER BY ID")
    there = site.server.execute(
        "SELECT post_title, post_content, guid FROM wp_posts ORDER BY ID", schema=site.schema
    )
    assert copied == [(t, str(c).replace(sites.URL, job.target), g) for t, c, g in there]
    assert result.outcome["import"]["rows"] == result.outcome["inspection"]["rows"]
    proof = result.outcome["proof"]
    assert proof["residualURLs"] == 0
    assert proof["protectedURLs"] >= sites.POSTS  # their guids
    assert proof["serializedValues"] == 1
    assert proof["invalidSerializedBefore"] == proof["invalidSerializedAfter"] == 0
    assert job.option("widget_text") == (
        'a:1:{i:2;a:1:{s:4:"text";s:32:"é https://copy.clones.test/page";}}'
    )


def test_old_tables_arrive_as_they_are(job: Job, site: Site) -> None:
    """Latin letters, zero dates, ids of 0 and '', bits, blobs and keyless rows survive."""
    site.feed(job)
    assert job.run().code == 0
    for table in ("wp_old", "wp_keyless", "wp_computed"):
        same = f"SELECT * FROM {table}"
        assert job.rows(same) == site.server.execute(same, schema=site.schema), table
        ddl = f"SHOW CREATE TABLE {table}"
        assert job.rows(ddl) == site.server.execute(ddl, schema=site.schema), table
    assert job.rows("SELECT HEX(name) FROM wp_old WHERE id = 0") == [("7AE9726F",)]
    assert job.rows("SELECT slug, body FROM wp_utf") == [
        ("", "empty key"),
        ("ü", f"{job.target}/ü"),
    ]
    assert job.rows("SHOW TABLES LIKE 'blog%'") == []


def test_files_arrive_and_text_points_to_the_clone(job: Job, site: Site) -> None:
    """Media byte by byte, text with the clone's address, any name; code is never touched."""
    site.feed(job)
    result = job.run()
    assert result.code == 0
    content = job.root / "wp-content"
    assert (content / "themes/acme/style.css").read_text() == (
        "body { background: url(https://copy.clones.test/bg.png) }"
    )
    assert (content / "uploads/page.json").read_bytes() == (
        rb'{"url":"https:\/\/copy.clones.test\/x"}'
    )
    picture = "wp-content/uploads/2024/picture.png"
    assert (job.root / picture).read_bytes() == (site.folder / picture).read_bytes()
    assert (content / "uploads/2024/empty.txt").read_bytes() == b""
    assert b"https://www.acme.test stays" in (content / "plugins/one/one.php").read_bytes()
    odd = os.path.join(os.fsencode(content), b"uploads", b"caf\xe9 'q'.jpg")  # noqa: PTH118  bytes
    assert Path(os.fsdecode(odd)).read_bytes() == b"latin name"
    assert (job.root / "robots.txt").read_text() == (
        "Sitemap: https://copy.clones.test/sitemap.xml\n"
    )
    left = {item["what"] for item in result.outcome["import"]["skipped"]}
    for path in ("wp-config.php", "wp-content/object-cache.php", "wp-content/cache/page.html"):
        assert not (job.root / path).exists(), path
        assert path in left
    assert not (content / "plugins/wpclone-agent").exists()
    assert sorted(p.name for p in job.state.iterdir()) == ["imported.json"]


def test_p44_the_copy_is_harmless_before_its_first_page(job: Job, site: Site) -> None:
    """Sessions, keys, cron, payments and search engines are dealt with, and it is told."""
    site.feed(job)
    result = job.run()
    assert job.option("blog_public") == "0"
    assert job.option("ping_sites") == ""
    assert job.option("mailserver_pass") == ""
    assert job.option("upload_path") == ""
    for gone in ("cron", "auth_key", "_transient_thing", "wpclone_agent_key"):
        assert job.option(gone) is None, gone
    assert job.option("active_plugins") == ('a:2:{i:0;s:11:"one/one.php";i:1;s:11:"two/two.php";}')
    assert job.option("woocommerce_stripe_settings") == (
        'a:3:{s:7:"enabled";s:2:"no";s:8:"testmode";s:3:"yes";s:10:"secret_key";s:0:"";}'
    )
    assert job.option("woocommerce_flat_rate_settings") == 'a:1:{s:7:"enabled";s:3:"yes";}'
    secrets = (
        "SELECT COUNT(*) FROM wp_usermeta"
        " WHERE meta_key IN ('session_tokens', '_application_passwords')"
    )
    assert job.rows(secrets) == [(0,)]
    told = result.outcome["import"]["neutralised"]
    assert "payment methods switched off: stripe" in told
    assert "scheduled tasks dropped" in told


def test_p43_the_source_users_keep_their_names_and_hashes(job: Job, site: Site) -> None:
    """A fresh administrator is added; the source's own `admin` is not touched."""
    site.feed(job)
    assert job.run().code == 0
    users = job.rows("SELECT user_login, user_pass, user_activation_key FROM wp_users ORDER BY ID")
    assert users[0] == ("admin", "$P$Bhash", "")
    assert users[1][0] == job.username
    rights = (
        "SELECT meta_value FROM wp_usermeta JOIN wp_users ON ID = user_id"
        f" WHERE user_login = '{job.username}' AND meta_key = 'wp_capabilities'"
    )
    assert job.rows(rights) == [('a:1:{s:13:"administrator";b:1;}',)]


def test_a_user_with_the_administrators_name_is_not_overwritten(job: Job, site: Site) -> None:
    """The clone's own administrator never takes over somebody's account."""
    site.server.execute(f"UPDATE wp_users SET user_login = '{job.username}'", schema=site.schema)
    site.feed(job)
    result = job.run()
    assert (result.code, result.outcome["reason"]) == (64, "ImportFailed")
    assert job.rows("SELECT user_pass FROM wp_users") == [("$P$Bhash",)]


def test_a_site_below_a_path_keeps_it_on_the_clones_host(job: Job, site: Site) -> None:
    """`home` and `siteurl` come out as the clone's host with the source's path."""
    for name in ("home", "siteurl"):
        site.server.execute(
            f"UPDATE wp_options SET option_value = '{sites.URL}/blog' WHERE option_name = '{name}'",
            schema=site.schema,
        )
    site.feed(job, home=f"{sites.URL}/blog", site=f"{sites.URL}/blog")
    assert job.run().code == 0
    assert job.option("home") == job.option("siteurl") == f"{job.target}/blog"


def test_titles_and_errors_of_a_hostile_source_are_shown_harmlessly(job: Job, site: Site) -> None:
    """Escape codes in a table's name reach neither the message nor the progress lines."""
    site.server.execute("CREATE TABLE `wp_\x1b[31mred` (a INT)", schema=site.schema)
    site.feed(job, inject="DROP TABLE wp_users;")
    result = job.run()
    assert result.code == 64
    assert "\x1b" not in str(result.outcome) + str(result.lines)


def test_a_blank_source_can_be_inspected_without_a_database(job: Job) -> None:
    """The operator asks the same question of every source; a blank one answers at once."""
    job.program = ("-m", "wpclone.mover", "inspect")
    (job.home / "credentials" / "db-password").unlink()
    result = job.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Inspected")
    assert result.outcome["inspection"]["tablePrefix"] == "wp_"
