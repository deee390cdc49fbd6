# SPDX-License-Identifier: Apache-2.0
"""A whole world in memory: one operator, its neighbours, and time that jumps."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.fakes.cluster import FakeCluster, utc
from tests.fakes.controllers import Controllers
from tests.fakes.others import FakeClock, FakeDatabase, FakeMasks, FakeRoute, OpenFence
from wpclone.api import labels, names
from wpclone.api.clones import API_VERSION, KIND
from wpclone.controller import ports
from wpclone.controller.ports import Body, Next
from wpclone.controller.reconcile import one_pass
from wpclone.controller.reconcile.ledger import Ledger
from wpclone.controller.reconcile.world import Tails, World
from wpclone.controller.settings import Settings

START = utc(2026, 11, 25, 12, 0, 0)
SITE = {"site": {"url": "https://www.acme.example", "credentialsRef": {"name": "acme-admin"}}}


def settings(**changes: Any) -> Settings:
    """Return the settings of a small installation."""
    return Settings.model_validate(
        {
            "watchNamespace": "staging",
            "installation": "test",
            "domain": "clones.test",
            "images": {"site": "site:1", "mover": "mover:1"},
            "guardConfigMap": "guard-1",
            "ingress": {"className": "skipper", "tlsSecret": "clones-tls"},
            "storage": {"className": "local"},
            "databases": [{"name": "shared", "host": "db.test", "secretDir": "/nowhere"}],
            **changes,
        }
    )


def clone(name: str = "acme", **spec: Any) -> Body:
    """Return a WordPressClone as a person writes it."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "annotations": {}, "labels": {}},
        "spec": {"source": SITE, **spec},
    }


@dataclass
class Stage:
    """Everything a whole-pass test touches."""

    settings: Settings = field(default_factory=settings)

    def __post_init__(self) -> None:
        """Build the neighbours and start the operator."""
        self.clock = FakeClock(START)
        self.cluster = FakeCluster(self.clock.now)
        self.database = FakeDatabase(tuple(s.name for s in self.settings.databases))
        self.controllers = Controllers(self.cluster)
        self.route = FakeRoute(self.controllers.leads)
        self.fence = OpenFence()
        self.woken: list[str] = []
        self.restart()

    def restart(self) -> None:
        """Forget everything that is only in memory."""
        self.world = World(
            cluster=self.cluster,
            database=self.database,
            route=self.route,
            clock=self.clock,
            fence=self.fence,
            masks=FakeMasks(),
            settings=self.settings,
            ledger=Ledger(
                self.settings.inspections.slots, self.settings.imports.slots, self.woken.append
            ),
            tails=Tails(),
        )

    def login(self, name: str = "acme-admin", **changes: Any) -> Body:
        """Put the source's Secret there."""
        body: Body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "labels": {labels.SOURCE: "true"}},
            "stringData": {"username": "admin", "password": "canary-source-password"},
        }
        body.update(changes)
        return self.cluster.put(body)

    def apply(self, name: str = "acme", **spec: Any) -> Body:
        """Let a person apply a clone."""
        return self.cluster.put(clone(name, **spec))

    def edit(self, name: str = "acme", **spec: Any) -> None:
        """Let a person change the spec."""
        self.cluster.change(ports.CLONE, name, lambda body: body["spec"].update(spec))

    def annotate(self, name: str = "acme", **marks: str) -> None:
        """Let a person set annotations of ours."""
        full = {f"{labels.GROUP}/{key}": value for key, value in marks.items()}
        self.cluster.change(
            ports.CLONE, name, lambda body: body["metadata"]["annotations"].update(full)
        )

    def delete(self, name: str = "acme") -> None:
        """Let a person delete a clone."""
        self.cluster.remove(ports.CLONE, name)

    async def once(self, name: str = "acme") -> Next:
        """Run one pass."""
        return await one_pass.work(name, self.world)

    async def run(
        self,
        until: Callable[[Stage], bool],
        name: str = "acme",
        *,
        passes: int = 80,
    ) -> None:
        """Run passes, letting controllers act and time pass between them."""
        for _ in range(passes):
            if until(self):
                return
            then = await self.once(name)
            self.controllers.step()
            self.clock.advance(min(then.after if then.after is not None else 1.0, 30.0) or 0.01)
        raise AssertionError(f"not reached; {name} is {self.reason(name)}: {self.message(name)}")

    async def available(self, name: str = "acme", **spec: Any) -> None:
        """Take a clone from applied to available."""
        if ("secrets", "acme-admin") not in self.cluster.objects:
            self.login()
        self.apply(name, **spec)
        await self.run(lambda world: world.reason(name) == "Available", name)

    def status(self, name: str = "acme") -> Body:
        """Return the stored status."""
        found = self.cluster.objects.get(("wordpressclones", name), {})
        return copy.deepcopy(found.get("status") or {})

    def condition(self, kind: str, name: str = "acme") -> Body:
        """Return a stored condition, or an empty one."""
        found = self.status(name).get("conditions", [])
        return next((known for known in found if known["type"] == kind), {})

    def reason(self, name: str = "acme") -> str:
        """Return the reason of Ready."""
        return str(self.condition("Ready", name).get("reason", ""))

    def message(self, name: str = "acme") -> str:
        """Return the message of Ready."""
        return str(self.condition("Ready", name).get("message", ""))

    def gone(self, name: str = "acme") -> bool:
        """Whether there is no such clone."""
        return ("wordpressclones", name) not in self.cluster.objects

    def left(self) -> list[tuple[str, str]]:
        """Return what is left beside clones, sources' Secrets and Events."""
        return [
            key
            for key, body in self.cluster.objects.items()
            if labels.UID in (body["metadata"].get("labels") or {})
        ]

    def database_name(self, name: str = "acme") -> str:
        """Return the name of a clone's schema."""
        return names.database(self.cluster.objects["wordpressclones", name]["metadata"]["uid"])

    def secret_values(self, name: str) -> dict[str, str]:
        """Return what stands in a Secret."""
        data = self.cluster.objects["secrets", name]["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    async def ahead(self, **length: float) -> None:
        """Let time pass, and run a pass."""
        self.clock.advance(timedelta(**length).total_seconds())
        await self.once()
