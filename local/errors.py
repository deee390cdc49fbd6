# SPDX-License-Identifier: Apache-2.0
"""Names what can go wrong with a local cluster; every message is a sentence for a person.

LocalError
├── NotHere        this machine cannot run the cluster at all
├── CommandFailed  a program we called said no, or took too long
└── PartFailed     a part of the cluster died or did not get ready; carries the tail of its log
"""

from pathlib import Path


class LocalError(Exception):
    """Anything a person should read as one sentence instead of a traceback."""


class NotHere(LocalError):  # noqa: N818  reads as a sentence where it is raised
    """This machine cannot run the native cluster."""


class CommandFailed(LocalError):  # noqa: N818  likewise
    """A program ended with an error, or not at all within its deadline."""


class PartFailed(LocalError):  # noqa: N818  likewise
    """A part of the cluster is down."""

    def __init__(self, part: str, what: str, log: Path) -> None:
        """Say which part, what happened to it, and what it wrote last."""
        super().__init__(f"{part} {what}; the end of {log}:\n{tail(log)}")
        self.part = part


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented, each cut to the width of a wide terminal."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64 * 1024))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return "    (no log)"
    return "\n".join(f"    {line[:240]}" for line in text.splitlines()[-lines:]) or "    (empty)"
