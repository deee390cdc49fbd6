# SPDX-License-Identifier: Apache-2.0
"""Runs one pass per key at a time, by a bounded number of workers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from wpclone.controller.ports import Next
from wpclone.controller.queue import backoff
from wpclone.controller.queue.later import Later

# Children change in bursts (a Job, its pods, the graph's status): one pass sees them all.
DEBOUNCE: Final = 0.1


Work = Callable[[str], Awaitable[Next]]


class Keyed:
    """A queue of keys: a key woken during its own pass runs exactly once more."""

    def __init__(self, work: Work, *, workers: int, jitter: Callable[[], float]) -> None:
        """Take the work to do for a key, and where chance comes from (in [0, 1))."""
        self._work = work
        self._workers = workers
        self._jitter = jitter
        self._ready: deque[str] = deque()
        self._since: dict[str, float] = {}  # queued or running keys, and since when
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._failures: dict[str, int] = {}
        self._later = Later()
        self._news = asyncio.Event()
        self._free = asyncio.Semaphore(0)

    def wake(self, key: str) -> None:
        """Run a pass for `key` as soon as a worker is free."""
        if key in self._running:
            self._again.add(key)
            return
        self._later.drop(key)
        if key not in self._since:
            self._since[key] = asyncio.get_running_loop().time()
            self._ready.append(key)
            self._free.release()

    def nudge(self, key: str) -> None:
        """Run a pass for `key` soon: something below it changed, and more may follow at once."""
        if key in self._running:
            self._again.add(key)
            return
        if key not in self._since:
            self._later.hasten(key, asyncio.get_running_loop().time() + DEBOUNCE)
            self._news.set()

    def fresh(self, key: str) -> None:
        """Forget the failures of `key`: its spec is a new one."""
        self._failures.pop(key, None)

    def oldest(self) -> float:
        """Return for how many seconds the oldest key has been waiting or running; 0 if none is."""
        if not self._since:
            return 0.0
        return asyncio.get_running_loop().time() - min(self._since.values())

    def depth(self) -> int:
        """Return how many keys wait for a worker."""
        return len(self._ready)

    async def run(self) -> None:
        """Work until cancelled. What a pass raises here is a bug, and ends the process."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._clock())
            for _ in range(self._workers):
                group.create_task(self._worker())

    async def _clock(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for key in self._later.due(loop.time()):
                self.wake(key)
            first = self._later.next()
            self._news.clear()
            try:
                async with asyncio.timeout_at(first):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _worker(self) -> None:
        while True:
            await self._free.acquire()
            key = self._ready.popleft()
            self._running.add(key)
            # From here on its age is the age of this pass: a long queue is no stuck pass.
            self._since[key] = asyncio.get_running_loop().time()
            try:
                self._arrange(key, await self._work(key))
            finally:
                self._running.discard(key)
                self._since.pop(key, None)
            if key in self._again:
                self._again.discard(key)
                self.nudge(key)

    def _arrange(self, key: str, then: Next) -> None:
        wait = then.after
        if then.failed:
            self._failures[key] = self._failures.get(key, 0) + 1
            wait = backoff.seconds(self._failures[key], self._jitter(), then.after)
        else:
            self._failures.pop(key, None)
        if wait is None:
            self._later.drop(key)
            return
        self._later.put(key, asyncio.get_running_loop().time() + wait)
        self._news.set()
