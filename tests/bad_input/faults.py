# SPDX-License-Identifier: Apache-2.0
"""Takes from the cluster what a clone needs: room for pods, the shared database, its disk."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

import pytest

from local import shared_database
from local.demo.release import CLONES
from local.errors import CommandFailed
from local.mariadb import quote
from tests.bad_input import asking
from tests.bad_input.asking import Told
from tests.e2e.stage import Stage


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with the cluster, and what an empty clone is told meanwhile."""

    name: str
    reason: str
    says: tuple[str, ...]
    here: Callable[[Stage], AbstractContextManager[None]]
    heals: bool = True


@contextlib.contextmanager
def no_pods(stage: Stage) -> Iterator[None]:
    """Let a quota of the namespace refuse every new pod."""
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "no-pods", "namespace": CLONES},
        "spec": {"hard": {"pods": "0"}},
    }
    stage.cluster.kubectl("create", "-f-", stdin=json.dumps(quota))
    where = f"--namespace={CLONES}"
    used = lambda: "hard" in stage.cluster.get("resourcequota", "no-pods", where)["status"]  # noqa: E731
    stage.cluster.eventually(used, 20)
    try:
        yield
    finally:
        stage.cluster.kubectl("delete", "resourcequota", "no-pods", where)


@contextlib.contextmanager
def no_database(stage: Stage) -> Iterator[None]:
    """Stop the shared server."""
    daemons = stage.cluster.native.cluster.daemons
    daemons.stop(["mariadb"])
    try:
        yield
    finally:
        _serve(stage)


@contextlib.contextmanager
def no_entry(stage: Stage) -> Iterator[None]:
    """Let the shared server refuse the operator's password."""
    world = stage.cluster.native.world
    account = f"{quote(shared_database.PROVISIONER)}@'%'"
    server = shared_database.server(world)
    server.sql(f"ALTER USER {account} IDENTIFIED BY {quote(secrets.token_hex(16))}")
    try:
        yield
    finally:
        shared_database.prepare(world)


@contextlib.contextmanager
def no_room(stage: Stage) -> Iterator[None]:
    """Let new tables of the shared server lie in one file that may not grow, and fill it."""
    daemons = stage.cluster.native.cluster.daemons
    world = stage.cluster.native.world
    system = shared_database.server(world).data / "ibdata1"
    size = f"--innodb-data-file-path=ibdata1:{system.stat().st_size // 2**20}M"
    usual = shared_database.daemon(world)
    daemons.stop(["mariadb"])
    daemons.start(replace(usual, argv=(*usual.argv, "--innodb-file-per-table=0", size)))
    server = shared_database.server(world)
    daemons.await_ready("mariadb", server.ready, 60)
    server.sql("CREATE DATABASE filler; CREATE TABLE filler.f (a LONGBLOB);")
    # The last statement that fails has filled the file: large pieces first, small ones after.
    for bytes_each in (1_000_000, 100_000, 10_000):
        with contextlib.suppress(CommandFailed):
            insert = f"INSERT INTO filler.f VALUES (REPEAT('x', {bytes_each}));"
            server.sql(insert * 200)
    try:
        yield
    finally:
        daemons.stop(["mariadb"])
        _serve(stage)
        # Not before: even to drop a table takes room.
        server.sql("DROP DATABASE filler")


ALL: Final[dict[str, Fault]] = {
    "a quota that refuses pods": Fault(
        "no-pods",
        "PodQuotaExceeded",
        ("was not made, and is tried again", "exceeded quota: no-pods"),
        no_pods,
    ),
    "a shared database that is down": Fault(
        "database-down", "DatabaseUnavailable", ("shared cannot be reached",), no_database
    ),
    "a shared database that refuses us": Fault(
        "database-shut", "DatabaseUnavailable", ("shared refused the operator's login",), no_entry
    ),
    "a shared database that is full": Fault(
        "database-full", "DatabaseFull", ("has no room left",), no_room, heals=False
    ),
}


def ask_until(stage: Stage, fault: Fault, seconds: float = 120) -> dict[str, Told]:
    """Ask for an empty clone, and follow it until it is told of the fault."""
    begun = time.monotonic()
    told = asking.ask(stage, [asking.blank(fault.name)], 0)
    while told[fault.name].reason != fault.reason and time.monotonic() < begun + seconds:
        asking.look(stage, told, begun)
        time.sleep(0.3)
    return told


def await_available(stage: Stage, name: str, seconds: float) -> None:
    """Wait until a clone is available."""
    waiting = f"--timeout={seconds:.0f}s"
    wait = ["wait", "--for=condition=Ready", f"wordpressclone/{name}", f"--namespace={CLONES}"]
    done = stage.cluster.attempt(*wait, waiting, timeout=seconds + 10)
    if done.returncode:
        pytest.fail(f"{name}: {done.stderr}")


def _serve(stage: Stage) -> None:
    """Start the shared server as it was."""
    world = stage.cluster.native.world
    daemons = stage.cluster.native.cluster.daemons
    daemons.start(shared_database.daemon(world))
    daemons.await_ready("mariadb", shared_database.server(world).ready, 60)
