# SPDX-License-Identifier: Apache-2.0
"""Stops the mover at a chosen point of its source, and lets it go on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


class Pause:
    """A point in the source's stream at which the mover waits for us."""

    def __init__(self, home: Path) -> None:
        """Make the two pipes that tell and wait."""
        self.reached, self.go_on = home / "reached", home / "go-on"
        os.mkfifo(self.reached)
        os.mkfifo(self.go_on)

    def plan(self, before: object, what: str = "pause_before") -> dict[str, Any]:
        """Return the part of a plan that pauses before a piece, or a file, or in some tables."""
        return {
            what: before,
            "reached": str(self.reached),
            "go_on": str(self.go_on),
        }

    def wait(self) -> None:
        """Return once the mover is there."""
        self.reached.read_bytes()

    def release(self) -> None:
        """Let it go on."""
        self.go_on.write_bytes(b"!")
