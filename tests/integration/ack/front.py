# SPDX-License-Identifier: Apache-2.0
"""Stands between a controller and moto: counts calls, answers some itself, and lends RDS moods."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from tests.integration.ack.apiserver import free_port

_STATUS = re.compile(r"(<DBInstanceStatus>)available(</DBInstanceStatus>)")


@dataclass
class Refusal:
    """An error that AWS answers to a call, so many times; without a number for ever."""

    code: str
    message: str = "because the test says so"
    status: int = 400
    times: int | None = None


@dataclass
class Front:
    """What moto answers, and what the test wants to be answered instead."""

    behind: str
    url: str
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    state: str = "available"  # what every available database says it is
    associations: dict[str, dict[str, Any]] = field(default_factory=dict)
    accepts_only: set[str] = field(default_factory=set)  # said yes to, and not done
    slow: dict[str, float] = field(default_factory=dict)  # operation: seconds it takes
    running: int = 0
    most_running: int = 0

    def last(self, action: str) -> dict[str, str]:
        """Return the parameters of the last call of an operation."""
        return next(told for name, told in reversed(self.sent) if name == action)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        body = await request.read()
        told = {key: value[0] for key, value in parse_qs(body.decode()).items()}
        action = told.get("Action", "")
        self.calls[action] += 1
        self.sent.append((action, told))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self.slow.get(action, 0))
            return await self._answer(request, body, action)
        finally:
            self.running -= 1

    async def _answer(self, request: web.Request, body: bytes, action: str) -> web.Response:
        refusal = self.refusals.get(action)
        if refusal is not None and refusal.times != 0:
            if refusal.times is not None:
                refusal.times -= 1
            return _refused(refusal)
        if action in self.accepts_only:
            text = f"<{action}Response><{action}Result/></{action}Response>"
            return web.Response(text=text, content_type="text/xml")
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                self.behind + request.path_qs,
                data=body,
                headers={**request.headers, "Accept-Encoding": "identity"},
            ) as answer,
        ):
            text = (await answer.read()).decode()
            text = _STATUS.sub(rf"\g<1>{self.state}\g<2>", text)
            return web.Response(text=text, status=answer.status, content_type="text/xml")

    async def eks(self, request: web.Request) -> web.StreamResponse:
        """Answer for pod identity associations, which moto does not know."""
        told = json.loads(await request.read() or b"{}")
        number = request.match_info.get("number", "")
        self.calls[f"{request.method} association"] += 1
        if request.method == "POST" and not number:
            if any(_pair(one) == _pair(told) for one in self.associations.values()):
                return _json_refused("ResourceInUseException", 409)
            number = f"a-{uuid.uuid4().hex[:17]}"
            arn = f"arn:aws:eks:us-east-1:123456789012:podidentityassociation/x/{number}"
            cluster = request.match_info["cluster"]
            self.associations[number] = {
                **told,
                "clusterName": cluster,
                "associationArn": arn,
                "associationId": number,
            }
        if number not in self.associations:
            return _json_refused("ResourceNotFoundException", 404)
        one = self.associations[number]
        if request.method == "DELETE":
            del self.associations[number]
        elif request.method == "POST":
            one.update(told)
        return web.json_response({"association": one})


def _pair(told: dict[str, Any]) -> tuple[str, str]:
    return told["namespace"], told["serviceAccount"]


def _refused(refusal: Refusal) -> web.Response:
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal.code}</Code>"
        f"<Message>{refusal.message}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return web.Response(text=text, status=refusal.status, content_type="text/xml")


def _json_refused(code: str, status: int) -> web.Response:
    return web.json_response({"message": code}, status=status, headers={"x-amzn-ErrorType": code})


@asynccontextmanager
async def standing_before(behind: str) -> AsyncIterator[Front]:
    """Run a front of moto until the context ends."""
    port = free_port()
    front = Front(behind, f"http://127.0.0.1:{port}")
    app = web.Application()
    place = "/clusters/{cluster}/pod-identity-associations"
    app.router.add_route("*", place, front.eks)
    app.router.add_route("*", place + "/{number}", front.eks)
    app.router.add_route("*", "/{rest:.*}", front.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield front
    finally:
        await runner.cleanup()
