# SPDX-License-Identifier: Apache-2.0
"""Runs the operator: watches at once, works once the lease is held, stops in order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import kopf

from wpclone import errors
from wpclone.api import clones
from wpclone.controller import ports, telemetry
from wpclone.controller.app import health, shell
from wpclone.controller.gateways import kubernetes
from wpclone.controller.gateways.clock import ServerClock
from wpclone.controller.gateways.cluster import KubernetesCluster
from wpclone.controller.gateways.database import MySQLDatabase
from wpclone.controller.gateways.lease import Lease
from wpclone.controller.gateways.masks import SecretMasks
from wpclone.controller.gateways.route import PublicRoute
from wpclone.controller.plan.seen import Seen
from wpclone.controller.ports import Next
from wpclone.controller.queue import Keyed, resync
from wpclone.controller.reconcile import one_pass, parse
from wpclone.controller.reconcile.ledger import Ledger
from wpclone.controller.reconcile.world import World
from wpclone.controller.settings import Settings
from wpclone.controller.triggers import News, registry

WORKERS: Final = 32
GRAPH_POLL: Final = 15.0
AWAY: Final = 2.0  # an API server that restarts is back within seconds

log = telemetry.logger("app")


class Restart(Exception):  # noqa: N818  no error: the way to begin anew
    """Something arrived that only a new process can watch."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the operator is made of."""

    settings: Settings
    cluster: KubernetesCluster
    lease: Lease
    world: World
    queue: Keyed
    news: News
    health: health.Health


async def operate(settings: Settings) -> None:
    """Run until told to stop, or until the lease is lost."""
    api = await kubernetes.connect()
    try:
        clock = ServerClock()
        parts = build(settings, kubernetes.Api(api, clock), clock)
        # Probes are answered while the API server is away: being killed would not bring it back.
        ready = asyncio.Event()
        await _until_one_ends(
            [
                asyncio.create_task(_work(parts, ready)),
                asyncio.create_task(_told_to_stop(ready)),
                asyncio.create_task(health.serve(parts.health)),
            ]
        )
    finally:
        await api.close()


async def _work(parts: Parts, ready: asyncio.Event) -> None:
    """Watch and lead as soon as the API server is there and knows what a clone is."""
    await _clones_known(parts)
    graph = await _graph_known(parts)
    tasks = [
        asyncio.create_task(_lead(parts)),
        asyncio.create_task(_watch(parts, ready, graph=graph)),
    ]
    if not graph:
        tasks.append(asyncio.create_task(_await_graph(parts)))
    await _until_one_ends(tasks)


def build(settings: Settings, api: kubernetes.Api, clock: ServerClock) -> Parts:
    """Return everything, wired."""
    lease = Lease(
        api,
        settings.namespace_of_lease,
        f"wpclone-{settings.installation}",
        _identity(),
        settings.timing,
        clock,
    )
    cluster = KubernetesCluster(api, settings.watch_namespace, lease)

    async def work(name: str) -> Next:
        return await one_pass.work(name, world)

    queue = Keyed(work, workers=WORKERS, jitter=random.random)
    world = World(
        cluster=cluster,
        database=MySQLDatabase(settings, lease),
        route=PublicRoute(settings.ingress),
        clock=clock,
        fence=lease,
        masks=SecretMasks(api, settings.namespace_of_lease, settings.installation, lease),
        settings=settings,
        ledger=Ledger(settings.inspections.slots, settings.imports.slots, queue.nudge),
    )
    news = News()
    judge = health.Health(queue.oldest, news.versions.get)
    return Parts(settings, cluster, lease, world, queue, news, judge)


def _identity() -> str:
    """Return who we are to the Lease: a pod by its name, so that its next container is at once."""
    host = socket.gethostname()
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return host
    # Outside a cluster two processes of one host may meet.
    return f"{host}-{random.getrandbits(32):08x}"


async def _told_to_stop(ready: asyncio.Event) -> None:
    """Return once a signal asks us to stop: before Kopf starts, and after it has.

    Kopf takes the signals for itself and seconds to go, with us at work and the lease held.
    """
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def listen() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)

    async def again() -> None:
        await ready.wait()
        listen()

    listen()
    afterwards = asyncio.create_task(again())
    try:
        await asked.wait()
    finally:
        afterwards.cancel()
    log.info("told to stop")


async def _watch(parts: Parts, ready: asyncio.Event, *, graph: bool) -> None:
    await kopf.operator(
        registry=registry(parts.queue, parts.news, graph=graph),
        settings=shell.settings(parts.settings),
        namespaces=[parts.settings.watch_namespace],
        standalone=True,
        ready_flag=ready,
    )


async def _lead(parts: Parts) -> None:
    parts.health.started = True  # a standby is ready, too
    log.info("waiting for the lease")
    await parts.lease.acquire()
    try:
        log.info("leading")
        async with asyncio.TaskGroup() as group:
            # First of all: everything below takes time, and the lease does not wait.
            group.create_task(parts.lease.keep())
            await _seed(parts)
            group.create_task(parts.queue.run())
            group.create_task(_resync(parts))
    finally:
        await _release(parts.lease)


async def _release(lease: Lease) -> None:
    try:
        async with asyncio.timeout(3):
            await lease.release()
    except (errors.WPCloneError, TimeoutError):
        log.info("the lease runs out by itself")


async def _resync(parts: Parts) -> None:
    async def listed() -> Iterable[str]:
        found = await parts.cluster.list(ports.CLONE)
        versions = {
            body["metadata"]["name"]: str(body["metadata"]["resourceVersion"]) for body in found
        }
        parts.health.listed(versions, asyncio.get_running_loop().time())
        return versions

    every = parts.settings.timing.resync.total_seconds()
    await resync.forever(parts.queue, listed, lambda: list(parts.world.ledger.known), every)


async def _seed(parts: Parts) -> None:
    """Enter what all clones have before the first of them asks for a slot or a host."""
    ledger = parts.world.ledger
    for body in await parts.cluster.list(ports.CLONE):
        meta = clones.metadata(body)
        seen = Seen(parts.world.clock.now(), parts.settings, meta, None, clones.status(body))
        ledger.known.add(meta.name)
        resolved = seen.status.resolved
        if resolved and resolved.host and seen.status.recoverable_until is None:
            ledger.hosts.enter(meta.name, meta.created, resolved.host, settled=True)
    try:
        sites = await parts.cluster.list(ports.SITE)
    except ports.KindMissing:
        return
    for body in sites:
        if not body["spec"].get("imported") and not parse.deleting(body):
            ledger.imports.hold(str(body["spec"].get("clone", "")))


async def _clones_known(parts: Parts) -> None:
    while True:
        try:
            await parts.cluster.list(ports.CLONE)
        except ports.KindMissing:
            log.warning("WordPressClone is unknown here; install the chart wordpress-clone-cluster")
        except errors.Transient as error:
            log.warning("the API server is away", said=str(error)[:300])
            await asyncio.sleep(AWAY)
            continue
        except errors.Refused as error:
            log.warning("clones cannot be listed", said=str(error)[:300])
        else:
            return
        await asyncio.sleep(GRAPH_POLL)


async def _graph_known(parts: Parts) -> bool:
    try:
        await parts.cluster.list(ports.SITE)
    except ports.KindMissing:
        return False
    return True


async def _await_graph(parts: Parts) -> None:
    log.warning("SharedDatabaseSite is not known here yet")
    while True:
        await asyncio.sleep(GRAPH_POLL)
        if await _graph_known(parts):
            raise Restart("SharedDatabaseSite has arrived, and has to be watched from the start")


async def _until_one_ends(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the first to end, and end the others in order: the lease is given up first."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    for task in done:
        task.result()
