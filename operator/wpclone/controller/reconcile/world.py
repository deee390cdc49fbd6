# SPDX-License-Identifier: Apache-2.0
"""Bundles everything a pass touches, so that nothing is reached for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from wpclone.api.mover import Progress
from wpclone.controller.ports import Clock, Cluster, Database, Fence, Masks, Route
from wpclone.controller.reconcile.ledger import Ledger
from wpclone.controller.settings import Settings

# The one poll we allow ourselves: so many log tails are read at a time.
TAILS = 8


@dataclass(slots=True)
class Tails:
    """The last progress of each running import, and when it was read."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TAILS))
    read: dict[str, tuple[float, Progress | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """The ports, the settings, and what is remembered between passes."""

    cluster: Cluster
    database: Database
    route: Route
    clock: Clock
    fence: Fence
    masks: Masks
    settings: Settings
    ledger: Ledger
    tails: Tails = field(default_factory=Tails)
