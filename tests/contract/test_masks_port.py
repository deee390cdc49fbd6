# SPDX-License-Identifier: Apache-2.0
"""What the port `Masks` promises, on a real API server: one key, made once, kept for ever."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.fakes.others import OpenFence
from wpclone import errors
from wpclone.controller.gateways import kubernetes, masks
from wpclone.controller.gateways.clock import ServerClock

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Place:
    """A namespace of the operator's, and its way in."""

    cluster: Cluster
    namespace: str
    api: kubernetes.Api

    def operator(self, fence: OpenFence | None = None) -> masks.SecretMasks:
        """Return the port as an operator that has just begun would have it."""
        return masks.SecretMasks(self.api, self.namespace, "test", fence or OpenFence())

    def stored(self) -> dict[str, Any]:
        """Return the Secret."""
        found = self.cluster.get("secret", f"--namespace={self.namespace}")["items"]
        (only,) = [one for one in found if one["metadata"]["name"] == masks.name("test")]
        return dict(only)


@pytest.fixture
async def place(cluster: Cluster) -> AsyncIterator[Place]:
    """Make a namespace."""
    namespace = f"contract-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", namespace)
    api = await kubernetes.connect(cluster.kubeconfig)
    try:
        yield Place(cluster, namespace, kubernetes.Api(api, ServerClock()))
    finally:
        await api.close()
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


async def test_the_key_is_made_once(place: Place) -> None:
    """Every operator of the installation, also a later one, has the same key."""
    first = await place.operator().master()
    assert len(first) == masks.BYTES
    assert await place.operator().master() == first
    assert base64.b64decode(place.stored()["data"][masks.KEY]) == first


async def test_a_key_that_is_none_is_refused(place: Place) -> None:
    """A Secret that somebody emptied must not become a key that everybody knows."""
    await place.operator().master()
    patch = '{"data":{"key":"c2hvcnQ="}}'
    where = f"--namespace={place.namespace}"
    place.cluster.kubectl("patch", "secret", masks.name("test"), where, "-p", patch)
    with pytest.raises(errors.Refused, match="holds no masking key of 32 bytes"):
        await place.operator().master()


async def test_without_the_lease_no_key_is_made(place: Place) -> None:
    """Two operators never make two keys."""
    fence = OpenFence()
    fence.held = False
    with pytest.raises(errors.Fenced):
        await place.operator(fence).master()
