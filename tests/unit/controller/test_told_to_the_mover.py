# SPDX-License-Identifier: Apache-2.0
"""What the mover is told: of the clone's image, and of what a person chose of the source."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes import world
from wpclone.api.mover import ImportConfig
from wpclone.api.spec import CloneSpec, Updates
from wpclone.controller.render import parts


def told_to(spec: dict[str, Any], **settings: Any) -> ImportConfig:
    """Return what the mover is told of a clone."""
    return parts.import_config(
        CloneSpec.model_validate(spec),
        world.settings(**settings),
        attempt=1,
        inspection=None,
        updates=Updates.BLOCK,
    )


@pytest.mark.parametrize(
    ("known", "named", "told"),
    [("6.8", None, "6.8"), ("", None, None), ("6.8", "registry.example/own:1", None)],
    ids=["the default image's version", "unknown versions are not compared", "nor are others'"],
)
def test_the_version_of_the_default_image_is_told(
    known: str, named: str | None, told: str | None
) -> None:
    """Only the image that the settings describe has a version we know."""
    values: dict[str, Any] = {"source": {"blank": {}}}
    if named:
        values["site"] = {"image": named}
    images = {"site": "site:1", "mover": "mover:1", "siteWordPress": known}
    config = told_to(values, images=images)
    assert (config.image.wordpress_version if config.image else None) == told


def test_the_default_images_extensions_are_told_only_where_they_are_known() -> None:
    """A mover of an earlier release would refuse a setting that it does not know."""
    images = {"site": "site:1", "mover": "mover:1", "sitePHPExtensions": ["curl"]}
    told = json.loads(told_to({"source": {"blank": {}}}, images=images).text())
    assert told["image"] == {"phpExtensions": ["curl"]}
    assert "image" not in json.loads(told_to({"source": {"blank": {}}}).text())


def test_what_was_chosen_of_the_source_is_told_as_it_was_asked_for() -> None:
    """Patterns and addresses reach the mover, which alone knows prefix and address."""
    content = {
        "exclude": ["wp-content/uploads/2019"],
        "excludeTables": ["*_log"],
        "uploads": "Skip",
    }
    additional = [
        {"from": "https://cdn.acme.test"},
        {"from": "https://b.test", "to": "https://c.test"},
    ]
    spec = {"source": {"blank": {}}, "content": content, "rewrite": {"additional": additional}}
    told = json.loads(told_to(spec).text())
    assert (told["content"], told["additional"]) == (content, additional)


@pytest.mark.parametrize(
    ("asked", "off"),
    [
        ({}, ["wordfence", "wp-rocket"]),
        ({"deactivate": ["akismet", "wordfence"]}, ["akismet", "wordfence", "wp-rocket"]),
        ({"keepActive": ["wp-rocket", "unknown"]}, ["wordfence"]),
        ({"deactivate": ["akismet"], "keepActive": ["wordfence"]}, ["akismet", "wp-rocket"]),
    ],
)
def test_the_clones_wish_changes_the_installations_list(
    asked: dict[str, Any], off: list[str]
) -> None:
    """The mover gets one list, decided once."""
    spec = {"source": {"blank": {}}, "site": {"plugins": asked}}
    told = told_to(spec, plugins={"deactivate": ["wp-rocket", "wordfence"]})
    assert list(told.plugins_off) == off


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"archive": {"uri": "s3://exports/acme.tar"}}, {"endpoint": "", "region": "eu-north-1"}),
        ({"archive": {"uri": "https://files.acme.example/acme.tar"}}, None),
        ({"blank": {}}, None),
    ],
)
def test_the_place_of_buckets_is_told_to_whom_it_concerns(
    source: dict[str, Any], told: dict[str, str] | None
) -> None:
    """An older mover knows no buckets, and must not stumble over their address."""
    config = told_to({"source": source}, s3={"region": "eu-north-1"})
    assert config.to_json().get("s3") == told
    assert (config.source.archive is not None) == ("archive" in source)
