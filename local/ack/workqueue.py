# SPDX-License-Identifier: Apache-2.0
"""Hands out keys to workers: each key once at a time, delayed or ever more patiently if asked."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

# The limits of controller-runtime's default queue: 5 ms, doubled with each failure, up to 1000 s.
FIRST: Final = 0.005
LONGEST: Final = 1000.0

Key = tuple[str, str]


class Workqueue:
    """A queue of keys; one that is added while a worker has it is handed out again afterwards."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._ready: deque[Key] = deque()
        self._waiting: set[Key] = set()
        self._working: set[Key] = set()
        self._failures: dict[Key, int] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._news = asyncio.Semaphore(0)

    def add(self, key: Key) -> None:
        """Hand out a key as soon as a worker is free."""
        if key in self._waiting:
            return
        self._waiting.add(key)
        if key not in self._working:
            self._ready.append(key)
            self._news.release()

    def add_after(self, key: Key, seconds: float) -> None:
        """Hand out a key after some time; the earliest of several wishes counts."""
        loop = asyncio.get_running_loop()
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= loop.time() + seconds:
                return
            timer.cancel()
        self._timers[key] = loop.call_later(seconds, self._due, key)

    def add_limited(self, key: Key) -> None:
        """Hand out a key again, each time later than the last time."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, patience(failures))

    def forget(self, key: Key) -> None:
        """Count a key's failures from the beginning."""
        self._failures.pop(key, None)

    async def get(self) -> Key:
        """Wait for a key; `done` has to follow."""
        await self._news.acquire()
        key = self._ready.popleft()
        self._waiting.discard(key)
        self._working.add(key)
        return key

    def done(self, key: Key) -> None:
        """Say that the work on a key has ended."""
        self._working.discard(key)
        if key in self._waiting:
            self._ready.append(key)
            self._news.release()

    def _due(self, key: Key) -> None:
        self._timers.pop(key, None)
        self.add(key)


def patience(failures: int) -> float:
    """Return how long to wait after so many failures in a row."""
    return LONGEST if failures > 30 else min(FIRST * 2.0**failures, LONGEST)  # noqa: PLR2004
