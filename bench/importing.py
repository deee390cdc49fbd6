# SPDX-License-Identifier: Apache-2.0
"""Compares an import by the mover with a plain copy of the same database.

The source is a live WordPress, read through its agent plugin: PHP, two servers and the mover share
the processors of one machine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import content
from bench.databases import LARGEST_PACKET, client, server
from bench.running import Used, pipeline
from tests import live_site, mariadb
from tests.integration.mover.jobs import Job

COPY, IMPORT, MASKED = "dump | load", "import", "import, masked"
# A key of the benchmark's, and nobody else's.
KEY = Path(__file__).with_name("mask.key")


def runs(megabytes: int, times: int) -> Iterator[tuple[str, int, Used]]:
    """Measure each way; of several times, in turn, the fastest counts."""
    used: dict[str, list[Used]] = {COPY: [], IMPORT: [], MASKED: []}
    with (
        server() as source,
        server() as clone,
        live_site.live(source, memory_limit="128M") as site,
    ):
        size = _filled(site, megabytes)
        for _ in range(times):
            used[COPY].append(_copied(site, clone))
            used[IMPORT].append(_imported(site, clone, "None"))
            used[MASKED].append(_imported(site, clone, "Standard"))
    for way, measured in used.items():
        yield way, size, min(measured, key=lambda one: one.seconds)


def _filled(site: live_site.LiveSite, megabytes: int) -> int:
    """Fill the site; return how large its dump is."""
    schema = site.login.schema
    with subprocess.Popen(
        [*client(site.server), schema], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as filling:
        assert filling.stdin is not None  # noqa: S101  it is a pipe
        for statement in content.statements(live_site.PREFIX, site.url, megabytes):
            filling.stdin.write(statement)
    if filling.returncode:
        raise RuntimeError("The source could not be filled")
    return len(site.server.dump(schema, LARGEST_PACKET))


def _copied(site: live_site.LiveSite, clone: mariadb.Server) -> Used:
    schema = clone.schema().schema
    dump = ["mariadb-dump", *client(site.server)[1:], "--quick", "--single-transaction"]
    used = pipeline([[*dump, site.login.schema], [*client(clone), schema]])
    clone.execute(f"DROP DATABASE {schema}")
    return used


def _imported(site: live_site.LiveSite, clone: mariadb.Server, mask: str) -> Used:
    with tempfile.TemporaryDirectory() as folder:
        job = Job.make(clone, Path(folder))
        secrets = {
            "source": {"username": live_site.ADMINISTRATOR, "password": live_site.PASSWORD},
            "mask": {"key": KEY.read_text()},
        }
        for name, values in secrets.items():
            (job.home / name).mkdir()
            for key, value in values.items():
                (job.home / name / key).write_text(value)
        job.extra["WPCLONE_MASK_SECRET"] = str(job.home / "mask")
        job.config = {
            "attempt": 1,
            "source": {"kind": "site", "url": site.url},
            "network": {"allow": ["127.0.0.0/8"], "http": True},
            "mask": mask,
        }
        used = pipeline([[sys.executable, *job.program]], environment=job.environment())
        clone.execute(f"DROP DATABASE {job.login.schema}")
    return used
