# SPDX-License-Identifier: Apache-2.0
"""The other neighbours, in memory: database servers, the public route, the clock, the fence."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta

from tests.fakes.cluster import Killed
from wpclone import errors
from wpclone.api.reasons import Reason
from wpclone.controller.ports import Answer, DatabaseView, Owner, Unavailable


class FakeClock:
    """Moves only when told to."""

    def __init__(self, start: datetime) -> None:
        """Begin at a time."""
        self._start = start
        self._now = start

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds since the beginning."""
        return (self._now - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


class OpenFence:
    """Lets everything through until it is shut."""

    def __init__(self) -> None:
        """Begin open."""
        self.held = True

    def check(self) -> None:
        """Raise if it is shut."""
        if not self.held:
            raise errors.Fenced("shut")


class FakeMasks:
    """One key."""

    async def master(self) -> bytes:
        """Return it."""
        return b"the masking key of a test, 32 B."


class FakeDatabase:
    """Servers as dicts: claims, schemas, users with passwords."""

    def __init__(self, servers: tuple[str, ...] = ("shared",)) -> None:
        """Begin with empty servers."""
        self.servers = servers
        self.claims: dict[tuple[str, str], Owner] = {}
        self.schemas: set[tuple[str, str]] = set()
        self.users: dict[tuple[str, str], str] = {}
        self.grants: set[tuple[str, str]] = set()
        self.down: dict[str, Reason] = {}
        self.writes: list[tuple[str, str]] = []
        self.cut = False  # dies at the next `provide`, between user and grant

    async def view(self, server: str, name: str) -> DatabaseView:
        """Return what is there."""
        self._up(server)
        key = (server, name)
        return DatabaseView(self.claims.get(key), key in self.schemas, key in self.users)

    async def provide(self, server: str, name: str, owner: Owner, password: str) -> None:
        """Make what is missing."""
        self._up(server)
        key = (server, name)
        if self.claims.setdefault(key, owner) != owner:
            raise errors.Refused(f"The database {name} belongs to another installation")
        self.writes.append(("provide", name))
        self.schemas.add(key)
        self.users[key] = password
        if self.cut:
            self.cut = False
            raise Killed
        self.grants.add(key)

    async def admits(self, server: str, name: str, password: str) -> bool:
        """Tell whether the password is the user's, and opens the schema."""
        key = (server, name)
        return self.users.get(key) == password and key in self.grants

    async def drop(self, server: str, name: str, owner: Owner) -> None:
        """Remove what is the owner's."""
        self._up(server)
        key = (server, name)
        if self.claims.get(key) != owner:
            return
        self.writes.append(("drop", name))
        self.users.pop(key, None)
        self.grants.discard(key)
        self.schemas.discard(key)
        del self.claims[key]

    @property
    def empty(self) -> bool:
        """Whether nothing is left anywhere."""
        return not (self.claims or self.schemas or self.users)

    def _up(self, server: str) -> None:
        if server in self.down:
            raise Unavailable(self.down[server], f"The database server {server} cannot be reached")


class FakeRoute:
    """Answers as arranged, by default well; but only for clones that the ingress leads to."""

    def __init__(self, leads: Container[str]) -> None:
        """Take the UIDs that the ingress leads to, and begin well."""
        self.answer = Answer(guard="1", mails=0)
        self.asked: list[str] = []
        self._leads = leads

    async def check(self, host: str, uid: str) -> Answer:
        """Return the arranged answer, or what an ingress says that leads nowhere."""
        self.asked.append(host)
        if self.answer.problem or self.serves(uid):
            return self.answer
        return Answer(Reason.ROUTE_UNREACHABLE, f"https://{host} answers with HTTP 502")

    def serves(self, uid: str) -> bool:
        """Tell whether a visitor would be let in now."""
        return uid in self._leads and self.answer.problem is None
