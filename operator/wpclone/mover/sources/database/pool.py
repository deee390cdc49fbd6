# SPDX-License-Identifier: Apache-2.0
"""Lends connections to one server, to one thread at a time, and waits for a server that is away."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from wpclone.errors import SourceError
from wpclone.mover.sources.database.wire import Server, Wire

_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 10.0
T = TypeVar("T")


class Patience:
    """How long a server may still be away."""

    def __init__(self, budget: float) -> None:
        """Take how many seconds without an answer are borne."""
        self._budget = budget
        self.over()

    def over(self) -> None:
        """Hear that the server has answered."""
        self._begun = time.monotonic()
        self._pause = _FIRST_PAUSE

    def bear(self, error: SourceError) -> None:
        """Pause before the next try; raise the error if none can help or the time is over."""
        if not error.retryable or time.monotonic() - self._begun > self._budget:
            raise error
        # Some spread, so that the movers of a restarted server do not return as one.
        time.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)


class Pool:
    """Connections whose text arrives in one character set."""

    def __init__(self, server: Server, charset: str, budget: float) -> None:
        """Connect when somebody asks; a server that was there is waited for within the budget."""
        self._server = server
        self._charset = charset
        self._budget = budget
        self._lock = threading.Lock()
        self._idle: list[Wire] = []

    @contextlib.contextmanager
    def lent(self) -> Iterator[Wire]:
        """Lend a connection; one on which something went wrong does not come back."""
        with self._lock:
            wire = self._idle.pop() if self._idle else None
        wire = wire or Wire(self._server, self._charset)
        try:
            yield wire
        except BaseException:
            wire.cut()
            raise
        with self._lock:
            self._idle.append(wire)

    def ask(self, question: Callable[[Wire], T]) -> T:
        """Ask what can be asked again, until it is answered or the server is given up."""
        patience = Patience(self._budget)
        while True:
            try:
                with self.lent() as wire:
                    return question(wire)
            except SourceError as error:
                patience.bear(error)

    def patience(self) -> Patience:
        """Return patience with this server."""
        return Patience(self._budget)

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            for wire in self._idle:
                wire.cut()
            self._idle.clear()
