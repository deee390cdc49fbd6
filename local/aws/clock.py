# SPDX-License-Identifier: Apache-2.0
"""Tells the simulated time, which may run faster, stand still or jump."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch, as the simulated AWS counts them."""

    def __init__(self, machine: Callable[[], float] = time.monotonic) -> None:
        """Start at the present, at the speed of the machine's own clock."""
        self._machine = machine
        self._base = time.time()
        self._since = machine()
        self.rate = 1.0

    def now(self) -> float:
        """Return the simulated time."""
        return self._base + (self._machine() - self._since) * self.rate

    def run(self, rate: float) -> None:
        """Run at this speed from now on; 0 stands still."""
        if rate < 0:
            raise ValueError("AWS' clock does not run backwards")
        self._base, self._since = self.now(), self._machine()
        self.rate = rate

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        if seconds < 0:
            raise ValueError("AWS' clock does not run backwards")
        self._base += seconds

    def until(self, moment: float | None) -> float | None:
        """Return the machine's seconds until a moment; None if it never comes by itself."""
        if moment is None or not self.rate:
            return None
        return max(0.0, moment - self.now()) / self.rate
