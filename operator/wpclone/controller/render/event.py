# SPDX-License-Identifier: Apache-2.0
"""Builds the Events that tell people of a clone's changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from wpclone.api import clones, names
from wpclone.api.clones import Metadata
from wpclone.api.fields import rfc3339
from wpclone.api.text import clean
from wpclone.controller import ports
from wpclone.controller.render import parts

MOST: Final = 1000  # the API refuses messages above 1024 bytes
COMPONENT: Final = "wpclone-operator"


@dataclass(frozen=True, slots=True)
class Note:
    """What is told; `mark` makes the Event's name, so that a repeat is refused."""

    mark: str
    reason: str
    message: str
    warning: bool


def manifest(meta: Metadata, note: Note, now: datetime) -> dict[str, Any]:
    """Return one Event."""
    when = rfc3339(now)
    return {
        **parts.head(ports.EVENT),
        "metadata": {
            "name": f"{meta.name}.{names.uid8(meta.uid)}.{note.mark}",
            "namespace": meta.namespace,
        },
        "involvedObject": {
            "apiVersion": clones.API_VERSION,
            "kind": clones.KIND,
            "name": meta.name,
            "namespace": meta.namespace,
            "uid": meta.uid,
        },
        "reason": note.reason,
        "message": clean(note.message, MOST),
        "type": "Warning" if note.warning else "Normal",
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "reportingInstance": COMPONENT,
        "firstTimestamp": when,
        "lastTimestamp": when,
        "count": 1,
    }
