# SPDX-License-Identifier: Apache-2.0
"""Runs programs one behind another, and measures time, processor time and peak memory of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

Command = Sequence[str]
# A child's peak begins with the memory of whoever forked it: so a small program does.
_MEASURE = """
import json, os, sys
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
status, used = os.wait4(pid, 0)[1:]
with open(sys.argv[1], "w") as told:
    json.dump([used.ru_maxrss / 1024, used.ru_utime + used.ru_stime], told)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True)
class Used:
    """What a pipeline needed: seconds, and of each program its MiB and seconds of processor."""

    seconds: float
    peaks: list[float]
    processor: list[float]


class FailedError(Exception):
    """A program of a pipeline has not done its work."""


def pipeline(
    commands: Sequence[Command],
    source: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Used:
    """Run programs from a file, or from nothing, to nowhere."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        reader = stack.enter_context((source or Path(os.devnull)).open("rb"))
        sink = stack.enter_context(Path(os.devnull).open("wb"))
        told = [Path(scratch, str(number)) for number in range(len(commands))]
        begin = time.monotonic()
        processes: list[subprocess.Popen[bytes]] = []
        for command, file in zip(commands, told, strict=True):
            is_last = len(processes) == len(commands) - 1
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _MEASURE, str(file), *command],
                stdin=processes[-1].stdout if processes else reader,
                stdout=sink if is_last else subprocess.PIPE,
                env={**environment, "LC_ALL": "C"},
            )
            if processes and processes[-1].stdout:
                processes[-1].stdout.close()  # or the writer would not notice that we are gone
            processes.append(stack.enter_context(process))
        for process, command in zip(processes, commands, strict=True):
            if process.wait(1800):
                raise FailedError(f"{' '.join(command)} ended with status {process.returncode}")
        seconds = time.monotonic() - begin
        used = [json.loads(file.read_text()) for file in told]
    return Used(seconds, [peak for peak, _ in used], [busy for _, busy in used])
