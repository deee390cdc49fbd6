# SPDX-License-Identifier: Apache-2.0
"""What a real WordPress refuses, each with its reason, and quickly."""

from __future__ import annotations

import shutil
import time

import pytest

from tests.integration.sources.conftest import Alter
from tests.integration.sources.opening import LOGIN, Open, opened
from tests.live_site import ADMINISTRATOR, PREFIX, LiveSite
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError

MUST_USE = "wp-content/mu-plugins/test.php"


def refusal(site: LiveSite, **options: object) -> SourceError:
    """Return why the site cannot be copied."""
    with pytest.raises(SourceError) as caught, opened(site.url, **options) as source:  # type: ignore[arg-type]
        source.inspect()
    return caught.value


def must_use(site: LiveSite, code: str) -> None:
    """Let the site run a plugin of the test's."""
    path = site.html / MUST_USE
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"<?php\n{code}")


def test_a_wrong_password_is_named_within_seconds(site: LiveSite) -> None:
    """The reason is there long before anything is provisioned, and the password is not in it."""
    began = time.monotonic()
    error = refusal(site, secret={"username": ADMINISTRATOR, "password": "not the one"})
    assert time.monotonic() - began < 5
    assert error.reason == Reason.SOURCE_REFUSED_LOGIN
    assert not error.retryable
    assert "not the one" not in error.message
    assert ADMINISTRATOR not in error.message
    assert "incorrect" in error.message


def test_a_refusal_without_a_word_is_tried_once_more(site: LiveSite) -> None:
    """WordPress says what it does not like; a form that comes back in silence may be chance."""
    must_use(
        site,
        "if ( ! empty( $_POST['log'] ) && ! file_exists( '/tmp/silent' ) ) {"
        " touch( '/tmp/silent' ); $_POST = array(); }",
    )
    try:
        with opened(site.url) as source:
            assert source.inspect().tables > 0
    finally:
        (site.html / MUST_USE).unlink()


def test_an_unknown_user_is_refused(site: LiveSite) -> None:
    """A name that the site does not know is told as WordPress tells it."""
    error = refusal(site, secret={"username": "nobody", "password": "x"})
    assert error.reason == Reason.SOURCE_REFUSED_LOGIN


def test_an_editor_is_no_administrator(site: LiveSite) -> None:
    """A login that works but may not install plugins is refused as such."""
    made = (
        "wp_insert_user( array( 'user_login' => 'eddie', 'user_pass' => 'e', 'role' => 'editor' ) )"
    )
    site.php(f"echo {made};")
    try:
        error = refusal(site, secret={"username": "eddie", "password": "e"})
        assert error.reason == Reason.SOURCE_REFUSED_LOGIN
        assert "administrator" in error.message
    finally:
        site.php(
            "require_once ABSPATH . 'wp-admin/includes/user.php';"
            "wp_delete_user( get_user_by( 'login', 'eddie' )->ID );"
        )


def test_a_site_that_forbids_file_changes_names_the_manual_way(
    site: LiveSite, configure: Alter
) -> None:
    """DISALLOW_FILE_MODS ends in a message that names the zip and the page."""
    configure("define( 'DISALLOW_FILE_MODS', true );")
    error = refusal(site)
    assert error.reason == Reason.AGENT_INSTALL_REFUSED
    assert "wpclone-agent.zip" in error.message


def test_a_site_that_asks_for_ftp_names_the_manual_way(site: LiveSite, configure: Alter) -> None:
    """A site that may not write its own files ends in the same reason."""
    configure("define( 'FS_METHOD', 'ftpext' );")
    error = refusal(site)
    assert error.reason == Reason.AGENT_INSTALL_REFUSED
    assert "FTP" in error.message


def test_maintenance_mode_is_waited_for(site: LiveSite) -> None:
    """A site that is updating itself is told so, and may be tried again."""
    (site.html / ".maintenance").write_text("<?php $upgrading = time();")
    try:
        error = refusal(site)
    finally:
        (site.html / ".maintenance").unlink()
    assert error.reason == Reason.SOURCE_IN_MAINTENANCE
    assert error.retryable


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("define( 'MULTISITE', true );", Reason.MULTISITE_UNSUPPORTED),
        ("define( 'CUSTOM_USER_TABLE', 'acme_users2' );", Reason.SOURCE_LAYOUT_UNSUPPORTED),
    ],
)
def test_what_cannot_be_copied_is_refused_by_the_manifest(code: str, reason: Reason) -> None:
    """Networks and foreign user tables are refused when they are described."""
    from wpclone.mover.sources.site import facts  # noqa: PLC0415  beside what it is asked

    said = {
        "multisite": "MULTISITE" in code,
        "layout": ["users are kept in tables with another prefix"] if "USER" in code else [],
    }
    with pytest.raises(SourceError) as caught:
        facts.refuse_unsupported(said)
    assert caught.value.reason == reason


def test_a_renamed_content_folder_is_refused(site: LiveSite, configure: Alter) -> None:
    """A layout such as Bedrock's is named before anything is provisioned."""
    (site.html / "app").symlink_to("wp-content")
    configure(
        "define( 'WP_CONTENT_DIR', __DIR__ . '/app' );"
        f"define( 'WP_CONTENT_URL', '{site.url}/app' );"
    )
    try:
        error = refusal(site)
    finally:
        (site.html / "app").unlink()
    assert error.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED


def test_extensions_that_plugins_need_are_found(site: LiveSite, open_site: Open) -> None:
    """Composer says so in two places; what the site itself does without is no need."""
    plugin = site.html / "wp-content/plugins/gallery"
    (plugin / "vendor/composer").mkdir(parents=True)
    (plugin / "gallery.php").write_text("<?php\n/* Plugin Name: Gallery\nVersion: 1.0 */\n")
    (plugin / "composer.json").write_text('{"require": {"php": ">=8", "ext-GD": "*", "ext-no": 1}}')
    checks = "extension_loaded('curl') || $missing[] = 'curl'; extension_loaded('no') || 1;"
    (plugin / "vendor/composer/platform_check.php").write_text(f"<?php {checks}\n")
    try:
        assert open_site().inspect().php_requirements == {}
        site.php("activate_plugin( 'gallery/gallery.php' );")
        assert open_site().inspect().php_requirements == {"curl": "gallery", "gd": "gallery"}
    finally:
        site.php("deactivate_plugins( 'gallery/gallery.php' );")
        shutil.rmtree(plugin)


def test_a_rest_api_that_is_shut_for_guests_is_named(site: LiveSite) -> None:
    """A security plugin that refuses our signed requests is told apart from a wrong password."""
    must_use(
        site,
        "add_filter( 'rest_authentication_errors', function ( $result ) {"
        " return is_user_logged_in() ? $result :"
        " new WP_Error( 'rest_not_logged_in', 'No', array( 'status' => 401 ) ); }, 999 );",
    )
    try:
        error = refusal(site, sourceBudgetSeconds=2)
    finally:
        (site.html / MUST_USE).unlink()
    assert error.reason == Reason.SOURCE_BLOCKED_BY_FIREWALL
    assert "rest_not_logged_in" in error.message


def test_a_broken_table_is_named_whatever_plugins_do_to_the_connection(site: LiveSite) -> None:
    """What the database says reaches the user, even where a plugin made exceptions of errors."""
    broken = f"{PREFIX}broken"
    site.query(
        f"CREATE TABLE {PREFIX}part (id INT PRIMARY KEY) ENGINE=MyISAM",
        f"CREATE TABLE {broken} (id INT PRIMARY KEY) ENGINE=MERGE UNION=({PREFIX}part)",
        f"DROP TABLE {PREFIX}part",
    )
    strict = "mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );"
    must_use(site, f"add_action( 'rest_api_init', function () {{ {strict} }} );")
    try:
        error = refusal(site, sourceBudgetSeconds=2)
    finally:
        (site.html / MUST_USE).unlink()
        site.query(f"DROP TABLE {broken}")
    assert "Database error 1168" in error.message


def test_a_second_factor_is_not_guessed(site: LiveSite) -> None:
    """A form that asks for a code ends in a reason that names the other ways in."""
    must_use(
        site,
        "add_action( 'wp_login', function () { wp_clear_auth_cookie(); login_header();"
        ' echo \'<form id="loginform" action="/wp-login.php?action=validate_2fa">'
        '<input type="hidden" name="wp-auth-id" value="1">'
        '<input name="authcode"></form>\'; login_footer(); exit; } );',
    )
    try:
        error = refusal(site)
    finally:
        (site.html / MUST_USE).unlink()
    assert error.reason == Reason.SOURCE_NEEDS_SECOND_FACTOR


def test_a_plain_http_source_needs_the_setting(site: LiveSite) -> None:
    """Without the setting a login is never sent over http."""
    from tests.integration.sources.opening import job  # noqa: PLC0415  likewise
    from wpclone.mover.sources import open_source  # noqa: PLC0415  beside what it is asked

    plain = job(site.url)
    strict = plain.model_copy(update={"network": plain.network.model_copy(update={"http": False})})
    with pytest.raises(SourceError) as caught:
        open_source(strict, LOGIN, None)
    assert caught.value.reason == Reason.SOURCE_ADDRESS_FORBIDDEN
