# SPDX-License-Identifier: Apache-2.0
"""Holds the one heap of every look-again time, the ends of clones included."""

from __future__ import annotations

import heapq


class Later:
    """Remembers one time per key: the next one; a replaced entry is skipped when it surfaces."""

    def __init__(self) -> None:
        """Begin with nothing to look at."""
        self._heap: list[tuple[float, str]] = []
        self._when: dict[str, float] = {}

    def __len__(self) -> int:
        """Return how many keys have a time."""
        return len(self._when)

    def put(self, key: str, when: float) -> None:
        """Look at `key` again at `when`, instead of whatever was arranged before."""
        self._when[key] = when
        heapq.heappush(self._heap, (when, key))

    def hasten(self, key: str, when: float) -> None:
        """Look at `key` no later than `when`."""
        if self._when.get(key, when + 1.0) > when:
            self.put(key, when)

    def drop(self, key: str) -> None:
        """Arrange nothing for `key`."""
        self._when.pop(key, None)

    def next(self) -> float | None:
        """Return the earliest time, or None if nothing is arranged."""
        while self._heap and self._when.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[str]:
        """Take out and return the keys whose time has come, earliest first."""
        found = []
        while (first := self.next()) is not None and first <= now:
            _, key = heapq.heappop(self._heap)
            del self._when[key]
            found.append(key)
        return found
