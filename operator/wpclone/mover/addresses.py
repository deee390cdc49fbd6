# SPDX-License-Identifier: Apache-2.0
"""Says which addresses of the source become which addresses of the clone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wpclone.rewrite import Pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wpclone.api.choices import Additional
    from wpclone.api.mover import Inspection


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where a site moves."""

    pairs: tuple[Pair, ...]
    home: str


def move(seen: Inspection, target_url: str, additional: Sequence[Additional] = ()) -> Move:
    """Return the mapping for a site that moves to the host of `target_url`, whatever its path.

    A site below a path keeps this path, because its pages link to each other with it. WordPress
    in a folder of its own (`siteurl` below `home`) comes out at `home`: that is where the clone's
    image has it. `additional` addresses go where a person wants them, else there too.
    """
    target = urlsplit(target_url)
    path = urlsplit(seen.home_url).path.rstrip("/")
    home = f"{target.scheme}://{target.netloc}{path}"
    sources = dict.fromkeys(url.rstrip("/") for url in (seen.home_url, seen.site_url) if url)
    others = tuple(Pair(one.from_, one.to or home) for one in additional)
    return Move((*(Pair(url, home) for url in sources), *others), home)
