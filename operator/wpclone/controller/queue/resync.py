# SPDX-License-Identifier: Apache-2.0
"""Wakes every key now and then: what a watch lost is found again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from wpclone import errors
from wpclone.controller.queue.keyed import Keyed

RETRY: Final = 5.0


async def forever(
    queue: Keyed,
    listed: Callable[[], Awaitable[Iterable[str]]],
    remembered: Callable[[], Iterable[str]],
    every: float,
) -> None:
    """Wake what exists, and what we remember that exists no longer, each `every` seconds."""
    while True:
        try:
            found = set(await listed())
        except (errors.Transient, errors.Refused):
            # The next look is the cure; the gateway has logged and counted the failure.
            await asyncio.sleep(RETRY)
            continue
        for key in sorted(found.union(remembered())):
            queue.wake(key)
        await asyncio.sleep(every)
