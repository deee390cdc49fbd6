# SPDX-License-Identifier: Apache-2.0
"""Follows objects by list and watch, and wakes a key when there is news of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from local.ack.kube import NAMESPACES, Gone, Kind, Kube, KubeError
from local.ack.resource import Resource
from local.ack.workqueue import Key

log = logging.getLogger(__name__)
_FIRST, _LONGEST = 0.8, 30.0
_BOOKMARK: Final = "BOOKMARK"


class Follower:
    """Sees every object of a kind in one namespace, or in all if it is empty."""

    def __init__(self, kube: Kube, kind: Kind, namespace: str) -> None:
        """Take whom to ask, and for what."""
        self._kube = kube
        self._kind = kind
        self._namespace = namespace
        self._version = ""
        self._known: dict[Key, Resource] = {}
        self.listed = asyncio.Event()

    async def run(self, news: Callable[[Resource | None, Resource], None]) -> None:
        """Call `news` with what was known and what is, for ever; survive any outage."""
        patience = _FIRST
        while True:
            try:
                if not self._version:
                    await self._list(news)
                await self._watch(news)
                patience = _FIRST
            except Gone:
                self._version = ""
            except KubeError as error:
                log.warning("watching %s: %s", self._kind.plural, error)
                await asyncio.sleep(patience)
                patience = min(patience * 2, _LONGEST)

    async def _list(self, news: Callable[[Resource | None, Resource], None]) -> None:
        found, version = await self._kube.list(self._kind, self._namespace)
        before, self._known = self._known, {}
        for one in found:
            key = _key(one)
            self._known[key] = one
            news(before.get(key), one)
        self._version = version
        self.listed.set()

    async def _watch(self, news: Callable[[Resource | None, Resource], None]) -> None:
        async for event, one in self._kube.watch(self._kind, self._namespace, self._version):
            self._version = str(one.body["metadata"]["resourceVersion"])
            if event == _BOOKMARK:
                continue
            key = _key(one)
            before = self._known.pop(key, None)
            if event != "DELETED":
                self._known[key] = one
                news(before, one)


def matters(before: Resource | None, now: Resource) -> bool:
    """Tell whether a change is news: a new object, a new generation, other annotations."""
    if before is None or before.body["metadata"].get("uid") != now.body["metadata"].get("uid"):
        return True
    generation = "generation"
    changed = before.body["metadata"].get(generation) != now.body["metadata"].get(generation)
    return changed or before.annotations != now.annotations


class Namespaces:
    """Knows the annotations of every namespace."""

    def __init__(self, kube: Kube) -> None:
        """Take whom to ask."""
        self._follower = Follower(kube, NAMESPACES, "")
        self._annotations: dict[str, dict[str, str]] = {}

    @property
    def listed(self) -> asyncio.Event:
        """Whether all namespaces have been seen once."""
        return self._follower.listed

    def annotations(self, name: str) -> dict[str, str]:
        """Return a namespace's annotations."""
        return self._annotations.get(name, {})

    async def run(self) -> None:
        """Keep knowing, for ever."""

        def news(_: Resource | None, now: Resource) -> None:
            self._annotations[now.name] = dict(now.annotations)

        await self._follower.run(news)


def _key(one: Resource) -> Key:
    return str(one.body["metadata"].get("namespace", "")), one.name
