# SPDX-License-Identifier: Apache-2.0
"""A site of 5 GB is cloned through the operator, by a mover in a pod of 256 MiB.

Source and clone have host names of one length: then an address is replaced without any count of
serialized PHP changing, and the server's own REPLACE says what every row has to be.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import shared_database
from local.demo import native
from local.sample import site
from local.sample.profiles import SMALL, WHOLE
from local.sample.site import PREFIX, Login, Place
from tests.acceptance import memory
from tests.e2e.stage import SCALED, Clone, Stage

pytestmark = [pytest.mark.acceptance, pytest.mark.cluster]

PLACE = Place("large")
HOST, CLONE = "large.acme.test", "big"
TARGET = "big.clones.test"
SECRET = "large-admin"
MEMORY = 256 * 2**20
FROM = "1000000"
# Which rows the generator has made, where WordPress has some of its own; what is never rewritten.
ROWS = {"posts": f"ID > {FROM}", "postmeta": f"post_id > {FROM}"} | {
    "options": "option_name = 'acme_heavy'"
}
PROTECTED = {"guid"}
SAMPLED = 200


@dataclass(frozen=True)
class Large:
    """The large site, and an installation whose movers have little memory."""

    stage: Stage
    uploads: Path

    def there(self, query: str) -> str:
        """Ask the source's server."""
        outside = self.stage.cluster.native.outside
        return outside.mariadb.sql(query, database=PLACE.schema, timeout=900)

    def here(self, query: str, schema: str) -> str:
        """Ask the clones' server."""
        server = shared_database.server(self.stage.cluster.native.world)
        return server.sql(query, database=schema, timeout=900)


@pytest.fixture
def large(stage: Stage) -> Iterator[Large]:
    """Generate the site on the host outside; take it away afterwards."""
    here = stage.cluster.native
    host, url = here.outside, f"https://{HOST}"
    native.install(here.cluster, {**SCALED, "resources": {"mover": {"memoryLimit": "256Mi"}}})
    login = site.ensure(host, SMALL, url, PLACE)
    try:
        site.enlarge(host, PLACE, WHOLE, url)
        host.start_site(PLACE.schema, [HOST], PLACE.document_root)
        site.wake(host, url)
        stage.release.source_login(SECRET, login.username, login.password)
        root = host.root / PLACE.document_root.lstrip("/")
        own = Stage(stage.cluster, stage.release, Login(url, login.username, login.password))
        yield Large(own, root / "wp-content" / "uploads")
        own.close()
    finally:
        host.stop_site(PLACE.schema)
        site.remove(host, PLACE)
        native.install(here.cluster, SCALED)


@pytest.mark.timeout(4 * 3600)
def test_a_site_of_five_gigabytes_is_cloned_in_little_memory(large: Large, tmp_path: Path) -> None:
    """Every row and file is there, and the mover's memory stays below 256 MiB."""
    plain = copied_plainly(large, tmp_path)
    clone = large.stage.clone(CLONE, secret=SECRET, ttl="4h")
    clone.wait_for("Importing", seconds=600)
    with memory.watched(importing(clone)["metadata"]["uid"]) as peak:
        clone.wait_for("StartingSite", "Available", seconds=3 * 3600)
    clone.wait_for("Available", seconds=600)
    status = clone.manifest["status"]
    print(  # noqa: T201  the figures of the run
        f"anonymous memory {peak.bytes / 2**20:.0f} MiB in {peak.looks} looks; import"
        f" {status['timings']['import']} s, dump | load and cp {plain:.0f} s;"
        f" {status['import']}"
    )
    assert peak.looks > 0
    assert peak.bytes < MEMORY
    assert status["import"]["proof"]["residualURLs"] == 0
    assert differing(large, clone) == []
    assert files(large.uploads) == files(uploads(clone))
    assert sampled(large.uploads) == sampled(uploads(clone))
    clone.delete()


def copied_plainly(large: Large, folder: Path) -> float:
    """Copy rows and files as anybody would; return the seconds that took."""
    native_ = large.stage.cluster.native
    source = native_.outside.mariadb
    target = shared_database.server(native_.world)
    target.sql("CREATE DATABASE plain")
    begun = time.monotonic()
    options = "-uroot --max-allowed-packet=64M"
    dump = f"mariadb-dump --no-defaults --socket={source.socket} {options} --single-transaction"
    load = f"mariadb --no-defaults --socket={target.socket} {options} plain"
    try:
        subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{dump} --skip-triggers {PLACE.schema} | {load}"],
            check=True,
            timeout=3600,
        )
        subprocess.run(["cp", "-a", large.uploads, folder / "uploads"], check=True, timeout=3600)
        return time.monotonic() - begun
    finally:
        target.sql("DROP DATABASE plain", timeout=600)
        subprocess.run(["rm", "-rf", folder / "uploads"], check=True, timeout=600)


def importing(clone: Clone) -> dict[str, Any]:
    """Return the pod of the clone's import, once it runs."""

    def runs() -> bool:
        return any(pod["status"].get("phase") == "Running" for pod in clone.pods("import"))

    clone.stage.cluster.eventually(runs, 300)
    return clone.pods("import")[0]


def differing(large: Large, clone: Clone) -> list[str]:
    """Return the tables whose rows are not what REPLACE makes of the source's."""
    listed = large.there("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'").splitlines()
    names = [line.split("\t")[0] for line in listed]
    assert len([name for name in names if "_large_" in name]) == 7
    return [
        name
        for name in names
        if (query := _digest(large, name))
        and large.there(query) != large.here(query, clone.database)
    ]


def _digest(large: Large, table: str) -> str | None:
    """Return the query for the number of rows and a sum of their digests; None: no such table."""
    short = table.removeprefix(PREFIX)
    if "large_" not in short and short not in ROWS:
        return None
    columns = [
        line.split("\t")[0] for line in large.there(f"SHOW COLUMNS FROM `{table}`").splitlines()
    ]
    parts = ",".join(
        f"IFNULL(MD5(`{name}`),'-')"
        if name in PROTECTED
        else f"IFNULL(MD5(REPLACE(`{name}`,'{HOST}','{TARGET}')),'-')"
        for name in columns
        if name not in {"meta_id", "option_id"}
    )
    return (
        f"SELECT COUNT(*), SUM(CAST(CONV(LEFT(MD5(CONCAT({parts})),15),16,10) AS UNSIGNED))"
        f" FROM `{table}` WHERE {ROWS.get(short, '1')}"
    )


def uploads(clone: Clone) -> Path:
    """Return the clone's folder of uploads on the node's disk."""
    (volume,) = clone.volumes().values()
    return volume / "html" / "wp-content" / "uploads"


def files(root: Path) -> dict[str, int]:
    """Return the sizes of all files."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            found[str(path.relative_to(root))] = path.stat().st_size
    assert len(found) > 40_000
    return found


def sampled(root: Path) -> dict[str, str]:
    """Return digests of some of the pictures."""
    pictures = sorted(path for path in root.rglob("*-scaled.jpg"))
    chosen = random.Random(WHOLE.seed).sample(pictures, SAMPLED)  # noqa: S311  no secret
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in chosen
    }
