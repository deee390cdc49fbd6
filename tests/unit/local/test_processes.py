# SPDX-License-Identifier: Apache-2.0
"""How a cluster knows its processes from everybody else's."""

import dataclasses
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import PartFailed, tail
from local.paths import Layout
from local.processes import Daemons, Record, end

# It says when it is there: its command line is empty for a moment before.
SLEEPER = ("sh", "-c", "echo ready; read forever")


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process that does nothing for long."""
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def stored(root: Path, name: str, content: str) -> Daemons:
    """Return the parts of a cluster of which one has this pid file."""
    layout = Layout(root)
    layout.run.mkdir(parents=True, exist_ok=True)
    (layout.run / f"{name}.json").write_text(content)
    return Daemons(layout)


def test_a_process_is_known_again(sleeper: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    """A record on disk finds its process."""
    record = Record.of(sleeper.pid)
    assert record is not None
    daemons = stored(tmp_path, "part", json.dumps(dataclasses.asdict(record)))
    assert daemons.runs("part")
    assert record.command() == SLEEPER


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another"}])
def test_a_reused_number_is_somebody_else(
    sleeper: "subprocess.Popen[bytes]", tmp_path: Path, change: dict[str, object]
) -> None:
    """A pid file from before a crash or a reboot never points at a stranger, nor kills one."""
    record = Record.of(sleeper.pid)
    assert record is not None
    old = dataclasses.asdict(record) | change
    daemons = stored(tmp_path, "part", json.dumps(old))

    assert not daemons.runs("part")
    daemons.stop(["part"])

    assert sleeper.poll() is None
    assert daemons.names() == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "x": 2}'])
def test_a_torn_pid_file_is_no_process(tmp_path: Path, content: str) -> None:
    """What a crash left half-written counts as a part that does not run."""
    assert not stored(tmp_path, "part", content).runs("part")


def test_a_dead_child_that_nobody_has_read_does_not_run() -> None:
    """A zombie is dead, although its number still exists."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert Record.of(process.pid) is None
    process.wait()


def test_what_ignores_a_polite_request_is_ended_by_force() -> None:
    """A part that does not listen to SIGTERM does not keep a cluster from stopping."""
    script = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    record = Record.of(process.pid)
    assert record is not None

    end([record], seconds=0.3)

    assert not record.runs()
    process.wait()
    process.stdout.close()


def test_a_failed_part_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The sentence for a dead part shows what it said last, and not all it ever said."""
    log = tmp_path / "part.log"
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    message = str(PartFailed("etcd", "died while starting", log))
    assert message.startswith("etcd died while starting")
    assert message.endswith("line 999")
    assert "line 900" not in message


@pytest.mark.parametrize(("text", "shown"), [(None, "(no log)"), ("", "(empty)")])
def test_a_log_that_says_nothing_is_said_to(tmp_path: Path, text: str | None, shown: str) -> None:
    """An absent log and an empty one are told apart."""
    log = tmp_path / "log"
    if text is not None:
        log.write_text(text)
    assert tail(log).strip() == shown
