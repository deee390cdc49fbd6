# SPDX-License-Identifier: Apache-2.0
"""Answers probes, at the addresses and paths where the real controllers answer them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

_PATHS: Final = ("/healthz", "/readyz")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(health: str, metrics: str, ready: Callable[[], bool]) -> AsyncIterator[None]:
    """Answer probes and (empty) metrics while the context lasts; port 0 answers nothing."""

    async def probe(_: web.Request) -> web.StreamResponse:
        return web.Response(text="ok") if ready() else web.Response(status=503, text="starting")

    async def nothing(_: web.Request) -> web.StreamResponse:
        return web.Response(text="")

    answers: dict[str, Handler] = dict.fromkeys(_PATHS, probe)
    probes = await _serve(health, answers)
    figures = await _serve(metrics, {"/metrics": nothing})
    try:
        yield
    finally:
        for runner in (probes, figures):
            if runner is not None:
                await runner.cleanup()


async def _serve(address: str, answers: dict[str, Handler]) -> web.AppRunner | None:
    host, _, port = address.rpartition(":")
    if port == "0":
        return None
    app = web.Application()
    for path, handler in answers.items():
        app.router.add_get(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host or None, int(port)).start()
    return runner
