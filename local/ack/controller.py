# SPDX-License-Identifier: Apache-2.0
"""Runs a service's controller: follows its kinds, and works through what has news."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from local.ack import errors, health, kinds, names, wishes
from local.ack.aws import Aws, Where
from local.ack.kinds.manager import Manager
from local.ack.kube import Kube, KubeError
from local.ack.one_pass import Next, Pass
from local.ack.resource import Resource
from local.ack.scope import Scope
from local.ack.settings import Settings
from local.ack.watching import Follower, Namespaces, matters
from local.ack.workqueue import Key, Workqueue

log = logging.getLogger(__name__)


class Controller:
    """One service's controller."""

    def __init__(self, settings: Settings, kube: Kube, aws: Aws) -> None:
        """Take the settings and the ways outside."""
        self._settings = settings
        self._kube = kube
        self._aws = aws
        self._account = ""
        self._namespaces = Namespaces(kube)
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Learn who we are, then work until cancelled; an error of AWS at the start ends it."""
        home = Where(self._settings.region, self._settings.identity_endpoint)
        self._account = await self._aws.account(home)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._namespaces.run())
            await self._namespaces.listed.wait()
            for manager in kinds.of(self._settings.service, self._settings.kinds):
                self._begin(group, manager)
            self.ready.set()

    def _begin(self, group: asyncio.TaskGroup, manager: Manager) -> None:
        queue = Workqueue()

        def news(before: Resource | None, now: Resource) -> None:
            if matters(before, now):
                queue.add((now.namespace, now.name))

        for namespace in self._settings.namespaces:
            group.create_task(Follower(self._kube, manager.kind, namespace).run(news))
        for _ in range(self._settings.workers(manager.kind.name)):
            group.create_task(self._work(manager, queue))

    async def _work(self, manager: Manager, queue: Workqueue) -> None:
        while True:
            key = await queue.get()
            try:
                then = await self._one(manager, key)
            except KubeError as error:
                log.warning("%s %s/%s: %s", manager.kind.name, *key, error)
                then = Next(limited=True)
            except Exception:  # the one net: a bug in one pass must not end the controller
                log.exception("%s %s/%s", manager.kind.name, *key)
                then = Next(limited=True)
            if then.limited:
                queue.add_limited(key)
            else:
                queue.forget(key)
                if then.after is not None:
                    queue.add_after(key, then.after)
            queue.done(key)

    async def _one(self, manager: Manager, key: Key) -> Next:
        stored = await self._kube.get(manager.kind, *key)
        if stored is None:
            return Next()
        settings, around = self._settings, self._namespaces.annotations(stored.namespace)
        where = Where(
            wishes.region(stored, around, settings.region),
            wishes.endpoint(around, settings.endpoint),
        )
        now = names.moment(datetime.now(UTC))
        scope = Scope(self._aws, self._kube, where, self._account, settings, now)
        service, default = settings.service, settings.deletion_policy
        policy = wishes.deletion(stored, around, service, default)
        then = await Pass(manager, scope, stored, policy).run()
        log.info("%s %s/%s: %s", manager.kind.name, *key, then)
        return then


async def run(settings: Settings) -> None:
    """Connect and run; what AWS refuses at the start is raised as a sentence."""
    kube = await Kube.connect(settings.kubeconfig, f"ack-{settings.service}-stand-in")
    try:
        controller = Controller(settings, kube, Aws(settings.service))
        async with health.answering(settings.health, settings.metrics, controller.ready.is_set):
            await controller.run()
    except errors.Ending as error:
        raise SystemExit(f"unable to determine account ID: {error}") from error
    finally:
        await kube.close()
