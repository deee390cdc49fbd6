# SPDX-License-Identifier: Apache-2.0
"""Offers what a story about a controller needs: a namespace, its objects, AWS, and patience."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3

from local.ack import settings
from local.ack.aws import Aws
from local.ack.conditions import SYNCED
from local.ack.controller import Controller
from local.ack.kinds import ALL
from local.ack.kube import NAMESPACES, SECRETS, Kind, Kube
from local.ack.resource import Body, Resource
from tests.integration.ack.front import Front

SECONDS = 20.0
KINDS = {one.kind.name: one.kind for one in ALL}
Story = Callable[[Resource], bool]


class Admin(Kube):
    """A client that may also create and delete, as people do."""

    async def create(self, kind: Kind, body: Body, namespace: str = "") -> Resource:
        """Create an object."""
        return Resource(await self._other("POST", kind.path(namespace), body))

    async def delete(self, kind: Kind, namespace: str, name: str) -> None:
        """Ask for an object's end."""
        await self._other("DELETE", kind.path(namespace, name))

    async def _other(self, method: str, path: str, body: Any = None) -> Body:
        found: Body = await self._api.call_api(
            path,
            method,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            response_types_map={200: "object", 201: "object", 202: "object"},
            auth_settings=["BearerToken"],
            _return_http_data_only=True,
        )
        return found


@dataclass
class Stage:
    """One namespace, one AWS."""

    admin: Admin
    front: Front
    namespace: str
    kubeconfig: Path

    def named(self, name: str) -> str:
        """Return a name that no other story has in AWS."""
        return f"{self.namespace}-{name}"

    def aws(self, service: str) -> Any:
        """Return a client of the AWS behind the front."""
        behind = self.front.behind
        return _session().client(service, endpoint_url=behind, region_name="us-east-1")

    @asynccontextmanager
    async def controller(self, service: str, *flags: str) -> AsyncIterator[Controller]:
        """Run a stand-in for this namespace until the context ends; it looks again quickly."""
        told = settings.read(
            [
                service,
                "--aws-region=us-east-1",
                f"--aws-endpoint-url={self.front.url}",
                "--allow-unsafe-aws-endpoint-urls",
                f"--watch-namespace={self.namespace}",
                "--requeue-seconds=0.3",
                *flags,
            ]
        )
        kube = await Kube.connect(self.kubeconfig, "stand-in")
        controller = Controller(told, kube, Aws(service, _session()))
        task = asyncio.create_task(controller.run())
        ready = asyncio.create_task(controller.ready.wait())
        try:
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=SECONDS)
            assert controller.ready.is_set(), "the controller did not start"
            yield controller
        finally:
            for each in (task, ready):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each
            await kube.close()

    async def create(
        self,
        kind: str,
        name: str,
        spec: Body,
        notes: Mapping[str, str] | None = None,
        labels: Body | None = None,
    ) -> Resource:
        """Create an object of ACK; `notes` are annotations by what they are called below."""
        return await self.admin.create(
            KINDS[kind],
            {
                "apiVersion": f"{KINDS[kind].group}/v1alpha1",
                "kind": kind,
                "metadata": {
                    "name": name,
                    "annotations": named(notes or {}),
                    "labels": labels or {},
                },
                "spec": spec,
            },
            self.namespace,
        )

    async def secret(
        self, name: str, kind: str = "Opaque", namespace: str = "", **values: str
    ) -> None:
        """Create a Secret."""
        body = {"metadata": {"name": name}, "type": kind, "data": _coded(values)}
        await self.admin.create(SECRETS, body, namespace or self.namespace)

    async def edit_secret(self, name: str, **values: str) -> None:
        """Change a Secret's values."""
        one = Resource({"metadata": {"namespace": self.namespace, "name": name}})
        await self.admin.patch(SECRETS, one, {"data": _coded(values)})

    async def patch(self, kind: str, name: str, patch: Body) -> Resource:
        """Change an object."""
        one = Resource({"metadata": {"namespace": self.namespace, "name": name}})
        return await self.admin.patch(KINDS[kind], one, patch)

    async def annotate(self, kind: str, name: str, **notes: str) -> None:
        """Change an object's annotations."""
        await self.patch(kind, name, {"metadata": {"annotations": named(notes)}})

    async def annotate_namespace(self, notes: Body) -> None:
        """Change the namespace's annotations."""
        one = Resource({"metadata": {"namespace": "", "name": self.namespace}})
        await self.admin.patch(NAMESPACES, one, {"metadata": {"annotations": notes}})

    async def delete(self, kind: str, name: str) -> None:
        """Ask for an object's end."""
        await self.admin.delete(KINDS[kind], self.namespace, name)

    async def get(self, kind: str, name: str) -> Resource | None:
        """Return an object."""
        return await self.admin.get(KINDS[kind], self.namespace, name)

    async def until(self, kind: str, name: str, holds: Story) -> Resource:
        """Wait until an object is as told, and return it."""
        found = await eventually(partial(self._seen, kind, name, holds), f"{kind} {name}")
        assert isinstance(found, Resource)
        return found

    async def synced(self, kind: str, name: str) -> Resource:
        """Wait until an object is in sync."""
        return await self.until(kind, name, says(SYNCED, "True"))

    async def gone(self, kind: str, name: str) -> None:
        """Wait until an object is gone."""

        async def away() -> bool:
            return await self.get(kind, name) is None

        await eventually(away, f"{kind} {name} to go")

    async def _seen(self, kind: str, name: str, holds: Story) -> Resource | None:
        found = await self.get(kind, name)
        return found if found is not None and holds(found) else None


def database(stage: Stage, name: str = "db", **more: Any) -> Body:
    """Return a small database's spec."""
    return {
        "dbInstanceIdentifier": stage.named(name),
        "dbInstanceClass": "db.t4g.micro",
        "engine": "mysql",
        "engineVersion": "8.0",
        "allocatedStorage": 20,
        "masterUsername": "admin",
        "manageMasterUserPassword": True,
        **more,
    }


@cache
def _session() -> boto3.Session:
    """Return the one session of all tests: reading AWS' models takes half a second."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")


def _coded(values: dict[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}


def named(notes: Mapping[str, str]) -> dict[str, str]:
    """Return annotations by their full names: `rds_…` are those of RDS, the others ACK's."""
    full = {}
    for key, value in notes.items():
        service, _, rest = key.partition("_")
        own = service == "rds"
        prefix = "rds.services.k8s.aws" if own else "services.k8s.aws"
        full[f"{prefix}/{(rest if own else key).replace('_', '-')}"] = value
    return full


def condition(one: Resource, kind: str) -> Body:
    """Return a condition, or an empty one."""
    found: list[Body] = one.status.get("conditions") or []
    return next((each for each in found if each["type"] == kind), {})


def says(kind: str, status: str, text: str = "") -> Story:
    """Return whether a condition has a status, and a text in its message or reason."""

    def holds(one: Resource) -> bool:
        found = condition(one, kind)
        said = f"{found.get('message', '')} {found.get('reason', '')}"
        return found.get("status") == status and text in said

    return holds


async def eventually(question: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Ask until the answer is yes, and return it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = await question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.05)  # the API server tells watchers only; a test may just ask


async def silence(seconds: float) -> None:
    """Give a controller time to do what it must not do: nothing tells that nothing happens."""
    await asyncio.sleep(seconds)
