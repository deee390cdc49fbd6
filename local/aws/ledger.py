# SPDX-License-Identifier: Apache-2.0
"""Records every call: who asked for what, and what came of it. No secret is ever in it."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One call and its answer."""

    number: int
    time: float
    service: str
    action: str
    parameters: Mapping[str, str]
    access_key: str
    agent: str
    region: str
    request_id: str
    status: int  # 0: no answer was given
    error: str = ""
    mood: str = ""  # the mood that met it
    committed: bool = False  # whether AWS did what was asked, whatever it answered

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Entry":
        """Return an entry from its stored form."""
        return cls(**content)


class Ledger:
    """All calls, in memory and, a line each, in a file."""

    def __init__(self, file: Path) -> None:
        """Go on with the file that an earlier process left."""
        self._file = file
        self._lock = threading.Condition()
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text().splitlines() if file.exists() else []
        self._entries = [Entry.of(json.loads(line)) for line in lines if line.endswith("}")]

    def add(self, **content: Any) -> Entry:
        """Record a call."""
        with self._lock:
            number = self._entries[-1].number + 1 if self._entries else 1
            entry = Entry(number=number, **content)
            self._entries.append(entry)
            with self._file.open("a") as file:
                file.write(json.dumps(asdict(entry), sort_keys=True) + "\n")
            self._lock.notify_all()
            return entry

    def entries(self, since: int = 0) -> list[Entry]:
        """Return the calls after a number."""
        with self._lock:
            return [entry for entry in self._entries if entry.number > since]

    def wait(self, action: str, since: int, seconds: float) -> Entry | None:
        """Return the first call of an action after a number, once it is there."""

        def found() -> Entry | None:
            return next((e for e in self.entries(since) if e.action == action), None)

        with self._lock:
            self._lock.wait_for(lambda: found() is not None, seconds)
            return found()

    def clear(self) -> None:
        """Forget all calls; numbers begin anew."""
        with self._lock:
            self._entries.clear()
            self._file.write_text("")
