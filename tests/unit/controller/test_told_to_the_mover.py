# SPDX-License-Identifier: Apache-2.0
"""What the mover is told of the clone's image, so that it can refuse a newer source."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import world
from wpclone.api.spec import CloneSpec, Updates
from wpclone.controller.render import parts


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
    config = parts.import_config(
        CloneSpec.model_validate(values),
        world.settings(images=images),
        attempt=1,
        inspection=None,
        updates=Updates.BLOCK,
    )
    assert (config.image.wordpress_version if config.image else None) == told


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
    config = parts.import_config(
        CloneSpec.model_validate({"source": source}),
        world.settings(s3={"region": "eu-north-1"}),
        attempt=1,
        inspection=None,
        updates=Updates.BLOCK,
    )
    assert config.to_json().get("s3") == told
    assert (config.source.archive is not None) == ("archive" in source)
