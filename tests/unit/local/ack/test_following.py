# SPDX-License-Identifier: Apache-2.0
"""How the stand-in for ACK follows its objects, and hands them to its workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from local.ack.kube import Gone, Kind, Kube, KubeError
from local.ack.resource import Resource
from local.ack.watching import Follower
from local.ack.workqueue import Workqueue

KIND = Kind("g", "K", "ks")
A, B = ("n", "a"), ("n", "b")


def at(version: int, name: str = "a") -> Resource:
    """Return an object at a version."""
    metadata = {"namespace": "n", "name": name, "uid": name, "resourceVersion": f"{version}"}
    return Resource({"metadata": metadata})


class Scripted:
    """An API server that does what a script says, then nothing more."""

    def __init__(self, *script: Any) -> None:
        """Take lists, watches and errors, in order."""
        self._script = list(script)
        self.asked: list[str] = []

    async def list(self, _: Kind, __: str) -> tuple[list[Resource], str]:
        """Return the next list."""
        self.asked.append("list")
        items = self._script.pop(0)
        if isinstance(items, Exception):
            raise items
        return items, "10"

    async def watch(self, _: Kind, __: str, version: str) -> AsyncIterator[tuple[str, Resource]]:
        """Yield the next watch's events."""
        self.asked.append(f"watch {version}")
        if not self._script:
            await asyncio.Event().wait()
        for event in self._script.pop(0):
            if isinstance(event, Exception):
                raise event
            yield event


async def _follow(kube: Scripted) -> list[tuple[str | None, str]]:
    """Follow a script to its end; return what was known and what is, by versions."""
    seen: list[tuple[str | None, str]] = []

    def news(before: Resource | None, now: Resource) -> None:
        was = before.body["metadata"]["resourceVersion"] if before else None
        seen.append((was, now.body["metadata"]["resourceVersion"]))

    task = asyncio.create_task(Follower(cast("Kube", kube), KIND, "").run(news))
    await asyncio.sleep(0.1)
    task.cancel()
    return seen


async def test_a_watch_goes_on_where_the_last_one_ended() -> None:
    """Neither an object nor a list is asked for again."""
    bookmark = ("BOOKMARK", at(30))
    kube = Scripted([at(1)], [("MODIFIED", at(20)), bookmark], [("DELETED", at(31))], [])
    assert await _follow(kube) == [(None, "1"), ("1", "20")]
    assert kube.asked == ["list", "watch 10", "watch 30", "watch 31", "watch 31"]


async def test_a_version_that_is_gone_means_a_new_list() -> None:
    """410 in a watch: what is known is compared with the list, so nothing is missed."""
    kube = Scripted([at(1)], [Gone("too old", 410)], [at(5), at(6, "b")])
    assert await _follow(kube) == [(None, "1"), ("1", "5"), (None, "6")]
    assert kube.asked == ["list", "watch 10", "list", "watch 10"]


async def test_an_outage_is_survived_with_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks again, later and later."""
    waits: list[float] = []
    sleep = asyncio.sleep

    async def quick(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr("local.ack.watching.asyncio.sleep", quick)
    kube = Scripted(KubeError("x"), KubeError("x"), [at(1)])
    seen: list[Resource] = []
    follower = Follower(cast("Kube", kube), KIND, "")
    task = asyncio.create_task(follower.run(lambda _, now: seen.append(now)))
    await follower.listed.wait()
    task.cancel()
    assert waits == [0.8, 1.6]
    assert len(seen) == 1


async def test_a_key_that_is_being_worked_on_is_handed_out_once_more() -> None:
    """And never to two workers at once."""
    queue = Workqueue()
    queue.add(A)
    queue.add(A)
    queue.add(B)
    assert await queue.get() == A
    queue.add(A)
    assert await queue.get() == B
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.done(A)
    assert await waiting == A


async def test_the_earliest_of_several_wishes_counts() -> None:
    """A retry that is due soon is not put off by a resync in hours."""
    queue = Workqueue()
    queue.add_after(A, 3600)
    queue.add_limited(A)
    queue.add_after(A, 3600)
    assert await asyncio.wait_for(queue.get(), 1) == A
