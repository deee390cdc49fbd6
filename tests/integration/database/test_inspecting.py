# SPDX-License-Identifier: Apache-2.0
"""What a database tells of its site, and what it is refused for, before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.database.reading import ADDRESS, Site
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError

pytestmark = pytest.mark.database

TRANSIENT = (
    'O:8:"stdClass":4:{s:7:"updates";a:0:{}s:12:"last_checked";i:1;'
    's:15:"version_checked";s:5:"6.7.2";s:12:"translations";a:0:{}}'
)


def refusal(site: Site, **changes: Any) -> SourceError:
    """Return the error that an inspection ends in; it tells no password."""
    with pytest.raises(SourceError) as caught:
        site.open(**changes).inspect()
    assert caught.value.message.isprintable()
    assert site.reader.password not in caught.value.message
    return caught.value


def test_settings_tables_and_files_tell_what_the_site_is(site: Site) -> None:
    """Addresses, title, versions, sizes: image, volume and deadline follow from them."""
    site.query(
        "UPDATE wp_options SET option_value = 'Ängst &amp; Söhne' WHERE option_name = 'blogname'",
        "CREATE VIEW wp_view AS SELECT 1 AS one",
        "CREATE SEQUENCE wp_numbers",
        "CREATE TRIGGER wp_trigger BEFORE INSERT ON wp_links FOR EACH ROW SET @a = 1",
    )
    source = site.open()
    seen = source.inspect()
    assert (seen.home_url, seen.site_url) == (ADDRESS, ADDRESS)
    assert seen.title == "Ängst & Söhne"
    assert seen.wordpress_version == "6.8.1"
    assert "MariaDB" in seen.db_version
    assert (seen.table_prefix, seen.charset, seen.multisite) == ("wp_", "utf8mb4", False)
    assert seen.tables == 12
    assert seen.rows == sum(table.rows for table in source.tables())
    assert seen.database_bytes > 100_000
    assert (seen.files, seen.file_bytes) == (2, 50_005)
    left = {(skipped.what, skipped.why) for skipped in source.skipped()}
    assert left >= {
        ("wp_view", "one of the views"),
        ("wp_numbers", "one of the sequences"),
        ("wp_trigger", "one of the triggers"),
    }


def test_without_its_file_the_version_is_the_one_that_asked_for_updates(site: Site) -> None:
    """A folder with wp-content alone tells no version; the settings may."""
    (site.folder / "wp-includes/version.php").unlink()
    assert site.open().inspect().wordpress_version == ""
    site.query(
        "REPLACE INTO wp_options (option_name, option_value)"
        f" VALUES ('_site_transient_update_core', '{TRANSIENT}')"
    )
    assert site.open().inspect().wordpress_version == "6.7.2"


def test_the_clone_may_say_which_address_the_site_has(site: Site) -> None:
    """A constant in wp-config.php can overrule what the settings say."""
    seen = site.open(siteURL="https://shop.acme.test").inspect()
    assert (seen.home_url, seen.site_url) == ("https://shop.acme.test", ADDRESS)


def test_of_two_sites_in_a_schema_one_has_to_be_named(site: Site) -> None:
    """A prefix that others begin with does not take their tables."""
    for (name,) in site.query("SHOW TABLES"):
        site.query(f"CREATE TABLE wp_shop_{str(name)[3:]} AS SELECT * FROM {name}")
    error = refusal(site)
    assert error.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED
    assert "(wp_, wp_shop_)" in error.message
    assert "tablePrefix" in error.message
    for prefix in ("wp_", "wp_shop_"):
        source = site.open(tablePrefix=prefix)
        assert source.inspect().tables == 12
        assert all(table.name.startswith(prefix) for table in source.tables())


def test_an_update_of_the_source_is_noticed(site: Site) -> None:
    """Its database's version and its active plugins are what a copy is compared with."""
    source = site.open()
    before = source.beginning().versions
    assert source.versions() == before
    site.query("UPDATE wp_options SET option_value = '70000' WHERE option_name = 'db_version'")
    changed = {what for what, version in source.versions().items() if before[what] != version}
    assert changed == {"the database"}


MULTISITE = [f"CREATE TABLE wp_{name} (id INT)" for name in ("blogs", "site", "sitemeta")]
TROUBLES: dict[str, tuple[list[str], dict[str, Any], Reason, str]] = {
    "another prefix": ([], {"tablePrefix": "blog_"}, Reason.SOURCE_NOT_WORDPRESS, "under wp_"),
    "no WordPress": (["DROP TABLE wp_posts"], {}, Reason.SOURCE_NOT_WORDPRESS, "no tables of"),
    "no address": (
        ["DELETE FROM wp_options WHERE option_name = 'home'"],
        {},
        Reason.SOURCE_NOT_WORDPRESS,
        "no option home",
    ),
    "a network of sites": (MULTISITE, {}, Reason.MULTISITE_UNSUPPORTED, "multisite"),
    "uploads elsewhere": (
        ["UPDATE wp_options SET option_value = '/srv/media' WHERE option_name = 'upload_path'"],
        {},
        Reason.SOURCE_LAYOUT_UNSUPPORTED,
        "outside wp-content",
    ),
    "names in small letters": (
        ["UPDATE wp_options SET option_name = 'WP_user_roles' WHERE option_name = 'wp_user_roles'"],
        {},
        Reason.SOURCE_LAYOUT_UNSUPPORTED,
        "its settings say WP_",
    ),
    "numbers from a sequence": (
        [
            "CREATE SEQUENCE wp_numbers",
            "CREATE TABLE wp_numbered (id INT DEFAULT NEXTVAL(wp_numbers))",
        ],
        {},
        Reason.DATABASE_ENGINE_MISMATCH,
        "wp_numbered",
    ),
    "no such schema": ([], {"name": "elsewhere"}, Reason.SOURCE_REFUSED_LOGIN, "elsewhere"),
    "an address that is not listed": (
        [],
        {"allow": ({"cidr": "10.0.0.0/8", "port": 3306},)},
        Reason.SOURCE_ADDRESS_FORBIDDEN,
        "127.0.0.1",
    ),
    "a name that leads inside": (
        [],
        {"host": "localhost", "allow": ({"host": "localhost", "port": 3306},)},
        Reason.SOURCE_ADDRESS_FORBIDDEN,
        "localhost leads to",
    ),
}


@pytest.mark.parametrize("case", TROUBLES)
def test_what_cannot_be_copied_is_named(site: Site, case: str) -> None:
    """Each trouble has its own reason, and a sentence that says where it is."""
    statements, changes, reason, sentence = TROUBLES[case]
    site.query("SELECT 1", *statements)
    error = refusal(site, **changes)
    assert error.reason == reason, error.message
    assert sentence in error.message


def test_a_wrong_password_is_named_as_such(site: Site) -> None:
    """SourceRefusedLogin, without the password."""
    site.server.execute(f"ALTER USER '{site.reader.user}'@'%' IDENTIFIED BY 'another'")
    error = refusal(site)
    assert error.reason == Reason.SOURCE_REFUSED_LOGIN
    assert not error.retryable


def test_a_server_that_is_away_may_come_back(site: Site) -> None:
    """SourceUnreachable can be tried again."""
    with pytest.raises(SourceError) as caught:
        site.open(port=1, allow=({"cidr": "127.0.0.0/8", "port": 1},))
    assert caught.value.reason == Reason.SOURCE_UNREACHABLE
    assert caught.value.retryable


LAYOUTS: dict[str, tuple[str, str]] = {
    "Bedrock": ("web/app/plugins/one/one.php", "Bedrock"),
    "a renamed wp-content": ("content/plugins/one/one.php", "has content instead"),
    "wp-content itself": ("plugins/one/one.php", "is wp-content itself"),
    "one folder too high": ("html/wp-content/plugins/one.php", "has wp-content in html"),
    "something else": ("invoices/2024/7.pdf", "holds no folder wp-content"),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_files_without_wp_content_are_named(site: Site, tmp_path: Path, case: str) -> None:
    """The reason says what is there instead, so that a person can point to the right folder."""
    path, sentence = LAYOUTS[case]
    site.folder = tmp_path / "odd"
    (site.folder / path).parent.mkdir(parents=True)
    (site.folder / path).write_bytes(b"x")
    error = refusal(site)
    assert error.reason == Reason.SOURCE_LAYOUT_UNSUPPORTED
    assert sentence in error.message
    assert "acme-files" in error.message
