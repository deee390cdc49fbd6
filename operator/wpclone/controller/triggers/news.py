# SPDX-License-Identifier: Apache-2.0
"""Says whether an event about a clone is news; it saves passes, and nothing depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wpclone.api import labels

# What a person says beside the spec, and what ends a clone; our own status is no news.
_SPOKEN = (labels.RECONCILE, labels.PAUSED, labels.RE_RESOLVE)


@dataclass(slots=True)
class News:
    """What was last seen of each clone."""

    marks: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def about(self, kind: str | None, body: Mapping[str, Any]) -> bool:
        """Return whether this event tells of something that a pass has to see."""
        meta = body["metadata"]
        name = meta["name"]
        if kind == "DELETED":
            self.marks.pop(name, None)
            self.versions.pop(name, None)
            return True
        self.versions[name] = str(meta.get("resourceVersion", ""))
        mark = self._mark(meta)
        return self.marks.get(name) != mark and self._keep(name, mark)

    def regenerated(self, body: Mapping[str, Any]) -> bool:
        """Return whether the spec is another one than at the last event; ask before `about`."""
        known = self.marks.get(body["metadata"]["name"])
        return known is not None and known[:2] != self._mark(body["metadata"])[:2]

    def _keep(self, name: str, mark: tuple[Any, ...]) -> bool:
        self.marks[name] = mark
        return True

    @staticmethod
    def _mark(meta: Mapping[str, Any]) -> tuple[Any, ...]:
        notes = meta.get("annotations") or {}
        return (
            meta["uid"],
            meta.get("generation"),
            meta.get("deletionTimestamp"),
            *(notes.get(spoken) for spoken in _SPOKEN),
        )
