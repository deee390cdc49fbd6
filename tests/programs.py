# SPDX-License-Identifier: Apache-2.0
"""Runs the command line as a real program, and measures what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WPCLONE = str(Path(sys.executable).with_name("wpclone"))
# A child's memory begins with that of whoever forked it: so a small program does. The kernel keeps
# no peak of a program's own memory, without the pages of files that it has mapped, and sends no
# event about it: it is asked every other millisecond.
_MEASURE = """
import os, sys, time
pid, peak = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0
while True:
    ended, status, used = os.wait4(pid, os.WNOHANG)
    if ended:
        break
    with open(f"/proc/{pid}/status") as told:
        own = [line.split()[1] for line in told if line.startswith("RssAnon:")]
    peak = max([peak, *map(int, own)])
    time.sleep(0.002)
with open(sys.argv[1], "w") as told:
    print(peak, used.ru_utime + used.ru_stime, file=told)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True)
class Used:
    """What a program needed: exit code, KiB of memory of its own, seconds of processor time."""

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
