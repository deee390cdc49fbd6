# SPDX-License-Identifier: Apache-2.0
"""Runs programs to their end, each with a deadline, and turns a refusal into one sentence."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.errors import CommandFailed

Argument = str | Path


def run(
    argv: Sequence[Argument],
    *,
    stdin: str | bytes | None = None,
    timeout: float = 60,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a program and return what it printed; a failure carries what it complained about."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=timeout,
            env={**os.environ, **env} if env else None,
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandFailed(
            f"{words[0]} is not installed: run `python -m local build` first."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{_title(words)} did not end within {timeout:.0f} s.") from error
    if done.returncode < 0:
        raise CommandFailed(f"{_title(words)} was ended by signal {-done.returncode}.")
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()[-1500:]
        raise CommandFailed(f"{_title(words)} failed with code {done.returncode}: {said}")
    return done.stdout.decode(errors="replace")


def succeeds(argv: Sequence[Argument], *, timeout: float = 5) -> bool:
    """Tell whether a program ends well within its deadline."""
    try:
        run(argv, timeout=timeout)
    except CommandFailed:
        return False
    return True


def _title(words: Sequence[str]) -> str:
    """Name a command by its program and its first word that is no option."""
    if words[0] in {"nsenter", "nice"}:
        words = words[words.index("--") + 1 :] if "--" in words else words[1:]
    plain = [word for word in words[1:] if not word.startswith("-")]
    return " ".join([Path(words[0]).name, *plain[:1]])
