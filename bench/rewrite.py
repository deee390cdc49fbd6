# SPDX-License-Identifier: Apache-2.0
"""Compares the filter with plain text tools, and what a database makes of the same dumps."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import dumps, importing
from bench.databases import REDO_LOG_MIB, client, server
from bench.running import Used, pipeline
from tests import live_site
from tests.mariadb import Server

FILTER = [
    str(Path(sys.executable).with_name("wpclone")),
    *("rewrite", "--from", dumps.OLD, "--to", dumps.NEW),
]
MASK = ["--mask", "standard", "--mask-key-file", str(importing.KEY)]
SCRIPT = str(Path(__file__).with_name("variants.sed"))
CAT, SED, OURS = "cat", "sed, all variants", "wpclone rewrite"
WAYS = {
    CAT: ["cat"],
    "sed, one literal": ["sed", "-e", f"s#{dumps.OLD}#{dumps.NEW}#g"],
    SED: ["sed", "-f", SCRIPT],
    OURS: FILTER,
    "wpclone rewrite --mask": [*FILTER, *MASK],
}
LOAD, COPY, MOVE = "load", "dump | load", "dump | filter | load"
SHOP = "a shop's site"
_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Figure:
    """What one way made of one dump."""

    dump: str
    way: str
    size: int
    used: Used
    at: int = -1  # which program of the pipeline the memory and processor time are of

    @property
    def rate(self) -> float:
        """Megabytes of the dump per second."""
        return self.size / 1e6 / self.used.seconds

    @property
    def peak(self) -> float:
        """Peak memory of the program in question, in MiB."""
        return self.used.peaks[self.at]

    @property
    def processor(self) -> float:
        """Seconds of processor time of the program in question."""
        return self.used.processor[self.at]


def figures(megabytes: int, *, times: int, databases: bool) -> Iterator[Figure]:
    """Measure every way on every dump; of several times, the fastest counts."""
    with tempfile.TemporaryDirectory() as folder:
        for name in dumps.DUMPS:
            path = Path(folder, "dump.sql")
            size = dumps.write(path, name, megabytes)
            for way, command in WAYS.items():
                runs = [pipeline([command], path) for _ in range(times)]
                yield Figure(name, way, size, _best(runs))
            if databases:
                yield from _databases(name, path, size, times)
    if databases and live_site.missing() is None:
        for way, size, used in importing.runs(megabytes, times):
            yield Figure(SHOP, way, size, used)


def _best(runs: Sequence[Used]) -> Used:
    return min(runs, key=lambda used: used.seconds)


def _databases(name: str, path: Path, size: int, times: int) -> Iterator[Figure]:
    redo = REDO_LOG_MIB if name != dumps.GIANT else max(REDO_LOG_MIB, size * 12 // _MEBIBYTE)
    with server(redo) as running:
        load = [*client(running), "--binary-mode"]
        dump = ["mariadb-dump", *client(running)[1:], "--quick", "--single-transaction", "one"]
        into = [*load, "two"]
        ways = {COPY: [dump, into], MOVE: [dump, FILTER, into]}
        used: dict[str, list[Used]] = {way: [] for way in (LOAD, *ways)}
        # In turn, so that what else the machine does is shared by both; and the one is the first as
        # often as the other, into a schema made anew: a server is slower the more it holds.
        for turn in range(times):
            _empty(running, "one", "two")
            used[LOAD].append(pipeline([[*load, "one"]], path))
            for way in (COPY, MOVE) if turn % 2 else (MOVE, COPY):
                _empty(running, "two")
                used[way].append(pipeline(ways[way], None))
    for way, runs in used.items():
        yield Figure(name, way, size, _best(runs), at=1 if way == MOVE else -1)


def _empty(running: Server, *schemas: str) -> None:
    """Make the schemas anew."""
    for schema in schemas:
        running.execute(f"DROP DATABASE IF EXISTS {schema}", f"CREATE DATABASE {schema}")
