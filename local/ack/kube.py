# SPDX-License-Identifier: Apache-2.0
"""Speaks to the API server as a controller does: get, list, watch, merge patches."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode

import aiohttp
from kubernetes_asyncio import client, config

from local.ack.resource import Body, Resource

TIMEOUT: Final = 30
WATCH: Final = 300  # the server ends a watch after so long, and we begin another
_PATCH: Final = "application/merge-patch+json"
_MISSING, _GONE = 404, 410
# The client does not wait for its TLS connections to end: they need a moment of the loop's.
_GOODBYE: Final = 0.05


@dataclass(frozen=True)
class Kind:
    """A kind of objects, and how it is addressed."""

    group: str
    name: str
    plural: str
    version: str = "v1alpha1"

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the address of the kind, or of one object."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{root}{within}/{self.plural}" + (f"/{name}" if name else "")


NAMESPACES: Final = Kind("", "Namespace", "namespaces", "v1")
SECRETS: Final = Kind("", "Secret", "secrets", "v1")


class KubeError(Exception):
    """The API server said no, or nothing."""

    def __init__(self, text: str, status: int = 0) -> None:
        """Keep the status, which decides."""
        super().__init__(text)
        self.status = status


class Gone(KubeError):  # noqa: N818  reads as a sentence where it is caught
    """The server no longer knows the version that a watch wants to begin with."""


@dataclass(frozen=True)
class Secret:
    """A Secret: its type, and its values."""

    type: str
    values: dict[str, str]


class Kube:
    """One API server."""

    def __init__(self, api: client.ApiClient) -> None:
        """Take a connected client."""
        self._api = api

    @classmethod
    async def connect(cls, kubeconfig: Path | None, agent: str) -> Self:
        """Connect by a kubeconfig; without one, by $KUBECONFIG."""
        settings = client.Configuration()
        file = str(kubeconfig) if kubeconfig else None
        await config.load_kube_config(config_file=file, client_configuration=settings)
        api = client.ApiClient(settings)
        api.user_agent = agent
        return cls(api)

    async def close(self) -> None:
        """Close all connections."""
        await self._api.close()
        await asyncio.sleep(_GOODBYE)

    async def get(self, kind: Kind, namespace: str, name: str) -> Resource | None:
        """Return an object as the server has it now."""
        try:
            return Resource(await self._call("GET", kind.path(namespace, name)))
        except KubeError as error:
            if error.status == _MISSING:
                return None
            raise

    async def secret(self, namespace: str, name: str) -> Secret | None:
        """Return a Secret."""
        found = await self.get(SECRETS, namespace, name)
        if found is None:
            return None
        data: dict[str, str] = found.body.get("data") or {}
        values = {key: base64.b64decode(text).decode() for key, text in data.items()}
        return Secret(found.body.get("type", ""), values)

    async def list(self, kind: Kind, namespace: str) -> tuple[list[Resource], str]:
        """Return all objects, and the version from which a watch goes on."""
        found = await self._call("GET", kind.path(namespace))
        items = [Resource(body) for body in found["items"]]
        return items, str(found["metadata"]["resourceVersion"])

    async def watch(
        self, kind: Kind, namespace: str, version: str
    ) -> AsyncIterator[tuple[str, Resource]]:
        """Yield what happens to a kind's objects until the server ends the watch."""
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH),
        }
        path = f"{kind.path(namespace)}?{urlencode(query)}"
        answer = await self._send("GET", path, seconds=WATCH + TIMEOUT)
        try:
            async for line in _lines(answer.content):
                event: Body = json.loads(line)
                if event["type"] == "ERROR":
                    told = event["object"]
                    raise _error(int(told.get("code") or 0), f"watch: {told.get('message')}")
                yield event["type"], Resource(event["object"])
        except (TimeoutError, aiohttp.ClientError) as error:
            raise KubeError(f"watch: {type(error).__name__}") from error
        finally:
            answer.close()

    async def patch(self, kind: Kind, one: Resource, patch: Body, part: str = "") -> Resource:
        """Merge a patch into an object, or into its status."""
        path = kind.path(one.namespace, one.name) + (f"/{part}" if part else "")
        return Resource(await self._call("PATCH", path, patch))

    async def _call(self, method: str, path: str, body: Any = None) -> Body:
        answer = await self._send(method, path, body)
        found: Body = json.loads(await answer.read())
        return found

    async def _send(self, method: str, path: str, body: Any = None, seconds: int = TIMEOUT) -> Any:
        header = {"Accept": "application/json", "Content-Type": _PATCH}
        try:
            answer = await self._api.call_api(
                path,
                method,
                header_params=header,
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _request_timeout=seconds,
            )
            if answer.status < 300:  # noqa: PLR2004  every success
                return answer
            told = (await answer.read()).decode(errors="replace")
        except (TimeoutError, aiohttp.ClientError) as error:
            raise KubeError(f"{method} {path}: {type(error).__name__}") from error
        raise _error(answer.status, f"{method} {path}: {answer.status} {told[:500]}")


def _error(status: int, text: str) -> KubeError:
    return Gone(text, status) if status == _GONE else KubeError(text, status)


async def _lines(stream: Any) -> AsyncIterator[bytes]:
    """Yield whole lines of any length; a line of aiohttp's own has a limit."""
    rest = b""
    async for chunk in stream.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
