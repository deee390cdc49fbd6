# SPDX-License-Identifier: Apache-2.0
"""The stand-in as the local cluster starts it: a process with the flags of a real controller."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import urllib.request

from local.ack import programs
from tests.integration.ack.stage import Stage, database, eventually


async def test_2_6_a_controller_as_the_cluster_starts_it(stage: Stage) -> None:
    """It answers its probes, works for its namespace, and ends when asked."""
    service = programs.Service("rds", _two_ports())
    place = programs.Place(
        stage.front.url, stage.kubeconfig, namespaces=(stage.namespace,), requeue=0.3
    )
    process = await _start(service, place)
    try:

        async def ready() -> bool:
            assert process.returncode is None, "it died while starting"
            return await asyncio.to_thread(_answers, service.health)

        await eventually(ready, "the program", 30)
        await stage.create("DBInstance", "db", database(stage))
        await stage.synced("DBInstance", "db")
    finally:
        process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert stage.front.calls["GetCallerIdentity"] == 1


async def test_2_6_without_an_identity_it_does_not_start(stage: Stage) -> None:
    """STS is asked first; there is no way around it."""
    service = programs.Service("rds", _two_ports())
    process = await _start(service, programs.Place("http://127.0.0.1:1", stage.kubeconfig))
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"unable to determine account ID" in said


async def _start(service: programs.Service, place: programs.Place) -> asyncio.subprocess.Process:
    words = [sys.executable, *programs.command(service, place)[1:]]
    environment = {**os.environ, **programs.environment(place)}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*words, env=environment, cwd="/", stderr=pipe)


def _two_ports() -> int:
    """Return the first of two free ports, below those that the kernel gives to connections.

    A client that asks a port of the kernel's own before anybody listens may reach itself.
    """
    for port in range(20000 + os.getpid() % 5000 * 2, 32000, 2):
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port
    raise RuntimeError("no two ports are free")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own
            return bool(answer.status == 200)
    except OSError:
        return False
