# SPDX-License-Identifier: Apache-2.0
"""Reads the objects of a clone into values: each dict is parsed once, here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wpclone.api import labels
from wpclone.api.clones import Metadata
from wpclone.api.mover import Outcome
from wpclone.api.text import clean
from wpclone.controller.plan.seen import (
    Deployment,
    Ended,
    Instance,
    Job,
    JobFailure,
    Pod,
    Secret,
)
from wpclone.controller.ports import DEPLOYMENT, JOB, SITE, Body, Kind, Ref, is_ours

JOB_OF_POD = "batch.kubernetes.io/job-name"
_ATTEMPT = re.compile(r"-(inspect|import)-(\d+)-[0-9a-f]{8}$")


def when(text: str | None) -> datetime | None:
    """Return a time of the API."""
    return datetime.fromisoformat(text) if text else None


def created(body: Body) -> datetime:
    """Return when an object was created."""
    return datetime.fromisoformat(body["metadata"]["creationTimestamp"])


def ref(kind: Kind, body: Body) -> Ref:
    """Return an object's reference, with its UID."""
    return Ref(kind, body["metadata"]["name"], body["metadata"]["uid"])


def deleting(body: Body) -> bool:
    """Tell whether an object is on its way out."""
    return bool(body["metadata"].get("deletionTimestamp"))


def condition(body: Body, kind: str) -> dict[str, Any] | None:
    """Return a condition of an object that is true."""
    found = body.get("status", {}).get("conditions") or []
    return next((c for c in found if c["type"] == kind and c["status"] == "True"), None)


def purpose(body: Body) -> str:
    """Return what a Job is for, by its name: `inspect`, `import`, or nothing we know."""
    found = _ATTEMPT.search(body["metadata"]["name"])
    return found[1] if found else ""


def job(body: Body, pods: Iterable[Pod]) -> Job:
    """Return a Job with those of the pods that are its own."""
    name = body["metadata"]["name"]
    found = _ATTEMPT.search(name)
    failed = condition(body, "Failed")
    failure = None
    if failed:
        at = when(failed.get("lastTransitionTime")) or created(body)
        failure = JobFailure(at, str(failed.get("reason", "")))
    return Job(
        ref=ref(JOB, body),
        attempt=int(found[2]) if found else 1,
        created=created(body),
        annotations=dict(body["metadata"].get("annotations") or {}),
        # The count, not `Complete`: that condition waits until the pod's record is settled.
        succeeded=int(body.get("status", {}).get("succeeded") or 0) > 0,
        failure=failure,
        deleting=deleting(body),
        pods=tuple(pod for pod in pods if pod.job == name),
    )


def pod(body: Body) -> Pod:
    """Return a pod."""
    status = body.get("status", {})
    states = status.get("containerStatuses") or []
    first = states[0] if states else {}
    waiting = (first.get("state") or {}).get("waiting") or {}
    return Pod(
        name=body["metadata"]["name"],
        created=created(body),
        job=(body["metadata"].get("labels") or {}).get(JOB_OF_POD, ""),
        phase=str(status.get("phase", "Pending")),
        unschedulable=_unschedulable(status),
        waiting=str(waiting.get("reason", "")),
        image_id=clean(str(first.get("imageID", "")), 512),
        waiting_message=clean(str(waiting.get("message", "")), 300),
        ended=_ended(first),
    )


def _unschedulable(status: dict[str, Any]) -> str:
    for known in status.get("conditions") or []:
        if known["type"] == "PodScheduled" and known["status"] == "False":
            return clean(str(known.get("message") or known.get("reason") or "no node"), 300)
    return ""


def _ended(container: dict[str, Any]) -> Ended | None:
    state = container.get("state") or {}
    last = container.get("lastState") or {}
    found = state.get("terminated") or last.get("terminated")
    if not found:
        return None
    return Ended(
        at=when(found.get("finishedAt")),
        exit_code=int(found.get("exitCode", -1)),
        reason=str(found.get("reason", "")),
        outcome=Outcome.read(str(found.get("message") or "")),
    )


def secret(body: Body, uid: str) -> Secret:
    """Return a Secret without its values."""
    meta = body["metadata"]
    found = meta.get("labels") or {}
    return Secret(
        uid=meta["uid"],
        version=str(meta["resourceVersion"]),
        created=created(body),
        ours=found.get(labels.UID) == uid,
        owned=labels.UID in found,
        source=found.get(labels.SOURCE) == labels.TRUE,
        keys=frozenset(body.get("data") or {}),
    )


def instance(body: Body, meta: Metadata) -> Instance:
    """Return the KRO instance."""
    status = body.get("status") or {}
    conditions = status.get("conditions") or []
    said = [c for c in conditions if c.get("status") == "False"]
    acted = [int(c.get("observedGeneration") or 0) for c in conditions if c.get("type") == "Ready"]
    return Instance(
        ref=ref(SITE, body),
        created=created(body),
        spec=body["spec"],
        annotations=dict(body["metadata"].get("annotations") or {}),
        deleting=deleting(body),
        ours=is_ours(body, meta.uid),
        current=max(acted, default=0) >= int(body["metadata"]["generation"]),
        state=str(status.get("state", "")),
        message=clean(str(said[0].get("message", "")), 300) if said else "",
    )


def deployment(body: Body) -> Deployment:
    """Return the site's Deployment."""
    available = condition(body, "Available")
    refused = condition(body, "ReplicaFailure")
    status = body.get("status") or {}
    current = int(status.get("observedGeneration") or 0) >= int(
        body["metadata"].get("generation") or 0
    )
    return Deployment(
        ref=ref(DEPLOYMENT, body),
        created=created(body),
        deleting=deleting(body),
        ready=current and int(status.get("availableReplicas") or 0) > 0,
        ready_since=when(available.get("lastTransitionTime")) if available else None,
        refusal=clean(str(refused.get("message", "")), 300) if refused else "",
    )
