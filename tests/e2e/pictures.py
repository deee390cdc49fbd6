# SPDX-License-Identifier: Apache-2.0
"""Compares two screenshots, and keeps them side by side for people."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

# A channel may differ by this much before a pixel counts: text is smoothed a little differently
# wherever a page was scrolled in between.
TOLERANCE = 24
GAP = 16


@dataclass(frozen=True)
class Difference:
    """How much of two pictures is not the same, and where."""

    share: float
    sizes: tuple[tuple[int, int], tuple[int, int]]
    picture: Image.Image

    def keep(self, path: Path) -> Path:
        """Write left, right and what differs (black on white) as one picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture.save(path)
        return path


def compare(left: bytes, right: bytes) -> Difference:
    """Compare two PNG pictures; what only one of them covers differs altogether."""
    first, second = (Image.open(io.BytesIO(picture)).convert("RGB") for picture in (left, right))
    size = max(first.width, second.width), max(first.height, second.height)
    # Red on one, cyan on the other: padding is never equal to padding or to a page.
    one, other = _padded(first, size, (255, 0, 0)), _padded(second, size, (0, 255, 255))
    bands = ImageChops.difference(one, other).split()
    strongest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    differs = strongest.point([255 if level > TOLERANCE else 0 for level in range(256)])
    share = differs.histogram()[255] / (size[0] * size[1])
    return Difference(share, (first.size, second.size), _side_by_side(one, other, differs))


def _padded(
    picture: Image.Image, size: tuple[int, int], colour: tuple[int, int, int]
) -> Image.Image:
    whole = Image.new("RGB", size, colour)
    whole.paste(picture)
    return whole


def _side_by_side(*pictures: Image.Image) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    whole = Image.new("RGB", (width, pictures[0].height), "white")
    at = 0
    for picture in pictures:
        shown = ImageChops.invert(picture) if picture.mode == "L" else picture
        whole.paste(shown.convert("RGB"), (at, 0))
        at += picture.width + GAP
    return whole
