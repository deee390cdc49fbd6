# SPDX-License-Identifier: Apache-2.0
"""Manages the groups of subnets that databases are placed in."""

from __future__ import annotations

from typing import Any

from local.ack import errors, names, tags
from local.ack.kinds import rds
from local.ack.kinds.manager import TAGS, Manager, differences, tags_differ
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope


class DBSubnetGroup(Manager):
    """A group of subnets."""

    service = "rds"
    kind = rds.SUBNETS
    missing = frozenset({"DBSubnetGroupNotFound", "DBSubnetGroupNotFoundFault"})
    terminal = frozenset(
        {
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "InvalidParameter",
            "InvalidParameterCombination",
            "InvalidParameterValue",
            "InvalidSubnet",
            "SubnetAlreadyInUse",
        }
    )
    adopted_by = ("name",)
    references = (
        Reference("subnetRefs", "subnetIDs", rds.SUBNET, ("status", "subnetID"), many=True),
    )

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the name."""
        one.spec["name"] = fields["name"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the one group."""
        told = await scope.call("describe_db_subnet_groups", DBSubnetGroupName=one.spec["name"])
        if not told["DBSubnetGroups"]:
            raise errors.Missing("resource not found")
        _show(one, told["DBSubnetGroups"][0], scope)
        await rds.read_tags(one, scope)
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Create the group."""
        told = await scope.call(
            "create_db_subnet_group",
            DBSubnetGroupName=want.spec["name"],
            DBSubnetGroupDescription=want.spec["description"],
            SubnetIds=want.spec.get("subnetIDs") or [],
            Tags=tags.listed(scope.tags(want)),
        )
        made = want.copy()
        _show(made, told["DBSubnetGroup"], scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare description, subnets and tags."""
        found = differences(want, seen, ("description", "subnetIDs"), unordered=["subnetIDs"])
        return frozenset(found | ({TAGS} if tags_differ(want, seen, scope) else set()))

    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change the group."""
        if TAGS in delta:
            await rds.sync_tags(want, seen, scope)
        if delta == {TAGS}:
            return
        told = await scope.call(
            "modify_db_subnet_group",
            DBSubnetGroupName=want.spec["name"],
            DBSubnetGroupDescription=want.spec["description"],
            SubnetIds=want.spec.get("subnetIDs") or [],
        )
        _show(seen, told["DBSubnetGroup"], scope)

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Delete the group; AWS refuses while a database is in it."""
        await scope.call("delete_db_subnet_group", DBSubnetGroupName=seen.spec["name"])


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    one.spec["description"] = told["DBSubnetGroupDescription"]
    subnets = told.get("Subnets") or []
    one.spec["subnetIDs"] = [each["SubnetIdentifier"] for each in subnets]
    shown = names.value({"SubnetGroupStatus": told.get("SubnetGroupStatus")})
    one.body["status"] = {
        "conditions": one.status.get("conditions") or [],
        "ackResourceMetadata": scope.metadata(told.get("DBSubnetGroupArn")),
        **shown,
        "vpcID": told.get("VpcId") or "",
    }
