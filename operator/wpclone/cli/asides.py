# SPDX-License-Identifier: Apache-2.0
"""Says to a person, on standard error, where a command is and why it gives up."""

from __future__ import annotations

import sys
import time
from typing import Final, NoReturn, TextIO

import typer

_ON_TERMINAL: Final = 0.2
_IN_LOG: Final = 15.0
_WIDTH: Final = 79


class Progress:
    """One line that changes on a terminal, a line now and then anywhere else."""

    def __init__(self, out: TextIO) -> None:
        """Write to `out`."""
        self._out = out
        self._terminal = out.isatty()
        self._next = 0.0

    def tell(self, said: str) -> None:
        """Say where we are, unless it was said just now."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_ON_TERMINAL if self._terminal else _IN_LOG)
        line = said[:_WIDTH]
        self._out.write(f"\r{line:{_WIDTH}}" if self._terminal else f"{line}\n")
        self._out.flush()

    def end(self) -> None:
        """Leave the line empty for what comes next."""
        if self._terminal:
            self._out.write(f"\r{'':{_WIDTH}}\r")
            self._out.flush()


def fail(command: str, message: str, status: int) -> NoReturn:
    """Say why a command gives up, and end it."""
    sys.stderr.write(f"wpclone {command}: {message}\n")
    raise typer.Exit(status)
