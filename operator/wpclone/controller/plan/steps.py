# SPDX-License-Identifier: Apache-2.0
"""Names what a pass may do to the world: each step is a value and says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from wpclone.api.reasons import Reason
from wpclone.controller.ports import Body, Owner, Ref


@dataclass(frozen=True, slots=True)
class Hold:
    """Put our finalizer on."""

    why: str


@dataclass(frozen=True, slots=True)
class Release:
    """Take our finalizer off."""

    why: str


@dataclass(frozen=True, slots=True)
class Create:
    """Create an object that is not there."""

    body: Body
    why: str


@dataclass(frozen=True, slots=True)
class Apply:
    """Make our fields of an object what they should be."""

    body: Body
    why: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Ask for the end of objects, all at once."""

    refs: tuple[Ref, ...]
    why: str


@dataclass(frozen=True, slots=True)
class MakeSecret:
    """Create the clone's Secret, with new random values for the keys in `chance`."""

    body: Body
    chance: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class MakeMaskKey:
    """Create the Secret that holds the customer's masking key while content is copied."""

    body: Body
    customer: str | None
    why: str


@dataclass(frozen=True, slots=True)
class MakeCopyKey:
    """Create the Secret that opens another clone, made of that one's own Secret."""

    body: Body
    secret: str
    uid: str  # of the other clone
    why: str


@dataclass(frozen=True, slots=True)
class ProvideDatabase:
    """Claim, make and open schema and user; the password is in the Secret."""

    server: str
    name: str
    owner: Owner
    secret: str
    why: str


@dataclass(frozen=True, slots=True)
class LendDatabase:
    """Let a clone's database user read the schema of the clone that it copies."""

    server: str
    name: str
    owner: Owner
    lender: str
    why: str


@dataclass(frozen=True, slots=True)
class ReclaimDatabase:
    """Let a clone's database user read its own schema only."""

    server: str
    name: str
    owner: Owner
    why: str


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """Remove user, schema and claim."""

    server: str
    name: str
    owner: Owner
    why: str


Step = (
    Hold
    | Release
    | Create
    | Apply
    | Delete
    | MakeSecret
    | MakeMaskKey
    | MakeCopyKey
    | ProvideDatabase
    | LendDatabase
    | ReclaimDatabase
    | DropDatabase
)


class Stage(IntEnum):
    """How far a clone is: what lies before is done, what lies behind has not begun."""

    SOURCE = 1
    DATABASE = 2
    CONTENT = 3
    SITE = 4
    DONE = 5


@dataclass(frozen=True, slots=True)
class Story:
    """What to tell of a clone."""

    stage: Stage
    reason: Reason
    message: str
    percent: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a clone's life, as far as they are known."""

    available_at: datetime | None = None
    expires_at: datetime | None = None
    recoverable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, what to tell (None: nothing, not even a status), when to look again."""

    story: Story | None
    steps: tuple[Step, ...] = ()
    look_again: float | None = None
    times: Times = field(default_factory=Times)
