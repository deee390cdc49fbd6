# SPDX-License-Identifier: Apache-2.0
"""Keeps the installation's masking key in a Secret beside the operator, out of tenants' reach."""

from __future__ import annotations

import base64
import secrets
from typing import Final

from wpclone import errors
from wpclone.api import labels
from wpclone.controller import ports
from wpclone.controller.gateways.kubernetes import Api
from wpclone.controller.ports import Body, Fence

KEY: Final = "key"
BYTES: Final = 32


class SecretMasks:
    """One Secret; without it the people of two clones would have nothing in common."""

    def __init__(self, api: Api, namespace: str, installation: str, fence: Fence) -> None:
        """Take where the Secret is, and who knows whether we may write."""
        self._api = api
        self._path = f"/api/v1/namespaces/{namespace}/secrets"
        self._name = name(installation)
        self._namespace = namespace
        self._installation = installation
        self._fence = fence

    async def master(self) -> bytes:
        """Return the key; made, once and for all, if there is none."""
        try:
            return self._key(await self._api.call("GET", f"{self._path}/{self._name}"))
        except ports.KindMissing:
            raise
        except errors.NotFound:
            pass
        self._fence.check()
        try:
            return self._key(await self._api.call("POST", self._path, body=self._new()))
        except ports.AlreadyThere as error:
            raise errors.Conflict(f"Secret {self._name} was made by somebody else") from error

    def _key(self, found: Body) -> bytes:
        coded = (found.get("data") or {}).get(KEY) or ""
        key = base64.b64decode(coded)
        if len(key) < BYTES:
            raise errors.Refused(f"Secret {self._name} holds no masking key of {BYTES} bytes")
        return key

    def _new(self) -> Body:
        marks = {
            labels.NAME: labels.APPLICATION,
            labels.MANAGED_BY: labels.MANAGER,
            labels.INSTALLATION: self._installation,
        }
        coded = base64.b64encode(secrets.token_bytes(BYTES)).decode()
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": self._name, "namespace": self._namespace, "labels": marks},
            "type": "Opaque",
            "data": {KEY: coded},
        }


def name(installation: str) -> str:
    """Return the Secret's name."""
    return f"wpclone-mask-{installation}"
