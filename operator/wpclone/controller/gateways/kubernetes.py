# SPDX-License-Identifier: Apache-2.0
"""Sends requests to the API server, and maps its errors to ours."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from kubernetes_asyncio import client, config

from wpclone import errors
from wpclone.controller import ports
from wpclone.controller.gateways.clock import ServerClock
from wpclone.controller.ports import Body

TIMEOUT: Final = 30.0
IN_FLIGHT: Final = 32  # beyond it only latency grows, on the API server's side
AGENT: Final = "wpclone-operator"
# A server that cannot apply says 500 where the object does not fit the schema: permanent.
_MISFIT: Final = "field not declared in schema"


async def connect(kubeconfig: Path | None = None) -> client.ApiClient:
    """Return a client of the cluster this pod runs in, or else of a kubeconfig."""
    settings = client.Configuration()
    try:
        if kubeconfig is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            file = str(kubeconfig) if kubeconfig else None
            await config.load_kube_config(config_file=file, client_configuration=settings)
    except config.ConfigException as error:
        raise errors.Refused(f"no cluster to log in to: {error}") from error
    settings.connection_pool_maxsize = IN_FLIGHT
    api = client.ApiClient(settings)
    api.user_agent = AGENT
    return api


class Api:
    """One API server: JSON in, JSON out, every call with a deadline."""

    def __init__(self, api: client.ApiClient, clock: ServerClock) -> None:
        """Take a connected client, and whom to tell the server's time."""
        self._api = api
        self._clock = clock
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def call(self, method: str, path: str, **rest: Any) -> Body:
        """Return the answer's JSON, or raise one of our errors."""
        found: Body = json.loads(await self.send(method, path, **rest))
        return found

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content: str = "application/json",
    ) -> bytes:
        """Return the answer's bytes, or raise one of our errors."""
        filled = {key: value for key, value in (query or {}).items() if value}
        target = f"{path}?{urlencode(filled)}" if filled else path
        try:
            async with self._slots:
                answer = await self._api.call_api(
                    target,
                    method,
                    header_params={"Accept": "application/json, */*", "Content-Type": content},
                    body=body,
                    auth_settings=["BearerToken"],
                    _preload_content=False,
                    _request_timeout=TIMEOUT,
                )
                data: bytes = await answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            # The type alone: the text of a connection error may name hosts, never anything useful.
            raise errors.Transient(f"{method} {path}: {type(error).__name__}") from error
        self._clock.learn(answer.headers.get("Date"))
        if answer.status >= 300:  # noqa: PLR2004  everything that is no success
            raise refusal(method, path, answer.status, data, answer.headers.get("Retry-After"))
        return data


def refusal(
    method: str, path: str, status: int, data: bytes, retry_after: str | None
) -> errors.WPCloneError:
    """Return our error for an answer that is no success."""
    told = _status(data)
    text = f"{told.get('message') or 'no reason given'} ({method} {path}: {status})"
    if status == 404:  # noqa: PLR2004
        # An unknown path is answered in plain text, an unknown object with a Status.
        return errors.NotFound(text) if told else ports.KindMissing(text)
    if status == 409:  # noqa: PLR2004
        taken = told.get("reason") == "AlreadyExists"
        return ports.AlreadyThere(text) if taken else errors.Conflict(text)
    waits = status in {401, 408, 429} or (status >= 500 and _MISFIT not in text)  # noqa: PLR2004
    if waits:
        return errors.Transient(text, retry_after=_seconds(retry_after))
    return errors.Refused(text)


def _status(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and told.get("kind") == "Status" else {}


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
