# SPDX-License-Identifier: Apache-2.0
"""Remembers what concerns more than one clone: slots in use, places in the queue, hosts.

Nothing here is truth: every pass enters anew what it has seen of its own clone, and `seed` does so
for all clones before the first pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One clone, in the order in which it is served."""

    created: datetime
    name: str

    def __lt__(self, other: Entry) -> bool:
        """Earlier clones first; names decide between equals."""
        return (self.created, self.name) < (other.created, other.name)


class Slots:
    """A fixed number of slots, and who waits for one."""

    def __init__(self, size: int, wake: Callable[[str], None]) -> None:
        """Take how many there are, and how to tell a clone that its turn may have come."""
        self._size = size
        self._wake = wake
        self._held: set[str] = set()
        self._waiting: dict[str, Entry] = {}

    def hold(self, name: str) -> None:
        """Enter that the clone uses a slot, whether or not one was free."""
        self._held.add(name)
        self._waiting.pop(name, None)

    def free(self, name: str) -> None:
        """Enter that the clone neither uses a slot nor waits for one."""
        self._waiting.pop(name, None)
        if name in self._held:
            self._held.discard(name)
            self._call()

    def ask(self, name: str, created: datetime) -> int:
        """Return 0 and hold a slot if it is the clone's turn; else how many are before it."""
        if name in self._held:
            return 0
        mine = Entry(created, name)
        self._waiting[name] = mine
        before = sum(1 for other in self._waiting.values() if other < mine)
        if before < self._size - len(self._held):
            self.hold(name)
            return 0
        return before + len(self._held) - self._size + 1

    def _call(self) -> None:
        room = self._size - len(self._held)
        for entry in sorted(self._waiting.values())[: max(room, 0)]:
            self._wake(entry.name)


class Hosts:
    """Which clone serves which host."""

    def __init__(self) -> None:
        """Begin with none."""
        self._owners: dict[str, dict[str, tuple[bool, Entry]]] = {}
        self._hosts: dict[str, str] = {}

    def enter(self, name: str, created: datetime, host: str, *, settled: bool) -> None:
        """Enter that a clone wants a host, or (settled) has it."""
        if self._hosts.get(name) != host:
            self.forget(name)
        self._hosts[name] = host
        self._owners.setdefault(host, {})[name] = (not settled, Entry(created, name))

    def forget(self, name: str) -> None:
        """Enter that a clone wants no host any longer."""
        host = self._hosts.pop(name, None)
        if host is not None:
            claims = self._owners[host]
            claims.pop(name, None)
            if not claims:
                del self._owners[host]

    def taken_by(self, name: str, host: str) -> str:
        """Return the other clone that has the host or wished for it earlier, or an empty text."""
        claims = self._owners.get(host, {})
        first = min(claims, key=lambda known: claims[known], default=name)
        return "" if first == name else first


class Ledger:
    """What concerns more than one clone."""

    def __init__(self, inspections: int, imports: int, wake: Callable[[str], None]) -> None:
        """Take the numbers of slots, and how to wake a clone."""
        self.inspections = Slots(inspections, wake)
        self.imports = Slots(imports, wake)
        self.hosts = Hosts()
        self.known: set[str] = set()

    def forget(self, name: str) -> None:
        """Enter that a clone is no more."""
        self.inspections.free(name)
        self.imports.free(name)
        self.hosts.forget(name)
        self.known.discard(name)
