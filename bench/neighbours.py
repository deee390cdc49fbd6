# SPDX-License-Identifier: Apache-2.0
"""Times the import of a clone on its parent's database server, with the server's help and without.

`python -m bench.neighbours`: rows come over SQL in both cases, not through the parent's guard.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.databases import server
from tests.integration.mover import neighbours, sites
from tests.integration.mover.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.mover.sites import Site

ROWS: Final = 400_000
BATCH: Final = 4_000
TIMES: Final = 3
SHARES: Final = (0.0, 0.03, 0.1, 0.5)


def main() -> None:
    """Print the fastest of some runs for each share of rows with an address."""
    for share in SHARES:
        for way, seconds, said in runs(share):
            sys.stdout.write(f"{share:4.0%} with an address, {way}: {seconds:.1f} s; {said}\n")


def runs(share: float) -> Iterator[tuple[str, float, str]]:
    """Measure both ways, in turn."""
    with server() as running, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        site = sites.build(running, home / "source")
        _fill(site, share)
        found: dict[str, list[tuple[float, str]]] = {"streamed": [], "beside": []}
        for number in range(TIMES):
            for way, timed in found.items():
                place = home / f"{way}-{number}"
                place.mkdir()
                timed.append(_timed(site, place, beside=way == "beside"))
        for way, timed in found.items():
            yield way, *min(timed)


def _fill(site: Site, share: float) -> None:
    """Give it a table of some 110 MB of values, as metadata of posts are."""
    chance = random.Random(3)  # noqa: S311  no secret
    with site.server.root(site.schema) as wire, wire.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        for low in range(0, ROWS, BATCH):
            rows = []
            for number in range(low, low + BATCH):
                address = f" {sites.URL}/page" if chance.random() < share else ""
                text = "lorem ipsum é dolor " * chance.randint(1, 25) + address
                rows.append((number % sites.POSTS, f"key{number % 50}", text))
            cursor.executemany(
                "INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (%s, %s, %s)", rows
            )
        cursor.execute("COMMIT")
    site.server.execute("ANALYZE TABLE wp_postmeta", schema=site.schema)


def _timed(site: Site, home: Path, *, beside: bool) -> tuple[float, str]:
    job = Job.make(site.server, home)
    neighbours.read(job, site)
    neighbours.admit(job, site)
    if not beside:
        del job.config["source"]["clone"]
    begun = time.monotonic()
    result = job.run()
    seconds = time.monotonic() - begun
    if result.code:
        raise RuntimeError(str(result))
    site.server.execute(f"DROP DATABASE `{job.login.schema}`")
    return seconds, str(result.outcome["message"])


if __name__ == "__main__":
    main()
