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
        self.lent: dict[tuple[str, str], str] = {}
        self.doubted: set[tuple[str, str]] = set()
        self.down: dict[str, Reason] = {}
        self.writes: list[tuple[str, str]] = []
        self.cut = False  # dies at the next `provide`, between user and grant
        self.cut_behind: tuple[str, str] | None = None  # dies behind this write

    async def view(self, server: str, name: str) -> DatabaseView:
        """Return what is there."""
        self._up(server)
        key = (server, name)
        there = key in self.schemas, key in self.users
        lent = self.lent.get(key, ""), key not in self.doubted
        return DatabaseView(self.claims.get(key), *there, *lent)

    async def provide(self, server: str, name: str, owner: Owner, password: str) -> None:
        """Make what is missing."""
        self._up(server)
        key = (server, name)
        if self.claims.setdefault(key, owner) != owner:
            raise errors.Refused(f"The database {name} belongs to another installation")
        self.writes.append(("provide", name))
        self.schemas.add(key)
        self.users[key] = password
        if key in self.lent:
            self.doubted.add(key)
        if self.cut:
            self.cut = False
            raise Killed
        self.grants.add(key)

    async def admits(self, server: str, name: str, password: str) -> bool:
        """Tell whether the password is the user's, and opens the schema."""
        key = (server, name)
        return self.users.get(key) == password and key in self.grants

    async def lend(self, server: str, name: str, owner: Owner, lender: str) -> None:
        """Note who reads what."""
        self._up(server)
        theirs = self.claims.get((server, lender))
        if theirs is None or theirs.installation != owner.installation:
            raise errors.Refused(f"The database {lender} belongs to another installation")
        self._owned(server, name, owner)
        assert (server, name) in self.users, "a right needs somebody who has it"
        self.writes.append(("note", name))
        self.lent[server, name] = lender
        self.doubted.add((server, name))
        self._cut_short()
        self.writes.append(("lend", name))
        self.doubted.discard((server, name))
        self._cut_short()

    async def reclaim(self, server: str, name: str, owner: Owner) -> None:
        """Forget it."""
        self._up(server)
        self._owned(server, name, owner)
        self.writes.append(("reclaim", name))
        self.lent.pop((server, name), None)
        self.doubted.discard((server, name))
        self._cut_short()

    async def drop(self, server: str, name: str, owner: Owner) -> None:
        """Remove what is the owner's."""
        self._up(server)
        key = (server, name)
        if self.claims.get(key) != owner:
            return
        self.writes.append(("drop", name))
        self.users.pop(key, None)
        self.lent.pop(key, None)
        self.doubted.discard(key)
        self.grants.discard(key)
        self.schemas.discard(key)
        del self.claims[key]

    @property
    def empty(self) -> bool:
        """Whether nothing is left anywhere."""
        return not (self.claims or self.schemas or self.users or self.lent)

    def _owned(self, server: str, name: str, owner: Owner) -> None:
        if self.claims.get((server, name)) != owner:
            raise errors.Refused(f"The database {name} belongs to another installation")

    def _cut_short(self) -> None:
        """Die behind a write, if that was wanted."""
        if self.writes[-1] == self.cut_behind:
            self.cut_behind = None
            raise Killed

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
