# SPDX-License-Identifier: Apache-2.0
"""Looks at many clones together, as `kubectl get` shows them, and at all that they leave behind."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.stage import KINDS, Clone, Stage

INSTALLATION = "clones.betaweb.ai/installation"
# The register of claims, `wpclone`, is the installation's own and stays.
_DATABASE = re.compile(r"wpc[0-9a-f]{20}")


@dataclass
class Crowd:
    """Clones that were asked for together."""

    stage: Stage
    clones: dict[str, Clone]
    now: dict[str, str] = field(default_factory=dict)  # the reason of `Ready` of each
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    most_importing: int = 0

    @classmethod
    def of(cls, stage: Stage, lifetimes: dict[str, str]) -> Crowd:
        """Ask for clones of the live site at once, each with its own `ttl`."""
        crowd = cls(stage, {name: stage.clone(name, ttl=ttl) for name, ttl in lifetimes.items()})
        for clone in crowd.clones.values():
            assert clone.uid  # asked for while the object is there: it is needed when it is gone
        return crowd

    def follow(
        self,
        until: Callable[[], bool],
        seconds: float,
        act: Callable[[Clone, str], None] = lambda _clone, _reason: None,
    ) -> None:
        """Look again and again until something holds; `act` is told each change of a clone."""
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                pytest.fail(f"not within {seconds:.0f} s; seen: {dict(self.reasons)}")
            for name, reason in self._look():
                act(self.clones[name], reason)
            time.sleep(0.5)

    def all(self, *reasons: str) -> bool:
        """Tell whether each clone has been in one of these states."""
        return all(set(reasons) & set(self.reasons[name]) for name in self.clones)

    def queued(self) -> set[str]:
        """Return what clones were told about their place in the queue."""
        every = (message for told in self.messages.values() for message in told)
        return {message for message in every if "slot" in message and "ahead" in message}

    def _look(self) -> Iterable[tuple[str, str]]:
        """Look once; return who has changed."""
        listing = self.stage.cluster.get("wordpressclones", f"--namespace={self.stage.namespace}")
        self.now = {}
        changed = []
        for item in listing["items"]:
            name = item["metadata"]["name"]
            told = item.get("status", {}).get("conditions", [])
            ready = next((one for one in told if one["type"] == "Ready"), None)
            if name not in self.clones or ready is None:
                continue
            self.now[name] = ready["reason"]
            self.messages[name].add(ready["message"])
            if self.reasons[name][-1:] != [ready["reason"]]:
                self.reasons[name].append(ready["reason"])
                changed.append((name, ready["reason"]))
        importing = sum(1 for reason in self.now.values() if reason == "Importing")
        self.most_importing = max(self.most_importing, importing)
        return changed


def traces(stage: Stage) -> set[str]:
    """Return everything that clones are made of, wherever it is: cluster, disk, database server."""
    where = f"--namespace={stage.namespace}"
    found = stage.cluster.get(KINDS, where, f"--selector={INSTALLATION}")["items"]
    objects = {f"{item['kind']}/{item['metadata']['name']}" for item in found}
    volumes = stage.cluster.get("persistentvolumes")["items"]
    disk = stage.cluster.native.disk
    return (
        objects
        | {f"volume {item['metadata']['name']}" for item in volumes}
        | {f"directory {path.name}" for path in disk.iterdir()}
        | {f"schema {name}" for name in stage.schemas() if _DATABASE.fullmatch(name)}
        | {f"user {name}" for name in stage.database_users() if _DATABASE.fullmatch(name)}
        | {f"claim {name}" for name in stage.claims()}
    )


def left(stage: Stage, before: set[str], seconds: float = 60) -> set[str]:
    """Return what is there beyond what was there before, once nothing is or the time is over.

    The operator waits for the claims. Their volumes are the provisioner's to remove, which notices
    a little later, and later still if its own watch was cut meanwhile.
    """
    deadline = time.monotonic() + seconds
    while (found := traces(stage) - before) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def delete(clone: Clone) -> None:
    """Delete a clone without waiting for its end."""
    clone.stage.cluster.kubectl("delete", "wordpressclone", clone.name, clone.where, "--wait=false")


def extend(clone: Clone, *, seconds: float) -> None:
    """Let a clone live for some more seconds from now."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    clone.change(extendUntil=f"{until:%Y-%m-%dT%H:%M:%SZ}")
