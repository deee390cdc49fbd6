# SPDX-License-Identifier: Apache-2.0
"""Holds the Lease: one active operator per installation, and a fence for the others."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from wpclone import errors
from wpclone.controller import ports
from wpclone.controller.gateways.kubernetes import Api
from wpclone.controller.ports import Body, Clock
from wpclone.controller.settings import Timing

API_VERSION: Final = "coordination.k8s.io/v1"


def micro(when: datetime) -> str:
    """Return a time as a Lease holds it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Lease:
    """Ours or another's; judged by our own monotonic clock, never by the other's wall clock."""

    def __init__(  # noqa: PLR0913  one place builds it, by position and once
        self, api: Api, namespace: str, name: str, identity: str, timing: Timing, clock: Clock
    ) -> None:
        """Take where the Lease is, who we are, and how long things take."""
        self._api = api
        self._path = f"/apis/{API_VERSION}/namespaces/{namespace}/leases"
        self._namespace = namespace
        self._name = name
        self._identity = identity
        self._duration = timing.lease_duration.total_seconds()
        self._renew = timing.lease_renew.total_seconds()
        self._retry = timing.lease_retry.total_seconds()
        self._clock = clock
        self._seen = ""
        self._seen_at = 0.0
        self._held_until = float("-inf")

    def check(self) -> None:
        """Raise Fenced if the lease is not held for sure."""
        if self._clock.monotonic() >= self._held_until:
            raise errors.Fenced(f"the lease {self._name} is not held")

    async def acquire(self) -> None:
        """Return once the lease is ours."""
        while not await self._try():  # noqa: ASYNC110  another process holds it: no event comes
            await asyncio.sleep(self._retry)

    async def keep(self) -> None:
        """Renew for ever; raise Fenced once the lease is lost or could not be renewed in time."""
        while True:
            await asyncio.sleep(self._retry)
            if not await self._try():
                self.check()

    async def release(self) -> None:
        """Give the lease up, so that the next operator need not wait for it to run out."""
        self._held_until = float("-inf")
        found = await self._api.call("GET", f"{self._path}/{self._name}")
        if found["spec"].get("holderIdentity") == self._identity:
            found["spec"]["holderIdentity"] = ""
            await self._api.call("PUT", f"{self._path}/{self._name}", body=found)

    async def _try(self) -> bool:
        sent = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._renew):
                held = await self._write()
        except errors.Conflict:
            held = False  # somebody wrote between our read and our write: look again
        except ports.AlreadyThere:
            held = False
        except (errors.Transient, TimeoutError):
            return False
        if held:
            # Counted from the sending: the server's record cannot be older than that.
            self._held_until = sent + self._renew
        return held

    async def _write(self) -> bool:
        try:
            found = await self._api.call("GET", f"{self._path}/{self._name}")
        except errors.NotFound:
            await self._api.call("POST", self._path, body=self._new())
            return True
        if not self._may_take(found):
            self._held_until = float("-inf")
            return False
        await self._api.call("PUT", f"{self._path}/{self._name}", body=self._taken(found))
        return True

    def _may_take(self, found: Body) -> bool:
        holder = found["spec"].get("holderIdentity") or ""
        version = found["metadata"]["resourceVersion"]
        if version != self._seen:
            self._seen = version
            self._seen_at = self._clock.monotonic()
        silent = self._clock.monotonic() - self._seen_at
        return holder in {"", self._identity} or silent > self._duration

    def _taken(self, found: Body) -> Body:
        spec = dict(found["spec"])
        now = micro(self._clock.now())
        if spec.get("holderIdentity") != self._identity:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + 1
        spec |= {
            "holderIdentity": self._identity,
            "renewTime": now,
            "leaseDurationSeconds": max(1, round(self._duration)),
        }
        return {**found, "spec": spec}

    def _new(self) -> Body:
        now = micro(self._clock.now())
        return {
            "apiVersion": API_VERSION,
            "kind": "Lease",
            "metadata": {"name": self._name, "namespace": self._namespace},
            "spec": {
                "holderIdentity": self._identity,
                "acquireTime": now,
                "renewTime": now,
                "leaseDurationSeconds": max(1, round(self._duration)),
                "leaseTransitions": 0,
            },
        }
