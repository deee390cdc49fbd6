# SPDX-License-Identifier: Apache-2.0
"""The stand-in as the local cluster starts it: a process with the flags of a real controller."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request

from local.ack import programs
from tests.integration.ack.apiserver import free_port
from tests.integration.ack.stage import Stage, database, eventually


async def test_2_6_a_controller_as_the_cluster_starts_it(stage: Stage) -> None:
    """It answers its probes, works for its namespace, and ends when asked."""
    service = programs.Service("rds", free_port())
    place = programs.Place(
        stage.front.url, stage.kubeconfig, namespaces=(stage.namespace,), requeue=0.3
    )
    command = [sys.executable, *programs.command(service, place)[1:]]
    environment = {**os.environ, **programs.environment(place)}
    with subprocess.Popen(command, env=environment, cwd="/", stderr=subprocess.PIPE) as process:
        try:

            async def ready() -> bool:
                assert process.poll() is None, (process.stderr or sys.stdin).read()
                return await asyncio.to_thread(_answers, service.health)

            await eventually(ready, "the program", 30)
            await stage.create("DBInstance", "db", database(stage))
            await stage.synced("DBInstance", "db")
        finally:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
    assert stage.front.calls["GetCallerIdentity"] == 1


async def test_2_6_without_an_identity_it_does_not_start(stage: Stage) -> None:
    """STS is asked first; there is no way around it."""
    service = programs.Service("rds", free_port())
    place = programs.Place(f"http://127.0.0.1:{free_port()}", stage.kubeconfig)
    command = [sys.executable, *programs.command(service, place)[1:]]
    environment = {**os.environ, **programs.environment(place)}
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"unable to determine account ID" in done.stderr


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own
            return bool(answer.status == 200)
    except OSError:
        return False
