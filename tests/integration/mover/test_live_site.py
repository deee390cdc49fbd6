# SPDX-License-Identifier: Apache-2.0
"""The whole way: a live WordPress is inspected and imported by the mover's own program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local import rootfs
from tests import live_site
from tests.integration.mover.jobs import Job

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live_site import LiveSite
    from tests.mariadb import Server

pytestmark = [pytest.mark.database, pytest.mark.wordpress]

CONTENT = """
$folder = wp_upload_dir()['path'];
$svg = '<svg><image href="' . home_url( '/a.png' ) . '"/></svg>';
file_put_contents( "$folder/picture.svg", $svg );
for ( $i = 0; $i < 60; $i++ ) {
	wp_insert_post( array( 'post_title' => "Entry $i", 'post_status' => 'publish',
		'post_content' => '<img src="' . home_url( '/wp-content/uploads/x.png' ) . '"> é 😀' ) );
}
$inner = serialize( array( home_url() ) );
update_option( 'deep', array( 'a' => array( home_url( '/é' ), 1.5, null, $inner ) ) );
update_option( 'json', wp_json_encode( array( 'url' => home_url( '/j' ) ) ) );
set_transient( 'soon', 'gone' );
"""


@pytest.fixture(scope="module")
def live(server: Server) -> Iterator[LiveSite]:
    """Run a live WordPress with some content."""
    if reason := live_site.missing():
        pytest.skip(reason)
    rootfs.build()
    with live_site.live(server) as site:
        site.php(CONTENT)
        yield site


@pytest.fixture
def copying(live: LiveSite, job: Job) -> Job:
    """Prepare the import of the live site."""
    return prepare(live, job)


def prepare(live: LiveSite, job: Job) -> Job:
    """Let a job copy the live site with its administrator's login."""
    secret = job.home / "source"
    secret.mkdir()
    (secret / "username").write_text(live_site.ADMINISTRATOR)
    (secret / "password").write_text(live_site.PASSWORD)
    network: dict[str, Any] = {"allow": ["127.0.0.0/8"], "http": True}
    job.config = {
        "attempt": 1,
        "source": {"kind": "site", "url": live.url},
        "network": network,
    }
    return job


def test_inspecting_tells_what_the_site_is(live: LiveSite, copying: Job) -> None:
    """The inspection needs no database of the clone's, and leaves the agent for the import."""
    copying.program = ("-m", "wpclone.mover", "inspect")
    result = copying.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Inspected"), result
    seen = result.outcome["inspection"]
    assert seen["siteURL"] == seen["homeURL"] == live.url
    assert seen["tablePrefix"] == live_site.PREFIX
    assert seen["rows"] > 60
    assert "wpclone-agent" in live.plugins()


def test_a_live_site_is_masked_on_its_way(live: LiveSite, copying: Job) -> None:
    """Accounts, comments and the addresses in settings are masked in what the agent sends."""
    live.php(
        "wp_insert_user( array( 'user_login' => 'anna', 'user_pass' => 'x', 'first_name' => 'Anna',"
        " 'last_name' => 'Heidenreich', 'user_email' => 'anna.h@customer.example' ) );"
        "wp_insert_comment( array( 'comment_post_ID' => 1, 'comment_author' => 'Anna Heidenreich',"
        " 'comment_author_email' => 'anna.h@customer.example', 'comment_content' => 'é, Anna' ) );"
        "update_option( 'acme_mails', array( 'to' => array( 'anna.h@customer.example' => 1.5 ) ) );"
    )
    key = copying.home / "mask"
    key.mkdir()
    (key / "key").write_text("ab" * 32)
    copying.extra["WPCLONE_MASK_SECRET"] = str(key)
    copying.config["mask"] = "Standard"
    result = copying.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    assert result.outcome["proof"]["valuesMasked"] > 10
    found = copying.server.dump(copying.login.schema)
    assert b"@customer.example" not in found
    assert b"Heidenreich" not in found
    assert b"admin@acme.test" not in found
    prefix = live_site.PREFIX
    who = f"SELECT user_email FROM {prefix}users WHERE user_login <> '{copying.username}'"
    mails = str(copying.option("acme_mails", prefix))
    (to,) = [email for (email,) in copying.rows(who) if str(email) in mails]
    assert f's:{len(str(to))}:"{to}";d:1.5;' in mails
    authors = copying.rows(f"SELECT comment_author_email FROM {prefix}comments")
    assert (to,) in authors


def test_a_live_site_is_copied_whole_and_left_clean(live: LiveSite, copying: Job) -> None:
    """Every post points to the clone, PHP can read every value, and our plugin is gone."""
    result = copying.run()
    assert (result.code, result.outcome["outcome"]) == (0, "Imported"), result
    prefix = live_site.PREFIX
    assert copying.option("home", prefix) == copying.option("siteurl", prefix) == copying.target
    posts = f"SELECT post_title, post_content FROM {prefix}posts WHERE post_title LIKE 'Entry %'"
    copied, there = copying.rows(posts), live.query(posts)
    assert copied == [(t, str(c).replace(live.url, copying.target)) for t, c in there]
    assert len(copied) == 60
    proof = result.outcome["proof"]
    assert proof["residualURLs"] == 0
    assert proof["invalidSerializedBefore"] == proof["invalidSerializedAfter"]
    deep = copying.option("deep", prefix)
    assert live.php(f"var_export(unserialize('{deep}')['a'][0]);") == f"'{copying.target}/é'"
    assert copying.option("json", prefix) == '{"url":"https:\\/\\/copy.clones.test\\/j"}'
    assert copying.option("_transient_soon", prefix) is None
    pictures = list((copying.root / "wp-content/uploads").rglob("picture.svg"))
    assert [p.read_text() for p in pictures] == [
        '<svg><image href="https://copy.clones.test/a.png"/></svg>'
    ]
    assert "wpclone-agent" not in live.plugins()
    assert not list(copying.root.rglob("wpclone-agent*"))


def test_the_administrator_of_the_copy_can_log_in(live: LiveSite, copying: Job) -> None:
    """WordPress' own check accepts the hash that plain SQL has put there."""
    assert copying.run().code == 0
    ((stored,),) = copying.rows(
        f"SELECT user_pass FROM {live_site.PREFIX}users WHERE user_login = '{copying.username}'"
    )
    check = f"var_export( wp_check_password( '{copying.password}', '{stored}' ) );"
    assert live.php(check) == "true"


def test_a_wrong_password_is_named(live: LiveSite, copying: Job, tmp_path: Path) -> None:
    """SourceRefusedLogin, which no further try can mend; the password is nowhere to be read."""
    (tmp_path / "source" / "password").write_text("hunter-two")
    live.reset()
    copying.program = ("-m", "wpclone.mover", "inspect")
    result = copying.run()
    assert (result.code, result.outcome["reason"]) == (64, "SourceRefusedLogin"), result
    assert "hunter-two" not in str(result)
