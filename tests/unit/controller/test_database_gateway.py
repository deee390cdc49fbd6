# SPDX-License-Identifier: Apache-2.0
"""Writes to a database server end with the lease, whoever is slow or cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.others import OpenFence
from tests.fakes.world import settings
from wpclone import errors
from wpclone.controller.gateways.database import MySQLDatabase
from wpclone.controller.ports import Owner, Unavailable

NAME, OURS = "wpc11111111222233334444", Owner("test", "11111111-2222")


@dataclass
class Silent:
    """A server that takes connections and says nothing until it hangs up."""

    port: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep one caller waiting."""
        self.met.set()
        await self.over.wait()
        writer.close()


@asynccontextmanager
async def silent() -> AsyncIterator[Silent]:
    """Run such a server."""
    told = Silent()
    server = await asyncio.start_server(told.take, "127.0.0.1", 0)
    async with server:
        told.port = server.sockets[0].getsockname()[1]
        yield told


def database(folder: Path, fence: OpenFence, port: int, ca: str = "") -> MySQLDatabase:
    """Return the gateway to one server."""
    for key in ("username", "password"):
        (folder / key).write_text("canary")
    known = {"name": "shared", "host": "127.0.0.1", "port": port, "secretDir": str(folder)}
    return MySQLDatabase(settings(databases=[{**known, "caFile": ca}]), fence)


async def test_the_lease_counts_when_the_turn_comes(tmp_path: Path) -> None:
    """Whoever waited for another clone's statements writes only if the lease is still held."""
    fence = OpenFence()
    async with silent() as server:
        port = database(tmp_path, fence, server.port)
        first = asyncio.create_task(port.view("shared", NAME))
        await server.met.wait()
        second = asyncio.create_task(port.drop("shared", NAME, OURS))
        await asyncio.sleep(0)  # it stands in the queue now
        fence.held = False
        server.over.set()
        with pytest.raises(Unavailable):
            await first
        with pytest.raises(errors.Fenced):
            await second


async def test_a_cancelled_write_is_waited_for(tmp_path: Path) -> None:
    """Its thread goes on: the lease is not given up before it has ended."""
    async with silent() as server:
        port = database(tmp_path, OpenFence(), server.port)
        writing = asyncio.create_task(port.provide("shared", NAME, OURS, "canary"))
        await server.met.wait()
        writing.cancel()
        done, _ = await asyncio.wait([writing], timeout=0.2)
        assert not done
        server.over.set()
        with pytest.raises(asyncio.CancelledError):
            await writing


async def test_a_missing_authority_is_named(tmp_path: Path) -> None:
    """A Secret without `ca.crt` is a person's to mend: it gets a sentence, not a traceback."""
    port = database(tmp_path, OpenFence(), 1, ca=str(tmp_path / "ca.crt"))
    with pytest.raises(Unavailable, match=r"has to hold ca\.crt$"):
        await port.view("shared", NAME)
    assert await port.admits("shared", NAME, "canary")
