# SPDX-License-Identifier: Apache-2.0
"""Says how large a sample site is; everything else about it follows from its seed."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Profile:
    """The amounts of one sample site."""

    name: str
    users: int
    pages: int
    posts: int
    comments: int
    products: int
    orders: int
    pictures: int
    picture_width: int
    seed: int = 20260101
    title: str = "Acme Paper & Ink"
    admin: str = "acme"
    email: str = "office@acme.test"

    def request(self, url: str) -> dict[str, str | int]:
        """Return what the generator is asked for."""
        return {**asdict(self), "url": url}


# 60 MB: about 880 KB for a picture of 1600 pixels and its five smaller sizes.
DEMO = Profile("demo", 500, 24, 190, 400, 40, 200, 70, 1600)
# 5 MB of media and few rows, with every peculiarity of the large one.
SMALL = Profile("small", 24, 10, 20, 30, 6, 12, 12, 1100)


@dataclass(frozen=True)
class Bulk:
    """What makes a site a large one: a share of 3 GB of media in 40,000 files and 2 GB of rows."""

    share: float
    option_bytes: int
    seed: int = 20260101

    def request(self, url: str) -> dict[str, str | int | float]:
        """Return what the generator is asked for."""
        return {**asdict(self), "url": url}


WHOLE = Bulk(1.0, 40_000_000)
# 480 MB of media and 320 MB of rows.
PORTION = Bulk(0.16, 4_000_000)
# 6 MB, with every kind of table and value of the whole.
SLICE = Bulk(0.001, 400_000)
