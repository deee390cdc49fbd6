# SPDX-License-Identifier: Apache-2.0
"""Judges whether the operator still works, and answers the kubelet's probes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

# A pass has a deadline of three minutes; the oldest key may not be older than that.
STUCK: Final = 240.0
# What a listing shows and the watch has not shown after this is lost: the watch is dead. Kopf
# itself gives a silent stream up after 70 s.
PATIENCE: Final = 90.0
ADDRESS: Final = ("0.0.0.0", 8080)  # noqa: S104  the kubelet asks from outside the pod


class Health:
    """The evidence for and against this process."""

    def __init__(self, oldest: Callable[[], float], seen: Callable[[str], str | None]) -> None:
        """Take the age of the oldest key, and the version of a clone that the watch showed last."""
        self._oldest = oldest
        self._seen = seen
        self._suspects: dict[str, str | None] = {}
        self._since = 0.0
        self.started = False

    def listed(self, versions: dict[str, str], now: float) -> None:
        """Compare a listing with what the watch has shown."""
        self._suspects = {
            name: self._seen(name)
            for name, version in versions.items()
            if self._seen(name) != version
        }
        self._since = now

    def problem(self, now: float) -> str | None:
        """Return what is wrong, or None."""
        if self._oldest() > STUCK:
            return "a pass is stuck"
        waited = now - self._since >= PATIENCE
        if waited and any(self._seen(name) == before for name, before in self._suspects.items()):
            return "the watch is dead"
        return None


async def serve(health: Health) -> None:
    """Answer `/healthz` and `/readyz` until cancelled."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                request = await reader.readline()
                writer.write(reply(health, request))
                await writer.drain()
        except (TimeoutError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, *ADDRESS)
    async with server:
        await server.serve_forever()


def reply(health: Health, request: bytes) -> bytes:
    """Return the answer to one request line."""
    problem = health.problem(asyncio.get_running_loop().time())
    if request.startswith(b"GET /readyz") and not health.started:
        problem = problem or "not started"
    elif not request.startswith((b"GET /healthz", b"GET /readyz")):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    status = b"503 Service Unavailable" if problem else b"200 OK"
    body = (problem or "ok").encode() + b"\n"
    head = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
    return head % (status, len(body)) + b"Connection: close\r\n\r\n" + body
