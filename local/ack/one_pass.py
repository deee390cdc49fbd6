# SPDX-License-Identifier: Apache-2.0
"""Runs one pass over one object: adopt, create, change or say goodbye, and tell what was found."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NoReturn

from local.ack import conditions, errors, references, resource, tags, wishes
from local.ack.kinds.manager import TAGS, Manager
from local.ack.kube import KubeError
from local.ack.resource import Resource
from local.ack.scope import Scope

# AWS may not find what it has just made: that is asked again, for about ten seconds.
_READ_BACK: Final = (0.5, 0.75, 1.1, 1.7, 2.5, 3.5)
_NOT_FOUND = 404


@dataclass(frozen=True)
class Next:
    """When to look again: after some time, ever more patiently, or only at news."""

    after: float | None = None
    limited: bool = False


class Fields(Enum):
    """Which fields of the spec an answer of AWS may fill."""

    NONE = auto()
    OPEN = auto()  # those that nobody has set
    ALL = auto()


class Pass:
    """What one pass knows; nothing of it lives longer."""

    def __init__(self, manager: Manager, scope: Scope, stored: Resource, policy: str) -> None:
        """Take the kind, the way outside, the object as stored, and its deletion policy."""
        self._manager = manager
        self._scope = scope
        self._stored = stored
        self._policy = policy
        self._latest: Resource | None = None
        self._sums_up = not stored.leaving

    async def run(self) -> Next:
        """Do what is to be done, write the status, and say when to look again."""
        ending: errors.Ending | None = None
        try:
            await (self._leave() if self._stored.leaving else self._sync())
        except errors.Ending as error:
            ending = error
        if self._latest is not None:
            if self._sums_up:
                conditions.conclude(self._latest, ending, self._scope.now)
            await self._tell(self._latest)
        return self._next(ending)

    def _next(self, ending: errors.Ending | None) -> Next:
        settings = self._scope.settings
        if isinstance(ending, errors.Later):
            return Next(after=ending.seconds)
        if isinstance(ending, errors.Told):
            return Next()
        if ending is not None:
            return Next(limited=True)
        if self._stored.leaving or self._latest is None:
            return Next()
        if conditions.holds(self._latest, conditions.SYNCED):
            return Next(after=settings.resync_after(self._manager.kind.name))
        return Next(after=settings.requeue)

    async def _sync(self) -> None:
        want = self._stored.copy()
        conditions.clear(want)
        policy = self._adoption(want)
        shows = wishes.read_only(want)
        await self._resolve(want, bare=shows or policy == wishes.ADOPT)
        if policy:
            self._populate(want, policy)
        try:
            seen = await self._read(want)
        except errors.Missing:
            if policy == wishes.ADOPT or want.annotations.get(wishes.ADOPTED) == "true":
                raise errors.Again("adopted resource not found") from None
            if shows:
                raise errors.Again("read-only resource not found") from None
            await self._create(want)
        else:
            if shows and not policy:
                self._latest = seen
                return
            await self._meet(want, seen, policy)
        await self._initialise()

    def _adoption(self, want: Resource) -> str:
        """Return the adoption policy if it still has to be followed."""
        try:
            policy = wishes.adoption(want)
        except errors.Refused as error:
            self._refuse(want, error)
        return "" if self._manager.managed(want) else policy

    def _populate(self, want: Resource, policy: str) -> None:
        try:
            fields = wishes.adoption_fields(want)
            if fields or policy == wishes.ADOPT:
                self._manager.populate(want, fields)
        except errors.Refused as error:
            self._refuse(want, error)

    def _refuse(self, want: Resource, error: errors.Refused) -> NoReturn:
        """Say ACK.Terminal and nothing else: such a pass does not even say Ready."""
        now = self._scope.now
        conditions.put(want, conditions.TERMINAL, "True", now, reason=f"{error}")
        self._latest, self._sums_up = want, False
        raise errors.Told from error

    async def _resolve(self, want: Resource, *, bare: bool) -> None:
        """Fill in the references; `bare` objects can do without."""
        now = self._scope.now
        try:
            if await references.resolve(self._manager.references, want, self._scope):
                conditions.put(want, conditions.REFERENCES, "True", now)
        except errors.Unresolved as error:
            conditions.unresolved(want, error, now)
            if not bare:
                self._latest, self._sums_up = want, False
                raise

    async def _read(self, want: Resource) -> Resource:
        try:
            return await self._manager.read(want, self._scope)
        except errors.Missing:
            raise
        except errors.Ending as error:
            raise self._failed(want, error) from error

    def _failed(self, one: Resource, error: errors.Ending) -> errors.Ending:
        """Say how a call failed, and return what the pass ends with."""
        self._latest = one
        one.status.setdefault("ackResourceMetadata", self._scope.metadata())
        hopeless = conditions.failure(one, error, self._manager.terminal, self._scope.now)
        return errors.Told() if hopeless else error

    async def _create(self, want: Resource) -> None:
        """Hold the object first, then create; let go of it again if AWS says no."""
        await self._hold(want, on=True)
        try:
            made = await self._manager.create(want, self._scope)
        except errors.Ending as error:
            if isinstance(error, errors.Answered):
                await self._hold(want, on=False)
            raise self._failed(want, error) from error
        self._latest = made
        made.body["status"] = (await self._read_back(made)).status
        await self._store(made, Fields.OPEN)

    async def _read_back(self, made: Resource) -> Resource:
        for pause in (*_READ_BACK, None):
            try:
                return await self._read(made)
            except errors.Missing:
                if pause is not None:
                    await asyncio.sleep(pause)
        raise errors.Again(f"read one failed after create, {len(_READ_BACK)} attempts")

    async def _meet(self, want: Resource, seen: Resource, policy: str) -> None:
        """Deal with a resource that AWS has: adopt it, refuse it, or make it as it should be."""
        self._latest = seen
        if policy:
            seen.finalize(self._manager.finalizer, on=True)
            seen.annotations[wishes.ADOPTED] = "true"
            await self._store(seen, Fields.ALL if policy == wishes.ADOPT else Fields.NONE)
            if policy == wishes.ADOPT_OR_CREATE:
                raise errors.Again("adopted resource, requeuing to check for updates")
            return
        if not self._manager.managed(self._stored):
            conditions.unmanaged(seen, self._scope.now)
            raise errors.Told
        delta = self._manager.delta(want, seen, self._scope)
        if not delta:
            return
        try:
            await self._manager.update(want, seen, delta, self._scope)
        except errors.Ending as error:
            raise self._failed(seen, error) from error
        await self._store(seen)

    async def _initialise(self) -> None:
        """Write what AWS has decided into fields that nobody has set."""
        late = self._manager.late
        if not late or self._latest is None:
            return
        kept, spec = self._stored.copy(), self._latest.spec
        bare = references.used(self._manager.references, kept)
        filled = {each.target for each in bare}
        for field in late:
            if field in spec and field not in kept.spec and field not in filled:
                kept.spec[field] = spec[field]
        await self._patch(kept)
        conditions.late(self._latest, self._scope.now)

    async def _leave(self) -> None:
        manager, current = self._manager, self._stored.copy()
        if not manager.managed(current):
            return
        if self._policy != wishes.DELETE or wishes.read_only(current):
            await self._hold(current, on=False)
            return
        with contextlib.suppress(errors.Unresolved):  # what is to go is known without them
            await references.resolve(manager.references, current, self._scope)
        try:
            seen = await self._read(current)
        except errors.Missing:
            await self._hold(current, on=False)
            return
        try:
            await manager.delete(seen, self._scope)
        except errors.Ending as error:
            raise self._failed(seen, error) from error
        # AWS has accepted the end; the object goes now, long before a database does.
        await self._hold(current, on=False)

    async def _hold(self, one: Resource, *, on: bool) -> None:
        """Put our finalizer on or take it off, in the cluster and in this copy."""
        one.finalize(self._manager.finalizer, on=on)
        held = self._stored.copy()
        held.finalize(self._manager.finalizer, on=on)
        await self._patch(held)

    async def _store(self, one: Resource, fields: Fields = Fields.NONE) -> None:
        """Store annotations, finalizers and, if asked, what AWS' answer shows of the spec."""
        bare = references.cleared(self._manager.references, one)
        shown, told = bare.spec, self._stored.spec
        if TAGS in shown:
            templates = self._scope.settings.resource_tags
            shown[TAGS] = tags.own(shown[TAGS], templates)
            if not shown[TAGS] or tags.read(shown[TAGS]) == tags.read(told.get(TAGS)):
                del shown[TAGS]
        chosen = {Fields.NONE: told, Fields.OPEN: {**shown, **told}, Fields.ALL: {**told, **shown}}
        bare.body["spec"] = chosen[fields]
        await self._patch(bare)

    async def _patch(self, wanted: Resource) -> None:
        patch = resource.main_patch(self._stored, wanted)
        if not patch:
            return
        try:
            self._stored = await self._scope.kube.patch(self._manager.kind, self._stored, patch)
        except KubeError as error:
            if error.status != _NOT_FOUND or not self._stored.leaving:
                raise

    async def _tell(self, latest: Resource) -> None:
        """Write what changed of the status; an object that is gone needs none."""
        patch = resource.difference(self._stored.status, latest.status)
        if not patch:
            return
        try:
            await self._scope.kube.patch(
                self._manager.kind, self._stored, {"status": patch}, "status"
            )
        except KubeError as error:
            if error.status != _NOT_FOUND:
                raise
