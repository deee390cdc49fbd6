# SPDX-License-Identifier: Apache-2.0
"""Says which engine a program gets, and how it is told."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = "from wpclone.rewrite import engine; print(engine.NAME, engine.SqlStream.__module__)"


def asked(wanted: str | None) -> subprocess.CompletedProcess[str]:
    """Import the library in a fresh program."""
    environment = {name: value for name, value in os.environ.items() if name != "WPCLONE_ENGINE"}
    if wanted is not None:
        environment["WPCLONE_ENGINE"] = wanted
    return subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (None, "native wpclone.rewrite.native"),
        ("", "native wpclone.rewrite.native"),
        ("native", "native wpclone.rewrite.native"),
        ("reference", "reference wpclone.rewrite.sql"),
    ],
)
def test_the_environment_chooses_the_engine(wanted: str | None, given: str) -> None:
    """The one that is built, unless the reference is asked for."""
    assert asked(wanted).stdout.strip() == given


def test_an_unknown_engine_is_refused() -> None:
    """A misspelt choice must not quietly become the other one."""
    done = asked("nativ")
    assert done.returncode == 1
    assert "WPCLONE_ENGINE is 'nativ'" in done.stderr
