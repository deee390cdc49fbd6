# SPDX-License-Identifier: Apache-2.0
"""Calls AWS through its own client, in threads, and maps its refusals to our endings."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.ack import errors

# As the real controllers' client: three attempts, so a single failure of AWS is never seen.
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=20,
)


@dataclass(frozen=True)
class Where:
    """Which AWS is meant."""

    region: str
    endpoint: str | None


class Aws:
    """AWS, for one service."""

    def __init__(self, service: str, session: boto3.Session | None = None) -> None:
        """Take the service's name, and a session if there is one that has read the models."""
        self._service = service
        self._session = session or boto3.Session()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, Where], Any] = {}

    async def account(self, where: Where) -> str:
        """Return the account that we act in."""
        told = await asyncio.to_thread(self._call, "sts", where, "get_caller_identity", {})
        return str(told["Account"])

    async def call(self, where: Where, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call one operation; arguments that are None are left out."""
        given = {key: value for key, value in arguments.items() if value is not None}
        return await asyncio.to_thread(self._call, self._service, where, operation, given)

    async def pages(
        self, where: Where, operation: str, key: str, **arguments: Any
    ) -> list[dict[str, Any]]:
        """Return the items of all pages of an answer."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = await self.call(where, operation, **arguments, **more)
            found += page.get(key, [])
            if not page.get("IsTruncated"):
                return found
            more = {"Marker": page["Marker"]}

    def knows(self, where: Where, operation: str) -> frozenset[str]:
        """Return the names of the parameters that an operation takes."""
        model = self._client(self._service, where).meta
        name = model.method_to_api_mapping[operation]
        return frozenset(model.service_model.operation_model(name).input_shape.members)

    def _call(
        self, service: str, where: Where, operation: str, given: dict[str, Any]
    ) -> dict[str, Any]:
        client = self._client(service, where)
        try:
            found: dict[str, Any] = getattr(client, operation)(**given)
        except ClientError as error:
            told, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
            raise errors.Answered(
                f"{service.upper()}: {error.operation_name}",
                str(told.get("Code", "Unknown")),
                str(told.get("Message", "")),
                str(meta.get("RequestId", "")),
                int(meta.get("HTTPStatusCode", 0)),
            ) from error
        except BotoCoreError as error:
            raise errors.Unreachable(f"operation error {service.upper()}: {error}") from error
        return found

    def _client(self, service: str, where: Where) -> Any:
        with self._lock:  # making clients is the one thing that boto3 cannot do in several threads
            key = (service, where)
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service, region_name=where.region, endpoint_url=where.endpoint, config=_CONFIG
                )
            return self._clients[key]
