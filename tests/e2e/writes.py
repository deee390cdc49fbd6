# SPDX-License-Identifier: Apache-2.0
"""Counts who wrote what at the API server, from its audit log."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.cluster import Native

OPERATOR = "wpclone-operator"
KRO = "kro"
HELM = "Helm"


@dataclass(frozen=True, order=True)
class Write:
    """A kind of write: by which program, which verb, to what and where."""

    agent: str
    verb: str
    what: str
    namespace: str


# What a node tells about itself from time to time, with or without clones.
HOUSEKEEPING = {Write("kubelet", "patch", "nodes/status", "")}


def since(native: Native, mark: int) -> Counter[Write]:
    """Return all writes since a mark of the audit log, Leases excepted."""
    found = Counter(_write(event) for event in native.writes(mark))
    return Counter({write: times for write, times in found.items() if write.what != "leases"})


def during(native: Native, seconds: float) -> Counter[Write]:
    """Return all writes of the next so many seconds: nothing tells that nothing happens."""
    mark = native.audit_mark()
    time.sleep(seconds)
    return since(native, mark)


def renewals(native: Native, mark: int) -> int:
    """Return how often the operator has renewed its Lease: the proof that it is alive and seen."""
    return sum(
        _write(event) == Write(OPERATOR, "update", "leases", "wpclone-system")
        for event in native.writes(mark)
    )


def _write(event: dict[str, Any]) -> Write:
    target = event.get("objectRef", {})
    what = "/".join(filter(None, (target.get("resource"), target.get("subresource"))))
    agent = event.get("userAgent", "").partition("/")[0]
    return Write(agent, event["verb"], what, target.get("namespace", ""))
