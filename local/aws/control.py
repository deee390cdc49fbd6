# SPDX-License-Identifier: Apache-2.0
"""Is how tests script the simulated AWS: every string that can be pulled, with its type."""

import http.client
import json
import socket
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.aws.ledger import Entry
from local.aws.moods import Effect, Mood


class ControlError(Exception):
    """The simulator could not do what a test asked for; says why."""


@dataclass(frozen=True)
class Behind:
    """What is behind an instance: its state, and the real server."""

    identifier: str
    status: str
    address: str  # where the server really is, whatever name clients are told
    port: int
    name: str
    runs: bool
    ca: str  # file of the authority that vouches for the server


@dataclass(frozen=True)
class Control:
    """The control socket of one simulator, which may be in another network namespace."""

    socket: Path

    def add(self, mood: Mood) -> None:
        """Put a mood in force; the first that fits a call takes it."""
        self._ask("add_mood", **asdict(mood))

    def refuse(self, action: str, code: str, *, times: int | None = None, **more: Any) -> None:
        """Let calls fail with a code; `more` are fields of a mood."""
        name = more.pop("name", f"{action} {code}")
        message = more.pop("message", f"{code}, as the test wants it.")
        self.add(Mood(name, action, code=code, message=message, times=times, **more))

    def throttle(self, action: str = "*", *, every: int = 2, times: int | None = None) -> None:
        """Refuse each n-th call with AWS' throttling."""
        self.refuse(action, "Throttling", times=times, every=every, message="Rate exceeded")

    def lose_answer(self, action: str, *, times: int | None = 1) -> None:
        """Do what is asked and end the connection without an answer."""
        self.add(Mood(f"{action} unanswered", action, Effect.LOSE_ANSWER, times=times))

    def hang(self, action: str, *, times: int | None = 1, after: bool = False) -> None:
        """Never answer, until the mood is lifted."""
        effect = Effect.HANG_AFTER if after else Effect.HANG
        self.add(Mood(f"{action} hangs", action, effect, times=times))

    def lift(self, name: str | None = None) -> None:
        """Lift one mood, or all; calls that hang are let go."""
        self._ask("lift", name=name)

    def moods(self) -> dict[str, int]:
        """Return the moods in force, and how many calls each has met."""
        return dict(self._ask("moods"))

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings (fields of `Settings`; `durations` may be in part); return all."""
        return dict(self._ask("settings", **changes))

    def freeze(self) -> None:
        """Let AWS' time stand still."""
        self._ask("clock", rate=0.0)

    def run(self, rate: float = 1.0) -> None:
        """Let AWS' time run at this speed."""
        self._ask("clock", rate=rate)

    def advance(self, seconds: float) -> None:
        """Let AWS' time jump ahead."""
        self._ask("clock", advance=seconds)

    def force(self, identifier: str, status: str, *, server: bool | None = None) -> None:
        """Put an instance into a state; `server` says whether its server runs."""
        self._ask("force", identifier=identifier, status=status, server=server)

    def carry_out(self, identifier: str) -> None:
        """Open the maintenance window: what is pending on an instance is done."""
        self._ask("carry_out", identifier=identifier)

    def instance(self, identifier: str) -> Behind:
        """Return what is behind an instance."""
        return Behind(**self._ask("instance", identifier=identifier))

    def sql(self, identifier: str, statements: str) -> str:
        """Run statements on an instance's server, past all accounts; rows, tab-separated."""
        return str(self._ask("sql", identifier=identifier, statements=statements))

    def wait(self, identifier: str, status: str | None, seconds: float = 30) -> None:
        """Wait until an instance is in a state; None: until it is no more."""
        asked = {"identifier": identifier, "status": status, "seconds": seconds}
        if not self._ask("wait_status", **asked):
            raise ControlError(f"{identifier} was not {status} within {seconds:.0f} s")

    def settle(self, identifier: str, seconds: float = 30) -> str | None:
        """Wait until nothing is ahead of an instance; return its state, None if it is gone."""
        status = self._ask("settle", identifier=identifier, seconds=seconds)["status"]
        return None if status is None else str(status)

    def ledger(self, since: int = 0) -> list[Entry]:
        """Return the calls after a number, oldest first."""
        return [Entry.of(each) for each in self._ask("ledger", since=since)]

    def clear_ledger(self) -> None:
        """Forget all calls."""
        self._ask("ledger", clear=True)

    def committed(self, since: int = 0) -> Counter[str]:
        """Count by action the calls that AWS carried out, answered or not; reads are left out."""
        return Counter(entry.action for entry in self.ledger(since) if entry.committed)

    def wait_call(self, action: str, *, since: int = 0, seconds: float = 30) -> Entry:
        """Return the first call of an action after a number, once it is in the ledger."""
        found = self._ask("wait_call", action=action, since=since, seconds=seconds)
        if found is None:
            raise ControlError(f"nobody called {action} within {seconds:.0f} s")
        return Entry.of(found)

    def leftovers(self) -> dict[str, list[str]]:
        """Return by kind all that exists and would cost money or give rights."""
        return dict(self._ask("leftovers"))

    def remember(self) -> None:
        """Write the account down now: the process may be killed afterwards, and started again."""
        self._ask("remember")

    def reset(self) -> None:
        """Begin anew: an empty account, no moods, the settings of the start, an empty ledger."""
        self._ask("reset")

    def _ask(self, verb: str, **given: Any) -> Any:
        connection = _Connection(self.socket)
        try:
            connection.request("POST", f"/{verb}", json.dumps(given))
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise ControlError(answer["error"])
        return answer["result"]


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of this machine, which no network namespace hides."""

    def __init__(self, file: Path) -> None:
        super().__init__("localhost")
        self._file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._file))
