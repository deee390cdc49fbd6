# SPDX-License-Identifier: Apache-2.0
"""Says what a pass found in the conditions of the real controllers, with their quirks.

There is no observedGeneration, every pass begins with no condition at all, and each one that it
sets gets a new transition time, changed or not.
"""

from __future__ import annotations

from typing import Any, Final

from local.ack import errors
from local.ack.resource import Resource

Condition = dict[str, Any]

READY: Final = "Ready"
SYNCED: Final = "ACK.ResourceSynced"
TERMINAL: Final = "ACK.Terminal"
RECOVERABLE: Final = "ACK.Recoverable"
ADVISORY: Final = "ACK.Advisory"
LATE: Final = "ACK.LateInitialized"
REFERENCES: Final = "ACK.ReferencesResolved"

IN_SYNC: Final = "Resource synced successfully"
NOT_IN_SYNC: Final = "Resource not synced"
UNKNOWN: Final = "Unable to determine if desired resource state matches latest observed state"
EXISTS: Final = "Resource already exists"
UNMANAGED: Final = (
    "This resource already exists but is not managed by ACK. To bring the resource under ACK"
    " management, you should explicitly adopt the resource by enabling the ResourceAdoption feature"
    " gate and populating the `services.k8s.aws/adoption-policy` and"
    " `services.k8s.aws/adoption-fields` annotations."
)
_LATE_DONE: Final = "Late initialization successful"


def clear(one: Resource) -> None:
    """Forget what the last pass said."""
    one.status["conditions"] = []


def get(one: Resource, kind: str) -> Condition | None:
    """Return the condition of a type."""
    found: list[Condition] = one.status.get("conditions") or []
    return next((each for each in found if each["type"] == kind), None)


def holds(one: Resource, kind: str) -> bool:
    """Tell whether a condition is there and true."""
    found = get(one, kind)
    return found is not None and found["status"] == "True"


def put(  # noqa: PLR0913  a condition has that many fields
    one: Resource,
    kind: str,
    status: str,
    now: str,
    *,
    message: str | None = None,
    reason: str | None = None,
) -> None:
    """Set one condition."""
    told = {"type": kind, "status": status, "lastTransitionTime": now}
    if message is not None:
        told["message"] = message
    if reason is not None:
        told["reason"] = reason
    others = one.status.get("conditions") or []
    if get(one, kind) is None:
        one.status["conditions"] = [*others, told]
    else:
        one.status["conditions"] = [told if each["type"] == kind else each for each in others]


def late(one: Resource, now: str) -> None:
    """Say that AWS' defaults have been written into the spec."""
    put(one, LATE, "True", now, message=_LATE_DONE, reason=_LATE_DONE)


def unmanaged(one: Resource, now: str) -> None:
    """Say that what AWS has under this name is not ours."""
    put(one, TERMINAL, "True", now, message=EXISTS, reason=UNMANAGED)


def unresolved(one: Resource, ending: errors.Unresolved, now: str) -> None:
    """Say which reference leads nowhere; nothing else is said in such a pass."""
    status = "False" if ending.hopeless else "Unknown"
    put(one, REFERENCES, status, now, message="Reference resolution failed", reason=f"{ending}")


def failure(one: Resource, ending: errors.Ending, terminal: frozenset[str], now: str) -> bool:
    """Say how a call failed; tell whether that is terminal for the kind."""
    text = ending.short if isinstance(ending, errors.Answered) else f"{ending}"
    hopeless = isinstance(ending, errors.Refused) or (
        isinstance(ending, errors.Answered) and ending.code in terminal
    )
    if hopeless:
        put(one, TERMINAL, "True", now, message=text)
    else:
        if get(one, TERMINAL) is not None:
            put(one, TERMINAL, "False", now)
        put(one, RECOVERABLE, "True", now, message=text)
    return hopeless


def conclude(one: Resource, ending: errors.Ending | None, now: str) -> None:
    """Add ACK.ResourceSynced unless the kind has set it, and Ready, which sums up."""
    if get(one, SYNCED) is None:
        if ending is None:
            put(one, SYNCED, "True", now, message=IN_SYNC, reason="")
        elif isinstance(ending, errors.Told):
            put(one, SYNCED, "False", now, message=NOT_IN_SYNC, reason=f"{ending}")
        else:
            put(one, SYNCED, "Unknown", now, message=UNKNOWN, reason=f"{ending}")
    for kind in (TERMINAL, RECOVERABLE):
        if holds(one, kind):
            message = (get(one, kind) or {}).get("message")
            put(one, READY, "False", now, message=message, reason=kind)
            return
    synced = get(one, SYNCED) or {}
    put(
        one,
        READY,
        synced["status"],
        now,
        message=synced.get("message"),
        reason=synced.get("reason"),
    )
