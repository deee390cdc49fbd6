# SPDX-License-Identifier: Apache-2.0
"""Asks for the next page while the last one is still being worked on."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Ahead:
    """One thread per process that runs a single call ahead of whoever works on the answers."""

    def __init__(self) -> None:
        """Start nothing yet: a thread does not survive a fork, so each process has its own."""
        self._process = 0
        self._pool: ThreadPoolExecutor | None = None

    def ask(self, call: Callable[[], T]) -> Future[T]:
        """Begin a call; its result or its error waits in the future."""
        if self._pool is None or self._process != os.getpid():
            self._process = os.getpid()
            self._pool = ThreadPoolExecutor(1, "ahead")
        return self._pool.submit(call)

    def close(self) -> None:
        """Begin nothing more; what runs ends by its own deadline."""
        if self._pool is not None and self._process == os.getpid():
            self._pool.shutdown(wait=False, cancel_futures=True)
