# SPDX-License-Identifier: Apache-2.0
"""Holds one object as a pass sees it, and computes what a patch has to say."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass
class Resource:
    """One Kubernetes object, whole; a pass changes its own copies only."""

    body: Body

    def copy(self) -> Resource:
        """Return a copy that shares nothing."""
        return Resource(copy.deepcopy(self.body))

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.body["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return str(self.body["metadata"]["namespace"])

    @property
    def annotations(self) -> dict[str, str]:
        """The object's annotations, to be read and written."""
        found: dict[str, str] | None = self.body["metadata"].get("annotations")
        if found is None:
            found = self.body["metadata"]["annotations"] = {}
        return found

    @property
    def labels(self) -> dict[str, str]:
        """The object's labels."""
        return self.body["metadata"].get("labels") or {}

    @property
    def finalizers(self) -> list[str]:
        """The object's finalizers."""
        return list(self.body["metadata"].get("finalizers") or [])

    @property
    def leaving(self) -> bool:
        """Whether somebody asked for the object's end."""
        return "deletionTimestamp" in self.body["metadata"]

    @property
    def spec(self) -> Body:
        """What is asked for."""
        found: Body = self.body.setdefault("spec", {})
        return found

    @property
    def status(self) -> Body:
        """What was seen."""
        found: Body = self.body.setdefault("status", {})
        return found

    @property
    def arn(self) -> str:
        """The name AWS gave to what stands behind the object, if it is known."""
        return str(self.status.get("ackResourceMetadata", {}).get("arn", ""))

    def finalize(self, finalizer: str, *, on: bool) -> None:
        """Put a finalizer on, or take it off."""
        others = [one for one in self.finalizers if one != finalizer]
        self.body["metadata"]["finalizers"] = [*others, finalizer] if on else others


def difference(old: Body, new: Body) -> Body:
    """Return the JSON merge patch that makes `new` of `old`; lists are replaced whole."""
    patch: Body = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            below = difference(before, value)
            if below:
                patch[key] = below
        elif key not in old or value != before:
            patch[key] = value
    return patch


def main_patch(old: Resource, new: Resource) -> Body:
    """Return the patch of annotations, finalizers and spec; empty if nothing changed."""
    parts = difference(_main(old), _main(new))
    return {key: value for key, value in parts.items() if value}


def _main(one: Resource) -> Body:
    metadata = {"annotations": dict(one.annotations), "finalizers": one.finalizers}
    return {"metadata": metadata, "spec": one.spec}
