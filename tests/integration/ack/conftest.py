# SPDX-License-Identifier: Apache-2.0
"""Runs an API server with our definitions, and an AWS, for the stories about controllers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from local.ack import definitions
from local.ack.kube import NAMESPACES, Kind
from tests import buckets
from tests.integration.ack import apiserver, front
from tests.integration.ack.stage import KINDS, Admin, Stage, eventually

DEFINITIONS = Kind("apiextensions.k8s.io", "", "customresourcedefinitions", "v1")


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the way into an API server that knows ACK's kinds."""
    lacking = apiserver.lacking()
    if lacking:
        pytest.skip(lacking)
    with apiserver.running(tmp_path_factory.mktemp("apiserver")) as config:
        asyncio.run(_define(config))
        yield config


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Return the address of an AWS that does everything at once."""
    with buckets.buckets() as server:
        yield server.url


@pytest.fixture
async def stage(kubeconfig: Path, moto: str) -> AsyncIterator[Stage]:
    """Return a namespace of the test's own, and a front before AWS."""
    admin = await Admin.connect(kubeconfig, "test")
    namespace = f"s{uuid.uuid4().hex[:7]}"
    await admin.create(NAMESPACES, {"metadata": {"name": namespace}})
    async with front.standing_before(moto) as before:
        yield Stage(admin, before, namespace, kubeconfig)
    await admin.close()


async def _define(config: Path) -> None:
    admin = await Admin.connect(config, "test")
    for body in definitions.chosen():
        await admin.create(DEFINITIONS, body)

    async def served() -> bool:
        found = [await admin.get(DEFINITIONS, "", _name(kind)) for kind in KINDS.values()]
        return all(
            one is not None
            and any(
                each["type"] == "Established" and each["status"] == "True"
                for each in one.status.get("conditions") or []
            )
            for one in found
        )

    await eventually(served, "the definitions", 30)
    await admin.close()


def _name(kind: Kind) -> str:
    return f"{kind.plural}.{kind.group}"
