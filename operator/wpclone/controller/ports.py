# SPDX-License-Identifier: Apache-2.0
"""States the few verbs the loop needs, and the values that cross them.

A port raises errors of `wpclone.errors` only. Reads return None for what is not there; every
write is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from wpclone import errors
from wpclone.api import clones, labels
from wpclone.api.reasons import Reason

Body = dict[str, Any]

OBJECTS: Final = "wpclone-operator"  # the field manager of objects
STATUS: Final = "wpclone-status"  # the field manager of statuses
GRAPH_GROUP: Final = f"sites.{labels.GROUP}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of Kubernetes object, and the path to it."""

    api_version: str
    name: str
    plural: str


CLONE: Final = Kind(clones.API_VERSION, clones.KIND, clones.PLURAL)
SITE: Final = Kind(f"{GRAPH_GROUP}/v1alpha1", "SharedDatabaseSite", "shareddatabasesites")
JOB: Final = Kind("batch/v1", "Job", "jobs")
POD: Final = Kind("v1", "Pod", "pods")
SECRET: Final = Kind("v1", "Secret", "secrets")
EVENT: Final = Kind("v1", "Event", "events")
CLAIM: Final = Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
DEPLOYMENT: Final = Kind("apps/v1", "Deployment", "deployments")
INGRESS: Final = Kind("networking.k8s.io/v1", "Ingress", "ingresses")


class KindMissing(errors.NotFound):
    """The API server does not know the kind: its definition is not installed."""


class Unavailable(errors.Transient):
    """A server that clones need is unwell: people are told, with a reason of `Ready`."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Take a reason of the API's list and a sentence."""
        super().__init__(message)
        self.reason = reason


class AlreadyThere(errors.Refused):
    """An object of that name exists; whose it is has to be looked up."""


@dataclass(frozen=True, slots=True)
class Ref:
    """One object: its kind, its name, and the UID that was seen (None: whatever is there)."""

    kind: Kind
    name: str
    uid: str | None = None


class Cluster(Protocol):
    """The clone namespace of one cluster."""

    async def get(self, kind: Kind, name: str) -> Body | None:
        """Return the object as the API server has it now."""
        ...

    async def list(self, kind: Kind, *, labelled: str = "", fields: str = "") -> list[Body]:
        """Return the objects that the selectors choose."""
        ...

    async def create(self, body: Body) -> Body:
        """Create an object; AlreadyThere if its name is taken."""
        ...

    async def apply(self, body: Body) -> Body:
        """Make our fields of an existing object what `body` says; its UID must be in there."""
        ...

    async def apply_status(self, name: str, version: str, status: Body) -> Body:
        """Write a clone's whole status; Conflict if the clone is no longer at `version`."""
        ...

    async def set_finalizers(self, name: str, version: str, finalizers: tuple[str, ...]) -> Body:
        """Replace a clone's finalizers; Conflict if the clone is no longer at `version`."""
        ...

    async def delete(self, ref: Ref) -> None:
        """Ask for the end of an object in the background; gone already is fine.

        Conflict if another object has its name now.
        """
        ...

    async def tail(self, pod: str, lines: int) -> str:
        """Return the last lines that a pod wrote; nothing if it has not written yet."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A shared database server, by the name the settings give it."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a schema is: of which installation, for which clone."""

    installation: str
    uid: str


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """What a server has under a clone's database name."""

    owner: Owner | None = None
    schema: bool = False
    user: bool = False
    reads: str = ""
    """The other schema that the user may read, if there is one."""
    certain: bool = True
    """Whether it can, beyond doubt: whoever let it may have been cut off."""

    @property
    def empty(self) -> bool:
        """Whether nothing is left of it."""
        return self.owner is None and not self.schema and not self.user and not self.reads


class Database(Protocol):
    """The shared database servers."""

    async def view(self, server: str, name: str) -> DatabaseView:
        """Return what the server has under this name now."""
        ...

    async def provide(self, server: str, name: str, owner: Owner, password: str) -> None:
        """Claim the name, make schema and user, and set the user's password.

        Refused if another installation or clone has claimed it; that one is never touched.
        """
        ...

    async def admits(self, server: str, name: str, password: str) -> bool:
        """Tell whether this password opens the clone's schema to its user; True if unclear."""
        ...

    async def lend(self, server: str, name: str, owner: Owner, lender: str) -> None:
        """Let the user of this name read the schema `lender`, and no other one beside its own.

        Refused unless both have been claimed by the owner's installation.
        """
        ...

    async def reclaim(self, server: str, name: str, owner: Owner) -> None:
        """Let the user of this name read its own schema only."""
        ...

    async def drop(self, server: str, name: str, owner: Owner) -> None:
        """Remove user, schema and claim, if they are this owner's."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """How a clone's public address answered: with a reason of `Ready` if it was no good."""

    problem: Reason | None = None
    message: str = ""
    guard: str | None = None
    mails: int | None = None


class Masks(Protocol):
    """The installation's masking key: it never leaves the operator, only what is derived of it."""

    async def master(self) -> bytes:
        """Return the key; made, once and for all, if there is none."""
        ...


class Route(Protocol):
    """The way in from outside."""

    async def check(self, host: str, uid: str) -> Answer:
        """Ask a clone's public address for its health and its UID; follow nothing."""
        ...


class Clock(Protocol):
    """The time, as the API server has it."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...


class Fence(Protocol):
    """Whether this process may write."""

    def check(self) -> None:
        """Raise Fenced if the lease is not held for sure."""
        ...


@dataclass(frozen=True, slots=True)
class Next:
    """What a pass says of its key: look again after so many seconds, or not; it failed, or not."""

    after: float | None = None
    failed: bool = False


def is_ours(body: Mapping[str, Any], uid: str) -> bool:
    """Tell whether an object carries the label of the clone with this UID."""
    found = body["metadata"].get("labels") or {}
    return bool(found.get(labels.UID) == uid)
