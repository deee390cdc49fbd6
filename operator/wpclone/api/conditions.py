# SPDX-License-Identifier: Apache-2.0
"""Holds the one vocabulary of conditions: types, their values, and a named constructor for each.

`Ready` is the summary. `Reconciling` and `Stalled` are abnormal-true, present only while true, and
never both at once (kstatus). No condition of ours is ever read back to decide what is done; what is
said may depend on what was said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from wpclone.api.reasons import HEALING, RESTING, WORKING, Reason
from wpclone.api.text import clean

MAX_MESSAGE: Final = 1024


class Type(StrEnum):
    """The condition types of a clone."""

    READY = "Ready"
    SOURCE_READY = "SourceReady"
    DATABASE_READY = "DatabaseReady"
    CONTENT_READY = "ContentReady"
    SITE_READY = "SiteReady"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"


class Status(StrEnum):
    """The three values of a condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


ORDER: Final = tuple(Type)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as a value; its transition time is added when it is published."""

    type: Type
    status: Status
    reason: str
    message: str
    observed_generation: int

    def stamped(self, stored: Mapping[str, Any] | None, now: str) -> dict[str, Any]:
        """Return the API form; the transition time moves only with the status."""
        kept = stored.get("lastTransitionTime") if stored else None
        same = stored is not None and stored.get("status") == self.status.value
        return {
            "type": self.type.value,
            "status": self.status.value,
            "reason": str(self.reason),
            "message": clean(self.message, MAX_MESSAGE),
            "observedGeneration": self.observed_generation,
            "lastTransitionTime": kept if same and kept else now,
        }


def stamped(
    wanted: Iterable[Condition], stored: Iterable[Mapping[str, Any]], now: str
) -> list[dict[str, Any]]:
    """Return all conditions in API form and in one fixed order, next to what is stored today."""
    before = {str(old.get("type")): old for old in stored}
    ordered = sorted(wanted, key=lambda condition: ORDER.index(condition.type))
    return [condition.stamped(before.get(condition.type.value), now) for condition in ordered]


def summary(reason: Reason, message: str, generation: int) -> tuple[Condition, ...]:
    """Return `Ready` for a reason, with the `Reconciling` or `Stalled` that the reason implies."""
    if reason is Reason.AVAILABLE:
        return (Condition(Type.READY, Status.TRUE, reason, message, generation),)
    status = Status.UNKNOWN if reason is Reason.INTERNAL_ERROR else Status.FALSE
    ready = Condition(Type.READY, status, reason, message, generation)
    if reason in RESTING:
        return (ready,)
    if reason in WORKING or reason in HEALING:
        return (ready, reconciling(reason, message, generation))
    return (ready, stalled(reason, message, generation))


def reconciling(reason: str, message: str, generation: int) -> Condition:
    """Say that we are working on it, or waiting for someone who is."""
    return Condition(Type.RECONCILING, Status.TRUE, reason, message, generation)


def stalled(reason: str, message: str, generation: int) -> Condition:
    """Say that a person must act; the message says how."""
    return Condition(Type.STALLED, Status.TRUE, reason, message, generation)


def source_seen(display: str, generation: int) -> Condition:
    """Say that the source was inspected and can be copied."""
    text = f"{display} was inspected and can be copied"
    return Condition(Type.SOURCE_READY, Status.TRUE, "SourceInspected", text, generation)


def source_waiting(message: str, generation: int) -> Condition:
    """Say that the source has not been looked at yet, or is being looked at."""
    return Condition(Type.SOURCE_READY, Status.UNKNOWN, "SourceNotInspected", message, generation)


def source_failed(reason: Reason, message: str, generation: int) -> Condition:
    """Say that the source cannot be copied."""
    return Condition(Type.SOURCE_READY, Status.FALSE, reason, message, generation)


def database_made(server: str, name: str, generation: int) -> Condition:
    """Say that the clone's schema and user exist on the server."""
    text = f"Database {name} on server {server} is ready"
    return Condition(Type.DATABASE_READY, Status.TRUE, "DatabaseCreated", text, generation)


def database_waiting(message: str, generation: int) -> Condition:
    """Say that the schema and its user are still to be made."""
    return Condition(Type.DATABASE_READY, Status.FALSE, "DatabasePending", message, generation)


def database_failed(reason: Reason, message: str, generation: int) -> Condition:
    """Say that the database cannot be had, or is gone."""
    return Condition(Type.DATABASE_READY, Status.FALSE, reason, message, generation)


def database_gone(message: str, generation: int) -> Condition:
    """Say that the database was dropped with its clone."""
    return Condition(Type.DATABASE_READY, Status.FALSE, "DatabaseDropped", message, generation)


def content_imported(message: str, generation: int) -> Condition:
    """Say that everything was copied and verified."""
    return Condition(Type.CONTENT_READY, Status.TRUE, "ContentImported", message, generation)


def content_waiting(message: str, generation: int) -> Condition:
    """Say that the import has not finished; how far it is stands in `status.progress`, not here."""
    return Condition(Type.CONTENT_READY, Status.FALSE, "ContentPending", message, generation)


def content_failed(reason: Reason, message: str, generation: int) -> Condition:
    """Say that the import cannot be completed."""
    return Condition(Type.CONTENT_READY, Status.FALSE, reason, message, generation)


def content_gone(message: str, generation: int) -> Condition:
    """Say that the content was removed with its clone."""
    return Condition(Type.CONTENT_READY, Status.FALSE, "ContentRemoved", message, generation)


def site_serving(url: str, generation: int) -> Condition:
    """Say that the clone's public address answers with the clone's own UID."""
    return Condition(Type.SITE_READY, Status.TRUE, "SiteServing", f"{url} answers", generation)


def site_waiting(message: str, generation: int) -> Condition:
    """Say that the pods or the route are still on their way."""
    return Condition(Type.SITE_READY, Status.FALSE, "SitePending", message, generation)


def site_failed(reason: Reason, message: str, generation: int) -> Condition:
    """Say that the site does not run or cannot be reached."""
    return Condition(Type.SITE_READY, Status.FALSE, reason, message, generation)


def site_stopped(message: str, generation: int) -> Condition:
    """Say that the site was stopped on purpose: suspended, expired or removed."""
    return Condition(Type.SITE_READY, Status.FALSE, "SiteStopped", message, generation)
