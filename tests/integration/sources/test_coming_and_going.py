# SPDX-License-Identifier: Apache-2.0
"""The plugin comes onto a site by the ways there are, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.integration.sources.opening import LOGIN, Open, opened
from tests.integration.sources.people import install, new_password, visit
from tests.live_site import ADMINISTRATOR, PREFIX, LiveSite
from wpclone.api.mover import AgentPresence
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources import agent_zip

# Rows that change by themselves when somebody logs in or a plugin comes and goes.
VOLATILE = "'cron', '_site_transient_update_plugins', '_transient_doing_cron'"


def state(site: LiveSite) -> tuple[list[tuple[object, ...]], ...]:
    """Return everything of the site that a copy must not change."""
    tables = [str(row[0]) for row in site.query("SHOW TABLES")]
    rows = [
        site.query(f"SELECT * FROM `{table}` ORDER BY 1")
        for table in tables
        if table != f"{PREFIX}options"
    ]
    options = site.query(
        f"SELECT option_name, option_value FROM {PREFIX}options"
        f" WHERE option_name NOT IN ({VOLATILE}) AND option_name NOT LIKE '%transient%'"
        " ORDER BY option_name"
    )
    files = [(str(path),) for path in sorted((site.html / "wp-content").rglob("*"))]
    folders = ("/uploads/2", "/upgrade")
    return (*rows, options, [entry for entry in files if not any(f in entry[0] for f in folders)])


def settles(condition: Callable[[], bool]) -> bool:
    """Tell whether something that happens after an answer has happened within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)  # the site's shutdown function reports to nobody
    return True


@pytest.fixture
def paired(site: LiveSite) -> Iterator[str]:
    """Give the pairing key of a site on which the plugin was installed by hand."""
    install(site)
    yield site.php("echo WPClone_Agent_Keys::pair( 1 );")
    assert agent_zip.SLUG in site.plugins(), "a plugin that a person installed stays"


def test_a_login_brings_the_plugin_and_takes_it_away(site: LiveSite) -> None:
    """After a finished copy the source equals itself before; plugin and login are gone."""
    before = state(site)
    with opened(site.url) as source:
        assert agent_zip.SLUG in site.plugins()
        assert source.inspect().agent is AgentPresence.INSTALLED
        for table in source.tables():
            list(source.rows(table, None))
        source.close(finished=True)
    assert settles(lambda: agent_zip.SLUG not in site.plugins())
    assert settles(lambda: state(site) == before)


def test_an_agent_that_is_there_is_used_again(site: LiveSite) -> None:
    """The import finds the plugin that the inspection left, uploads nothing and takes it away."""
    with opened(site.url):
        pass
    stamp = (site.html / "wp-content" / "plugins" / agent_zip.SLUG / "uninstall.php").stat()
    with opened(site.url) as source:
        again = (site.html / "wp-content" / "plugins" / agent_zip.SLUG / "uninstall.php").stat()
        assert again.st_ino == stamp.st_ino
        source.close(finished=True)
    assert settles(lambda: agent_zip.SLUG not in site.plugins())


def test_the_last_of_two_copies_takes_the_plugin_away(site: LiveSite) -> None:
    """A copy that ends does not pull the plugin from under another one."""
    with opened(site.url) as first, opened(site.url) as second:
        first.close(finished=True)
        assert agent_zip.SLUG in site.plugins()
        assert second.inspect().tables
        second.close(finished=True)
    assert settles(lambda: agent_zip.SLUG not in site.plugins())


def test_a_plugin_nobody_uses_removes_itself(site: LiveSite) -> None:
    """Half an hour after a killed copy an ordinary visitor's request takes the plugin off."""
    with opened(site.url):
        pass
    site.php(
        "update_option( 'wpclone_agent_activated', time() - 1900, false );"
        "foreach ( WPClone_Agent_Options::names( 'wpclone_agent_session_' ) as $name ) {"
        " $record = get_option( $name ); $record['seen'] = time() - 1900;"
        " update_option( $name, $record, false ); }"
    )
    assert visit(site) == 200
    assert settles(lambda: agent_zip.SLUG not in site.plugins())
    found = site.query(f"SELECT * FROM {PREFIX}options WHERE option_name LIKE 'wpclone%'")
    assert settles(lambda: not found)


def test_a_plugin_in_use_stays(site: LiveSite) -> None:
    """An ordinary request leaves the plugin alone while a session lives."""
    with opened(site.url) as source:
        site.php("update_option( 'wpclone_agent_activated', time() - 1900, false );")
        assert visit(site) == 200
        assert source.inspect().tables


def test_a_broken_copy_of_the_plugin_is_replaced(site: LiveSite) -> None:
    """An older or broken copy in the plugin's folder does not stand in the way."""
    folder = site.html / "wp-content" / "plugins" / agent_zip.SLUG
    folder.mkdir()
    (folder / f"{agent_zip.SLUG}.php").write_text(
        "<?php\n/*\nPlugin Name: Broken\nVersion: 0.0.1\n*/"
    )
    site.own()
    with opened(site.url) as source:
        assert source.inspect().tables
        source.close(finished=True)


def test_an_ended_session_is_opened_again(site: LiveSite, open_site: Open) -> None:
    """A session that the site has forgotten is replaced by a new login, unnoticed."""
    source = open_site()
    tables = source.tables()
    site.query(f"DELETE FROM {PREFIX}options WHERE option_name LIKE 'wpclone_agent_session_%'")
    assert list(source.rows(tables[0], None))


def test_a_call_still_under_way_does_not_bring_the_plugin_back(
    site: LiveSite, open_site: Open
) -> None:
    """Once the end has begun, a request whose session is gone opens no new one."""
    source = open_site()
    site.reset()
    source._agent.end()
    with pytest.raises(SourceError):
        source._agent.call("manifest", {})
    assert agent_zip.SLUG not in site.plugins()
    assert site.query(f"SELECT 1 FROM {PREFIX}options WHERE option_name LIKE 'wpclone%'") == []


def test_a_pairing_key_opens_a_site_without_login(site: LiveSite, paired: str) -> None:
    """The plugin installed by hand and its key are enough, and it stays when the copy is done."""
    with opened(site.url, secret={"agent-key": paired}, agent="Existing") as source:
        found = source.inspect()
        assert found.agent is AgentPresence.PRESENT
        assert found.title == "Acme & Sons"
        source.close(finished=True)


def test_the_key_is_in_no_dump(site: LiveSite, paired: str) -> None:
    """Neither the pairing key nor a session's key stands in the database."""
    with opened(site.url, secret={"agent-key": paired}) as source:
        dump = site.server.dump(site.login.schema)
        assert paired.encode() not in dump
        assert source._agent._session.key.encode() not in dump


@pytest.mark.usefixtures("paired")
def test_a_wrong_pairing_key_is_refused(site: LiveSite) -> None:
    """A key of another site, of whatever length, opens nothing."""
    for key in ("x" * 20, "0" * 64, "k" * 200):
        with pytest.raises(SourceError) as refusal, opened(site.url, secret={"agent-key": key}):
            pass
        assert refusal.value.reason == Reason.SOURCE_REFUSED_LOGIN


@pytest.mark.usefixtures("paired")
def test_a_revoked_key_ends_its_sessions(site: LiveSite) -> None:
    """Revoking the pairing shuts the door on running copies too."""
    key = site.php("echo WPClone_Agent_Keys::pair( 1 );")
    with opened(site.url, secret={"agent-key": key}) as source:
        site.php("WPClone_Agent_Keys::unpair();")
        with pytest.raises(SourceError) as refusal:
            source.inspect()
        assert refusal.value.reason == Reason.SOURCE_REFUSED_LOGIN


@pytest.mark.usefixtures("paired")
def test_an_application_password_opens_a_site(site: LiveSite) -> None:
    """With the plugin installed an Application Password is enough; a wrong one is named as such."""
    secret = {"username": ADMINISTRATOR, "application-password": new_password(site)}
    with opened(site.url, secret=secret) as source:
        assert source.inspect().tables
    with pytest.raises(SourceError) as refusal:
        opened(site.url, secret={**secret, "application-password": "wrong"}).__enter__()
    assert refusal.value.reason == Reason.SOURCE_REFUSED_LOGIN
    site.php("WP_Application_Passwords::delete_all_application_passwords( 1 );")


def test_an_application_password_cannot_bring_the_plugin(site: LiveSite) -> None:
    """Without the plugin the message names the zip and the page where to upload it."""
    secret = {"username": ADMINISTRATOR, "application-password": new_password(site)}
    with pytest.raises(SourceError) as refusal, opened(site.url, secret=secret):
        pass
    assert refusal.value.reason == Reason.AGENT_INSTALL_REFUSED
    assert "wpclone-agent.zip" in refusal.value.message
    assert f"{site.url}/wp-admin/plugin-install.php" in refusal.value.message
    with pytest.raises(SourceError) as refusal:
        opened(site.url, secret={**secret, "application-password": "wrong"}).__enter__()
    assert refusal.value.reason == Reason.SOURCE_REFUSED_LOGIN
    site.php("WP_Application_Passwords::delete_all_application_passwords( 1 );")


def test_existing_brings_nothing(site: LiveSite) -> None:
    """`agent: Existing` says that the plugin is missing and leaves the site alone."""
    before = state(site)
    with pytest.raises(SourceError) as refusal, opened(site.url, agent="Existing"):
        pass
    assert refusal.value.reason == Reason.AGENT_MISSING
    assert agent_zip.SLUG not in site.plugins()
    assert settles(lambda: state(site) == before)


def test_uninstalling_by_hand_leaves_no_option(site: LiveSite) -> None:
    """A person who deletes the plugin deletes everything of it."""
    install(site)
    site.php("WPClone_Agent_Keys::pair( 1 );")
    with opened(site.url, secret=LOGIN):
        pass
    plugin = f"array( '{agent_zip.SLUG}/{agent_zip.SLUG}.php' )"
    site.php(
        "require_once ABSPATH . 'wp-admin/includes/plugin.php';"
        "require_once ABSPATH . 'wp-admin/includes/file.php';"
        f"deactivate_plugins( {plugin} ); delete_plugins( {plugin} );"
    )
    assert agent_zip.SLUG not in site.plugins()
    assert not site.query(f"SELECT * FROM {PREFIX}options WHERE option_name LIKE 'wpclone%'")
