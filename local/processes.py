# SPDX-License-Identifier: Apache-2.0
"""Starts, knows and stops the parts of a cluster, by records that survive us and cannot lie."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from local import paths
from local.errors import PartFailed

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# A process whose Popen object is collected while it runs would be reported as forgotten: it is not.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Record:
    """Who a process is: a number alone may belong to somebody else after a crash or a reboot."""

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Record | None":
        """Return the record of a process that runs, and None for one that does not."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        state, *rest = stat.rpartition(")")[2].split()
        return None if state in "ZX" else cls(pid, int(rest[18]), _BOOT.read_text().strip())

    def runs(self) -> bool:
        """Tell whether this very process still runs."""
        return Record.of(self.pid) == self

    def command(self) -> tuple[str, ...]:
        """Return the words the process was started with."""
        with suppress(OSError):
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes().decode(errors="replace")
            return tuple(words.split("\0")[:-1])
        return ()


@dataclass(frozen=True)
class Daemon:
    """One long-running part: its name, what it does, and how it is started."""

    name: str
    duty: str
    argv: tuple[str, ...]
    netns: str
    env: Mapping[str, str] | None = None


class Daemons:
    """The parts of one cluster, by the pid files and logs in its directories."""

    def __init__(self, layout: paths.Layout) -> None:
        """Look after the parts of the cluster with this layout."""
        self._layout = layout

    def log(self, name: str) -> Path:
        """Return a part's log."""
        return self._layout.log / f"{name}.log"

    def names(self) -> list[str]:
        """Return the names of all parts that were started and not stopped."""
        return sorted(path.stem for path in self._layout.run.glob("*.json"))

    def record(self, name: str) -> Record | None:
        """Return the record of a part, if it has one that can be read."""
        try:
            return Record(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def runs(self, name: str) -> bool:
        """Tell whether a part runs."""
        record = self.record(name)
        return record is not None and record.runs()

    def start(self, daemon: Daemon) -> None:
        """Start a part inside its network namespace, unless it runs already, exactly so."""
        record = self.record(daemon.name)
        if record is not None and record.runs():
            words = record.command()
            # A part may be started through programs that replace themselves by it, such as chroot.
            if words == daemon.argv[-len(words) :]:
                return
            end([record], seconds=10)
        # Not `ip netns exec`: that remounts /sys and hides the control groups from the kubelet.
        command = ["nsenter", f"--net=/run/netns/{daemon.netns}", "--", *daemon.argv]
        record = spawn(daemon.name, command, self.log(daemon.name), daemon.env)
        # A crash before the next line leaves no record: a stop finds the process by its namespace.
        paths.write(self._file(daemon.name), json.dumps(asdict(record)))

    def await_ready(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until a part is ready; one that dies or takes too long is named with its log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.runs(name):
                raise PartFailed(name, "died while starting", self.log(name))
            if time.monotonic() > deadline:
                raise PartFailed(name, f"was not ready within {seconds:.0f} s", self.log(name))
            time.sleep(0.1)

    def stop(self, names: Iterable[str], seconds: float = 10) -> None:
        """Ask parts to end, all at once, and end those that do not; their pid files go last."""
        names = list(names)
        records = [record for record in map(self.record, names) if record is not None]
        end(records, seconds)
        for name in names:
            self._file(name).unlink(missing_ok=True)

    def kill(self, name: str) -> None:
        """End a part at once, as a crash would; its pid file stays, so that status tells."""
        record = self.record(name)
        if record is not None:
            _signal(record, signal.SIGKILL)

    def _file(self, name: str) -> Path:
        return self._layout.run / f"{name}.json"


def spawn(
    name: str, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None
) -> Record:
    """Start a process that outlives us, and return its record."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            cwd="/",
        )
    _started.append(process)
    record = Record.of(process.pid)
    if record is None:
        raise PartFailed(name, "died at once", log)
    return record


def end(records: Sequence[Record], seconds: float) -> None:
    """End processes: politely first, by force after some seconds; return when none runs."""
    for kind, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 10.0)):
        for record in records:
            _signal(record, kind)
        deadline = time.monotonic() + patience
        while any(record.runs() for record in records) and time.monotonic() < deadline:
            for process in _started:
                process.poll()
            time.sleep(0.05)


def _signal(record: Record, kind: signal.Signals) -> None:
    if record.runs():
        with suppress(ProcessLookupError):
            os.kill(record.pid, kind)
