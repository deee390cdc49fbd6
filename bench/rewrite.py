# SPDX-License-Identifier: Apache-2.0
"""Compares the filter with plain text tools, and what a database makes of the same dumps."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import dumps
from bench.running import Command, Used, pipeline
from tests import mariadb

FILTER = [
    str(Path(sys.executable).with_name("wpclone")),
    *("rewrite", "--from", dumps.OLD, "--to", dumps.NEW),
]
# A key of the benchmark's, and nobody else's.
KEY = str(Path(__file__).with_name("mask.key"))
MASK = ["--mask", "standard", "--mask-key-file", KEY]
SCRIPT = str(Path(__file__).with_name("variants.sed"))
WAYS = {
    "cat": ["cat"],
    "sed, one literal": ["sed", "-e", f"s#{dumps.OLD}#{dumps.NEW}#g"],
    "sed, all variants": ["sed", "-f", SCRIPT],
    "wpclone rewrite": FILTER,
    "wpclone rewrite --mask": [*FILTER, *MASK],
}
LOAD, COPY, MOVE = "load", "dump | load", "dump | filter | load"
_LARGEST_PACKET = "--max-allowed-packet=1G"
_SERVER = (_LARGEST_PACKET, "--innodb-buffer-pool-size=512M")
_REDO_LOG_MIB = 256
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
                yield Figure(name, way, size, _best([command], path, times))
            if databases:
                yield from _databases(name, path, size)


def _best(commands: Sequence[Command], path: Path | None, times: int) -> Used:
    runs = (pipeline(commands, path) for _ in range(times))
    return min(runs, key=lambda used: used.seconds)


def _databases(name: str, path: Path, size: int) -> Iterator[Figure]:
    # A value must fit ten times into the redo log.
    redo = _REDO_LOG_MIB if name != dumps.GIANT else max(_REDO_LOG_MIB, size * 12 // _MEBIBYTE)
    with _server(redo) as server:
        socket = ["--no-defaults", f"--socket={server.socket}", "-uroot", _LARGEST_PACKET]
        load = ["mariadb", *socket, "--binary-mode"]
        dump = ["mariadb-dump", *socket, "--quick", "--single-transaction", "one"]
        yield Figure(name, LOAD, size, pipeline([[*load, "one"]], path))
        server.execute("CREATE DATABASE two", "CREATE DATABASE three")
        yield Figure(name, COPY, size, pipeline([dump, [*load, "two"]]))
        yield Figure(name, MOVE, size, pipeline([dump, FILTER, [*load, "three"]]), at=1)


@contextmanager
def _server(redo: int) -> Iterator[mariadb.Server]:
    with mariadb.server(*_SERVER, f"--innodb-log-file-size={redo}M") as server:
        server.execute("CREATE DATABASE one")
        yield server
