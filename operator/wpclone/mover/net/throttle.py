# SPDX-License-Identifier: Apache-2.0
"""Lets only so many bytes a second come from a source, over all threads and forked children."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Final

# Nobody holds the lock for longer; a child that was killed with it must not stop its parent.
_LOCK_SECONDS: Final = 1.0


class Throttle:
    """What has come is paid for in time before more is asked for.

    Nothing is held up while it is coming: a web server that waits for us would have one worker less
    for its visitors.
    """

    def __init__(
        self,
        rate: int | None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the bytes per second, None for no limit, and a clock that all processes share."""
        self._rate = rate
        self._now = now
        self._sleep = sleep
        shared = multiprocessing.get_context("fork")
        self._lock = shared.Lock()
        self._paid = shared.RawValue("d", 0.0)

    def wait(self) -> None:
        """Return once everything that has come is paid for."""
        while self._rate and (left := self._paid.value - self._now()) > 0:
            self._sleep(left)

    def spend(self, size: int) -> None:
        """Take note that so many bytes have come."""
        if not self._rate:
            return
        held = self._lock.acquire(timeout=_LOCK_SECONDS)
        try:
            self._paid.value = max(self._paid.value, self._now()) + size / self._rate
        finally:
            if held:
                self._lock.release()
