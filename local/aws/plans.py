# SPDX-License-Identifier: Apache-2.0
"""Says which states a database instance passes, how long each lasts, and what ends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

AVAILABLE = "available"


class Deed(StrEnum):
    """What is done to the real server when a step ends."""

    NOTHING = "nothing"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    APPLY = "apply"
    BACK_UP = "back-up"
    COPY = "copy"
    REMOVE = "remove"


@dataclass(frozen=True)
class Step:
    """A state that lasts for a while and ends with a deed."""

    status: str
    seconds: float
    deed: Deed = Deed.NOTHING
    about: str = ""  # the snapshot that a copy makes


@dataclass(frozen=True)
class Durations:
    """How long AWS takes, in simulated seconds; a real RDS needs minutes for most of them."""

    creating: float = 1.0
    backing_up: float = 0.5
    accepting: float = 0.2  # an accepted change does not show at once
    modifying: float = 0.5
    rebooting: float = 0.3
    starting: float = 0.5
    stopping: float = 0.5
    snapshot: float = 0.5
    deleting: float = 1.0


def creation(durations: Durations, fate: str = AVAILABLE) -> list[Step]:
    """Return the way to an instance in use, or into another fate that creation can have."""
    if fate != AVAILABLE:
        return [Step("creating", durations.creating)]
    return [
        Step("creating", durations.creating, Deed.START),
        Step("backing-up", durations.backing_up, Deed.BACK_UP),
    ]


def modification(durations: Durations, *, password: bool) -> list[Step]:
    """Return the way of a change; for a moment the instance looks as if nothing were to come."""
    status = "resetting-master-credentials" if password else "modifying"
    return [
        Step(AVAILABLE, durations.accepting),
        Step(status, durations.modifying, Deed.APPLY),
    ]


def reboot(durations: Durations) -> list[Step]:
    """Return the way through a reboot."""
    return [Step("rebooting", durations.rebooting, Deed.RESTART)]


def snapshot(durations: Durations, identifier: str) -> list[Step]:
    """Return the way through a snapshot."""
    return [Step("backing-up", durations.snapshot, Deed.COPY, identifier)]


def stop(durations: Durations) -> list[Step]:
    """Return the way to a stopped instance."""
    return [Step("stopping", durations.stopping, Deed.STOP)]


def start(durations: Durations) -> list[Step]:
    """Return the way back from a stop."""
    return [Step("starting", durations.starting, Deed.START)]


def deletion(durations: Durations, final: str | None) -> list[Step]:
    """Return the way out; the final snapshot comes before anything is lost."""
    copy = [Step("deleting", durations.snapshot, Deed.COPY, final)] if final else []
    return [*copy, Step("deleting", durations.deleting, Deed.REMOVE)]


@dataclass
class Life:
    """Where one instance stands on its way."""

    rest: str = AVAILABLE
    ahead: list[Step] = field(default_factory=list)
    until: float | None = None

    @property
    def status(self) -> str:
        """The state that AWS reports."""
        return self.ahead[0].status if self.ahead else self.rest

    @property
    def leaving(self) -> bool:
        """Whether the instance is on its way out, from which there is no return."""
        return any(step.deed is Deed.REMOVE for step in self.ahead)

    def begin(self, steps: Sequence[Step], now: float, rest: str = AVAILABLE) -> None:
        """Set out on a way; what is under way already ends first."""
        self.rest = rest
        under_way = bool(self.ahead)
        self.ahead.extend(steps)
        if not under_way:
            self.until = now + self.ahead[0].seconds

    def due(self, now: float) -> Step | None:
        """Return the step whose time is over, if any."""
        over = self.until is not None and self.until <= now
        return self.ahead[0] if self.ahead and over else None

    def go_on(self, now: float) -> None:
        """Leave the present step for the next, or for rest."""
        self.ahead.pop(0)
        self.until = now + self.ahead[0].seconds if self.ahead else None

    def force(self, status: str) -> None:
        """Stand still in a state, whatever was ahead."""
        self.rest, self.ahead, self.until = status, [], None
