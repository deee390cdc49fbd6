# SPDX-License-Identifier: Apache-2.0
"""How two screenshots are compared."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e import pictures


def png(size: tuple[int, int], colour: str = "white", dot: str | None = None) -> bytes:
    """Draw a plain picture, with a square of 10 by 10 in its corner if asked."""
    picture = Image.new("RGB", size, colour)
    if dot:
        picture.paste(Image.new("RGB", (10, 10), dot))
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


PAGE = png((100, 100))


@pytest.mark.parametrize(
    ("other", "share", "reason"),
    [
        (PAGE, 0.0, "the same"),
        (png((100, 100), "#f8f8f8"), 0.0, "a shade nobody sees"),
        (png((100, 100), dot="black"), 0.01, "a spot"),
        (png((100, 100), dot="#ffff00"), 0.01, "a spot in one channel"),
        (png((100, 200)), 0.5, "a longer page"),
        (png((200, 100)), 0.5, "a wider page"),
        (png((100, 100), "black"), 1.0, "another page"),
    ],
)
def test_the_share_of_what_differs(other: bytes, share: float, reason: str) -> None:
    """Every pixel counts once, whichever side it is missing on."""
    assert pictures.compare(PAGE, other).share == pytest.approx(share), reason
    assert pictures.compare(other, PAGE).share == pytest.approx(share), reason


def test_the_comparison_is_kept_for_people(tmp_path: Path) -> None:
    """Left, right and difference stand side by side in one file."""
    found = pictures.compare(PAGE, png((100, 150), dot="black"))
    with Image.open(found.keep(tmp_path / "new" / "pair.png")) as kept:
        assert kept.size == (3 * 100 + 2 * pictures.GAP, 150)
    assert found.sizes == ((100, 100), (100, 150))
