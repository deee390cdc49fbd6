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
