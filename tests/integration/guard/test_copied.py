# SPDX-License-Identifier: Apache-2.0
"""A running clone that is copied by the import of another one, with all its real parts."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.integration.guard.furnishing import write
from tests.integration.mover.jobs import Job
from wpclone.api import secrets

if TYPE_CHECKING:
    from pathlib import Path

    from tests import mariadb
    from tests.site_container import Site

pytestmark = pytest.mark.database

SALT = "a salt for tests"
COPY = "/.wpclone/copy/wp-json/wpclone-agent/v1/"
POST = "The page <a href='{0}/about'>about</a>, and {0}/wp-content/uploads/2026/photo.jpg"


@pytest.fixture
def child(site: Site, database: mariadb.Server, tmp_path: Path) -> Job:
    """Prepare the import of a clone that copies the running one."""
    site.execute(
        "php",
        "-r",
        "$_SERVER['HTTP_HOST'] = 'acme-preview.clones.test'; require '/var/www/html/wp-load.php';"
        f" wp_update_post(['ID' => 1, 'post_content' => \"{POST.format(site.url)}\"]);",
    )
    write(site.html / "wp-content/themes/plain/more.css", f"a {{ b: url({site.url}/x.png) }}")
    job = Job.make(database, tmp_path)
    job.config["source"] = {
        "kind": "clone",
        "clone": {"name": "acme", "uid": site.uid, "url": f"http://127.0.0.1:{site.port}"},
    }
    give_key(job, secrets.copy_key(SALT, job.uid))
    return job


def give_key(job: Job, key: str) -> None:
    """Give an import the key of the clone that it copies."""
    (job.home / "source").mkdir(exist_ok=True)
    (job.home / "source" / secrets.COPY_KEY).write_text(key)


@pytest.mark.parametrize("access", ["Link", "Login", "Public"])
def test_rows_and_files_arrive_at_the_new_address(site: Site, child: Job, access: str) -> None:
    """Whoever may look at the clone, the signature counts; and nothing of it is changed."""
    site.tell(access=access)
    before = options(site)
    result = child.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    assert child.rows("SELECT post_content FROM wp_posts WHERE ID = 1") == [
        (POST.format(child.target),)
    ]
    assert child.option("home") == child.option("siteurl") == child.target
    assert child.rows("SELECT user_login FROM wp_users ORDER BY ID") == [
        ("boss",),
        ("reader",),
        (child.username,),
    ]
    content = child.root / "wp-content"
    assert (content / "themes/plain/more.css").read_text() == (
        f"a {{ b: url({child.target}/x.png) }}"
    )
    assert (content / "uploads/2026/photo.jpg").read_text() == "JPEG"
    assert (content / "mu-plugins/probe.php").is_file()
    assert not (content / "db.php").exists()
    assert result.outcome["proof"]["residualURLs"] == 0
    assert options(site) == before


def options(site: Site) -> list[tuple[object, ...]]:
    """Return the options of the clone that is copied."""
    return site.server.execute(
        "SELECT option_name, option_value FROM wp_options ORDER BY option_id",
        schema=site.login.schema,
    )


def test_it_can_be_inspected_first(site: Site, child: Job) -> None:
    """Size, versions, prefix and address are known before anything is made."""
    child.program = ("-m", "wpclone.mover", "inspect")
    result = child.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Inspected"), result
    seen = result.outcome["inspection"]
    assert seen["homeURL"] == site.url
    assert seen["tablePrefix"] == "wp_"
    assert seen["wordpressVersion"]
    assert seen["files"] >= 4
    assert seen["rows"] > 20
    assert "agent" not in seen


def test_the_other_clones_administrator_becomes_our_own(site: Site, child: Job) -> None:
    """His name, his rights and what he wrote stay; the password is the new clone's."""
    other = str(uuid.uuid4())
    site.server.execute(
        "INSERT INTO wp_users (user_login, user_pass, user_email, user_registered)"
        f" VALUES ('{child.username}', 'old', 'a@clone.invalid', NOW())",
        "INSERT INTO wp_usermeta (user_id, meta_key, meta_value)"
        f" SELECT MAX(ID), 'wpclone_administrator', '{other}' FROM wp_users",
        schema=site.login.schema,
    )
    try:
        assert child.run().code == 0
    finally:
        site.server.execute(
            "DELETE FROM wp_usermeta WHERE meta_key = 'wpclone_administrator'",
            f"DELETE FROM wp_users WHERE user_login = '{child.username}'",
            schema=site.login.schema,
        )
    found = child.rows(
        f"SELECT COUNT(*), MAX(user_pass) FROM wp_users WHERE user_login = '{child.username}'"
    )
    assert found[0][0] == 1
    assert str(found[0][1]).startswith("$P$B")
    assert child.rows(
        "SELECT meta_value FROM wp_usermeta WHERE meta_key = 'wpclone_administrator'"
    ) == [(child.uid,)]


def test_a_wrong_key_opens_nothing(child: Job) -> None:
    """The key of another clone does not serve; nothing is copied, and the way out is told."""
    give_key(child, secrets.copy_key(SALT, str(uuid.uuid4())))
    result = child.run()
    assert (result.code, result.outcome["reason"]) == (64, "AgentMissing"), result
    assert "Clone acme does not let itself be copied" in result.outcome["message"]
    assert child.rows("SHOW TABLES LIKE 'wp_posts'") == []


def test_a_stranger_is_told_that_there_is_nothing(site: Site) -> None:
    """Without a signature the address is as any other of the guard's; WordPress is not asked."""
    for route in ("manifest", "rows", "open", "../../../../index.php"):
        answer = site.get(COPY + route, cookies={}, method="POST", data=b"{}")
        assert (answer.status, answer.body.strip()) == (404, "There is nothing at this address.")


def test_a_clone_that_does_not_run_is_named(child: Job) -> None:
    """Before the inspection it is unreachable, afterwards lost; another attempt may help."""
    clone = child.config["source"]["clone"]
    clone["url"] = "http://127.0.0.1:9"
    result = child.run()
    assert (result.code, result.outcome["reason"]) == (75, "SourceUnreachable"), result
    assert "its site has to run while it is copied" in result.outcome["message"]
    child.config["inspection"] = {}
    assert child.run().outcome["reason"] == "SourceLost"


def test_another_clone_at_the_address_is_not_copied(child: Job) -> None:
    """A clone of the same name that was made meanwhile is not the one that was meant."""
    child.config["source"]["clone"]["uid"] = str(uuid.uuid4())
    result = child.run()
    assert (result.code, result.outcome["reason"]) == (75, "SourceUnreachable"), result
    assert json.dumps(result.outcome).count(SALT) == 0


def test_on_one_server_rows_without_the_old_address_are_copied_there(
    site: Site, child: Job
) -> None:
    """The guard tells of the table, the server copies it; files and all else come as ever."""
    old = f"{site.url}/x"
    some = (
        f"(1, 'many', {json.dumps(old if n % 10 == 0 else f'value {n}')})" for n in range(12_000)
    )
    site.server.execute(
        "INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES " + ",".join(some),
        schema=site.login.schema,
    )
    child.config["source"]["clone"]["database"] = site.login.schema
    site.server.execute(f"GRANT SELECT ON `{site.login.schema}`.* TO '{child.login.user}'@'%'")
    try:
        result = child.run()
    finally:
        site.server.execute(
            "DELETE FROM wp_postmeta WHERE meta_key = 'many'", schema=site.login.schema
        )
    assert result.code == 0, result
    assert "within the database server" in result.outcome["message"]
    assert result.outcome["proof"]["residualURLs"] == 0
    many = "SELECT COUNT(*) FROM wp_postmeta WHERE meta_key = 'many' AND meta_value"
    assert child.rows(f"{many} = '{child.target}/x'") == [(1_200,)]
    assert child.rows(f"{many} LIKE 'value %'") == [(10_800,)]
    assert (child.root / "wp-content/uploads/2026/photo.jpg").read_text() == "JPEG"
