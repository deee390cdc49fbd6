# SPDX-License-Identifier: Apache-2.0
"""The page about the filter tells the truth: its commands and its library example run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import WPCLONE

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/rewrite.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
DUMP = "dump.sql"


def shown() -> list[tuple[str, str]]:
    """Return the page's commands, each with the answer that stands below it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    parts = re.split(r"^\$ ", "".join(blocks), flags=re.MULTILINE)
    return [
        (command, answer) for command, _, answer in (part.partition("\n") for part in parts[1:])
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay down the dump that the page shows."""
    (answer,) = [answer for command, answer in shown() if command == f"cat {DUMP}"]
    (tmp_path / DUMP).write_text(answer)
    return tmp_path


def ran(folder: Path, command: str) -> str:
    """Run a command as a shell would, and return what it said."""
    path = f"{Path(WPCLONE).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_every_command_of_the_page_answers_as_it_says(folder: Path) -> None:
    """In their order, in one folder, with the dump that it shows."""
    commands = shown()
    assert len(commands) == 6
    for command, answer in commands:
        assert ran(folder, command) == answer, command
    assert "office@old.example" not in (folder / "masked.sql").read_text()


def test_the_filters_command_in_the_readme_runs(folder: Path) -> None:
    """It names a dump and a report as the page does."""
    (command,) = re.findall(r"^\.venv/bin/(wpclone rewrite .*)$", README, re.MULTILINE)
    ran(folder, command)
    assert "https://new.test/logo.svg" in (folder / "out.sql").read_text()


def test_the_library_example_runs(folder: Path) -> None:
    """It holds its own value to what it expects, and moves the dump."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b"3 values rewritten\n"
    assert b"copy.new.test" in (folder / "out.sql").read_bytes()
