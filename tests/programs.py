# SPDX-License-Identifier: Apache-2.0
"""Runs the command line as a real program, and measures what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WPCLONE = str(Path(sys.executable).with_name("wpclone"))
# A child's peak begins with the memory of whoever forked it: so a small program does.
_MEASURE = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
status, used = os.wait4(pid, 0)[1:]
with open(sys.argv[1], "w") as told:
    print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=told)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True)
class Used:
    """What a program needed: its exit code, peak memory in KiB, and seconds of processor time."""

    status: int
    peak: int
    seconds: float


def wpclone(*arguments: str, stdin: bytes, engine: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run `wpclone` to its end, with an engine of choice."""
    environment = {**os.environ, **({"WPCLONE_ENGINE": engine} if engine else {})}
    return subprocess.run(
        [WPCLONE, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env=environment,
    )


def measured(command: list[str], source: Path, sink: Path, scratch: Path) -> Used:
    """Run a program from one file to another; `scratch` is its temporary folder."""
    told = scratch / "used"
    with source.open("rb") as reader, sink.open("wb") as writer:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MEASURE, str(told), *command],
            stdin=reader,
            stdout=writer,
            check=False,
            timeout=280,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
    peak, seconds = told.read_text().split()
    return Used(done.returncode, int(peak), float(seconds))
