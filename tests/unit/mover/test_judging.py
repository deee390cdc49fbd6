# SPDX-License-Identifier: Apache-2.0
"""Which sources are accepted, where a site moves to, and what database errors mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest

from wpclone.api.mover import ImageConfig, ImportConfig, Inspection, Limits
from wpclone.errors import ImportFailed, SourceError
from wpclone.mover import addresses, inspection, mysqlerrors
from wpclone.mover.config import Config

URL = "https://www.acme.test"


def config(**options: Any) -> Config:
    """Return a configuration for a site."""
    job = ImportConfig.model_validate(
        {"attempt": 1, "source": {"kind": "site", "url": URL}, **options}
    )
    return Config("uid", "copy", "https://copy.clones.test", job, {}, Path("/nowhere"), None)


def seen(**facts: Any) -> Inspection:
    """Return what a sound site tells."""
    return Inspection(**{"site_url": URL, "home_url": URL, "wordpress_version": "6.8.2", **facts})


def test_a_sound_site_is_accepted() -> None:
    """Equal versions and sizes within the limits pass."""
    limits = {"maxSourceBytes": 10}
    options = config(limits=limits, image={"wordpressVersion": "6.8.1"})
    assert inspection.accepted(seen(database_bytes=4, file_bytes=6), options) == seen(
        database_bytes=4, file_bytes=6
    )
    assert Limits().max_source_bytes is None
    assert ImageConfig().wordpress_version is None


@pytest.mark.parametrize(
    ("facts", "options", "reason"),
    [
        ({"multisite": True}, {}, "MultisiteUnsupported"),
        ({"home_url": ""}, {}, "SourceLayoutUnsupported"),
        ({"home_url": "www.acme.test"}, {}, "SourceLayoutUnsupported"),
        ({"home_url": f"{URL}:99999"}, {}, "SourceLayoutUnsupported"),
        ({"site_url": "/wordpress"}, {}, "SourceLayoutUnsupported"),
        ({"table_prefix": ""}, {}, "SourceLayoutUnsupported"),
        ({"table_prefix": "$(WORDPRESS_DB_PASSWORD)"}, {}, "SourceLayoutUnsupported"),
        ({"table_prefix": "wp`_"}, {}, "SourceLayoutUnsupported"),
        (
            {"table_prefix": "new_"},
            {"inspection": {"tablePrefix": "wp_"}},
            "SourceLayoutUnsupported",
        ),
        ({"file_bytes": 11}, {"limits": {"maxSourceBytes": 10}}, "SourceTooLarge"),
        (
            {"wordpress_version": "7.0-beta1"},
            {"image": {"wordpressVersion": "6.8.12"}},
            "ImageOlderThanSource",
        ),
        (
            {"wordpress_version": "6.10"},
            {"image": {"wordpressVersion": "6.9.1"}},
            "ImageOlderThanSource",
        ),
        (
            {"php_requirements": {"curl": "gallery", "imagick": "gallery"}},
            {"image": {"phpExtensions": ["curl"]}},
            "ImageLacksExtension",
        ),
    ],
)
def test_what_cannot_be_cloned_is_refused_by_its_reason(
    facts: dict[str, Any], options: dict[str, Any], reason: str
) -> None:
    """Each refusal is final and says why."""
    with pytest.raises(SourceError) as caught:
        inspection.accepted(seen(**facts), config(**options))
    assert caught.value.reason == reason
    assert not caught.value.retryable


def test_an_address_with_a_login_is_refused_without_telling_it() -> None:
    """The rewriter cannot look for it, so nothing is made for the clone; the status is public."""
    with pytest.raises(SourceError, match="option siteurl is not an address") as caught:
        inspection.accepted(seen(site_url="https://staging:hidden@www.acme.test"), config())
    assert "hidden" not in caught.value.message


@pytest.mark.parametrize("image", [None, {}, {"phpExtensions": ["curl", "imagick"]}])
def test_extensions_that_are_there_or_not_known_are_no_reason(image: dict[str, Any] | None) -> None:
    """An image that nobody has described may have everything."""
    needs = seen(php_requirements={"imagick": "gallery"})
    assert inspection.accepted(needs, config(image=image)) is needs


def test_a_lacking_extension_is_named_with_who_needs_it() -> None:
    """Whoever reads it knows which image to ask for."""
    needs = seen(php_requirements={"imagick": "gallery", "redis": "cache"})
    with pytest.raises(SourceError, match=r"imagick, redis \(for cache, gallery\)"):
        inspection.accepted(needs, config(image={"phpExtensions": ["curl"]}))


@pytest.mark.parametrize("path", ["", "/", "/blog", "/blog/", "/de/shop-2.0/~news_", "/-"])
def test_a_site_may_be_below_a_path(path: str) -> None:
    """A slash behind the host is no path, and WordPress may be in a folder of its own."""
    whole = seen(home_url=f"{URL}{path}", site_url=f"{URL}/wordpress")
    assert inspection.servable(whole) is whole


@pytest.mark.parametrize(
    "path", ["/caf%C3%A9", "/.wpclone", "/a/../b", "//", "/a b", '/"', "/$1", "/a" * 60, "/a/*"]
)
def test_a_path_that_no_server_is_configured_with_is_refused(path: str) -> None:
    """It is refused before anything is made, and the message says which paths there can be."""
    with pytest.raises(SourceError, match="below the path") as caught:
        inspection.servable(seen(home_url=f"{URL}{path}x"))
    assert caught.value.reason == "SourceLayoutUnsupported"
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("home", "site", "wanted"),
    [
        (URL, URL, "https://c.test"),
        (f"{URL}/", f"{URL}/", "https://c.test"),
        (f"{URL}/blog", f"{URL}/blog", "https://c.test/blog"),
        (URL, f"{URL}/wordpress", "https://c.test"),
        ("https://acme.test", "https://cms.acme.test/wp", "https://c.test"),
    ],
)
def test_where_a_site_comes_out(home: str, site: str, wanted: str) -> None:
    """A path of the site stays; a folder of WordPress' own does not."""
    found = seen(home_url=home, site_url=site)
    move = addresses.move(found, "https://c.test")
    assert move == addresses.move(found, wanted)
    assert move.home == wanted
    assert {pair.target for pair in move.pairs} == {wanted}
    assert {pair.source for pair in move.pairs} == {home.rstrip("/"), site.rstrip("/")}


@pytest.mark.parametrize(
    ("error", "reason", "retryable"),
    [
        (pymysql.err.OperationalError(2013, "Lost connection"), "DatabaseUnavailable", True),
        (pymysql.err.OperationalError(1045, "Access denied"), "DatabaseUnavailable", True),
        (pymysql.err.InterfaceError(0, ""), "DatabaseUnavailable", True),
        (pymysql.err.OperationalError(1205, "Lock wait timeout"), "DatabaseTimeout", True),
        (pymysql.err.OperationalError(1114, "The table is full"), "DatabaseFull", False),
        (pymysql.err.OperationalError(1021, "Disk full"), "DatabaseFull", False),
        (
            pymysql.err.InternalError(3, "Error writing file (Errcode: 28 'No space')"),
            "DatabaseFull",
            False,
        ),
        (pymysql.err.OperationalError(1030, "Got error 122 from engine"), "DatabaseFull", False),
        (pymysql.err.OperationalError(1005, "Can't create (errno: 135)"), "DatabaseFull", False),
        (pymysql.err.OperationalError(1005, "Can't create (errno: 150)"), "ImportFailed", False),
        (pymysql.err.OperationalError(1030, "Got error 5 from engine"), "ImportFailed", False),
        (pymysql.err.OperationalError(1153, "packet bigger"), "ImportFailed", False),
        (pymysql.err.ProgrammingError(1064, "near '\x1b[31m'"), "ImportFailed", False),
    ],
)
def test_database_errors_become_reasons(
    error: pymysql.MySQLError, reason: str, *, retryable: bool
) -> None:
    """The kind of trouble decides, and the message is clean."""
    failure = mysqlerrors.failure(error, "loading wp_posts")
    assert isinstance(failure, ImportFailed)
    assert (failure.reason, failure.retryable) == (reason, retryable)
    assert "\x1b" not in failure.message
    assert "loading wp_posts" in failure.message
