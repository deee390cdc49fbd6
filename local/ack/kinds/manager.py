# SPDX-License-Identifier: Apache-2.0
"""Says what a controller has to know of a kind, and offers what most kinds share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from local.ack import conditions, errors, tags
from local.ack.kube import Kind
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope

TAGS = "tags"


class Manager(ABC):
    """One kind: how its resources are read, made, changed and deleted in AWS."""

    service: ClassVar[str]
    kind: ClassVar[Kind]
    missing: ClassVar[frozenset[str]]  # the codes by which AWS says that there is no such thing
    terminal: ClassVar[frozenset[str]] = frozenset()  # the codes that no retry can cure
    late: ClassVar[tuple[str, ...]] = ()  # fields whose defaults are AWS' and go into the spec
    references: ClassVar[tuple[Reference, ...]] = ()
    adopted_by: ClassVar[tuple[str, ...]]  # the adoption fields that name a resource

    @property
    def finalizer(self) -> str:
        """The finalizer by which an object is managed."""
        return f"finalizers.{self.service}.services.k8s.aws/{self.kind.name}"

    def managed(self, one: Resource) -> bool:
        """Tell whether what stands behind an object is ours."""
        return self.finalizer in one.finalizers

    def populate(self, one: Resource, fields: dict[str, str]) -> None:
        """Name, by adoption fields, what is to be adopted."""
        for name in self.adopted_by:
            if name not in fields:
                raise errors.Refused(f"required field missing: {name}")
        self.identify(one, fields)

    @abstractmethod
    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Write the adoption fields where `read` looks for them."""

    async def read(self, one: Resource, scope: Scope) -> Resource:
        """Return the object as AWS has it; Missing if AWS has nothing."""
        try:
            return await self.observe(one.copy(), scope)
        except errors.Answered as error:
            if error.code in self.missing:
                raise errors.Missing("resource not found") from error
            raise

    @abstractmethod
    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Write what AWS says into a copy of the object and return it."""

    @abstractmethod
    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Make the resource, and return the object as AWS' answer shows it."""

    @abstractmethod
    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Return the fields of the spec in which AWS differs from it."""

    @abstractmethod
    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change the resource, and write into `seen` what that shows."""

    @abstractmethod
    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Ask AWS for the resource's end; whether it has come is nobody's question here."""


def differences(
    want: Resource,
    seen: Resource,
    fields: Iterable[str],
    *,
    unordered: Iterable[str] = (),
    omitted: Iterable[str] = (),
) -> set[str]:
    """Return the fields that are asked for and seen otherwise.

    What AWS does not show is equal, but for the fields that it is known to omit while unset.
    """
    found = set()
    for field in fields:
        asked, is_now = want.spec.get(field), seen.spec.get(field)
        if asked is None or (is_now is None and field not in omitted):
            continue
        if field in unordered:
            asked, is_now = sorted(asked), sorted(is_now or [])
        if asked != is_now:
            found.add(field)
    return found


def tags_differ(want: Resource, seen: Resource, scope: Scope) -> bool:
    """Tell whether tags have to be added or removed."""
    return any(tags.change(scope.tags(want), tags.read(seen.spec.get(TAGS))))


def out_of_sync(one: Resource, scope: Scope, message: str | None = None) -> None:
    """Say that AWS is still at work: the pass looks again soon."""
    conditions.put(one, conditions.SYNCED, "False", scope.now, message=message)
