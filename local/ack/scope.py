# SPDX-License-Identifier: Apache-2.0
"""Bundles what a pass may reach: AWS at the right place, the cluster, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.ack import conditions, errors, tags
from local.ack.aws import Aws, Where
from local.ack.kube import Kube
from local.ack.resource import Resource
from local.ack.settings import Settings


@dataclass(frozen=True)
class Scope:
    """One pass' way to everything outside."""

    aws: Aws
    kube: Kube
    where: Where
    account: str
    settings: Settings
    now: str

    async def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call AWS."""
        return await self.aws.call(self.where, operation, **arguments)

    async def pages(self, operation: str, key: str, **arguments: Any) -> list[dict[str, Any]]:
        """Call AWS and return the items of all pages."""
        return await self.aws.pages(self.where, operation, key, **arguments)

    def tags(self, one: Resource) -> tags.Tags:
        """Return the tags that an object's resource should have."""
        extra = tags.defaults(self.settings.resource_tags, one, self.settings.service)
        return tags.wanted(one.spec.get("tags"), extra)

    def metadata(self, arn: str | None = None) -> dict[str, str]:
        """Return what every status says about where the resource is."""
        known = {"ownerAccountID": self.account, "region": self.where.region}
        return {"arn": arn, **known} if arn else known

    def crossing(self, one: Resource, namespace: str, what: str, name: str) -> str:
        """Return the namespace that a reference means, or refuse to leave the object's own."""
        if not namespace or namespace == one.namespace:
            return one.namespace
        if not self.settings.cross_namespace:
            raise errors.Refused(
                f"cross-namespace {what} to {namespace}/{name} is not allowed:"
                " --enable-cross-namespace is false"
            )
        message = (
            f'Cross-namespace {what} detected: resource in namespace "{one.namespace}" references'
            f' "{name}" in namespace "{namespace}". Cross-namespace behavior will be disabled by'
            " default in a future release. Set --enable-cross-namespace=true to preserve this"
            " behavior."
        )
        conditions.put(one, conditions.ADVISORY, "True", self.now, message=message)
        return namespace

    async def secret(self, one: Resource, reference: dict[str, str]) -> str:
        """Return the value that a Secret reference means; what is missing may still come."""
        name, key = reference.get("name", ""), reference["key"]
        given = reference.get("namespace", "")
        namespace = self.crossing(one, given, "secret reference", name)
        found = await self.kube.secret(namespace, name)
        if found is not None and found.type != "Opaque":
            raise errors.Again("only opaque secrets can be used")
        if found is None or key not in found.values:
            raise errors.Again("kubernetes secret not found")
        return found.values[key]
