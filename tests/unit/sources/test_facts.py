# SPDX-License-Identifier: Apache-2.0
"""What is made of a manifest, also of one that lies."""

from __future__ import annotations

from typing import Any

import pytest

from wpclone.errors import SourceError
from wpclone.mover.sources.site import facts


def told(**changes: Any) -> dict[str, Any]:
    """Return the manifest of a sound site, with changes."""
    sound = {"siteurl": "https://www.acme.example", "prefix": "wp_", "database_bytes": "4096"}
    return sound | changes


def test_a_sound_manifest_becomes_an_inspection() -> None:
    """Numbers may come as text, as PHP's JSON often has them; counts come from the lists."""
    seen = facts.inspection(told(), temporary=True, rows=3, files=2, file_bytes=1)
    assert (seen.database_bytes, seen.rows, seen.files, seen.file_bytes) == (4096, 3, 2, 1)


@pytest.mark.parametrize(
    ("requires", "expected"),
    [({"imagick": "gallery"}, {"imagick": "gallery"}), (["imagick"], {}), (None, {})],
    ids=["an object", "a list is none", "an agent that does not say"],
)
def test_what_plugins_need_is_read_and_not_told_on(
    requires: object, expected: dict[str, str]
) -> None:
    """It is there to be judged; a report is too small for it."""
    seen = facts.inspection(told(requires=requires), temporary=True, rows=0, files=0, file_bytes=0)
    assert seen.php_requirements == expected
    assert "phpRequirements" not in seen.to_json()


@pytest.mark.parametrize("size", [-1, "abc", [], {}, "1e400"])
def test_a_lying_manifest_ends_in_a_reason(size: object) -> None:
    """A number that cannot be one is the source's fault, and told as such."""
    lie = told(database_bytes=size or [0])
    with pytest.raises(SourceError) as caught:
        facts.inspection(lie, temporary=True, rows=0, files=0, file_bytes=0)
    assert caught.value.reason == "SourceLayoutUnsupported"
    assert not caught.value.retryable
