# SPDX-License-Identifier: Apache-2.0
"""Holds what the kinds of RDS share: tags by ARN, and each other's addresses."""

from __future__ import annotations

from typing import Final

from local.ack import tags
from local.ack.kinds.manager import TAGS
from local.ack.kube import Kind
from local.ack.resource import Resource
from local.ack.scope import Scope

GROUP: Final = "rds.services.k8s.aws"
INSTANCE: Final = Kind(GROUP, "DBInstance", "dbinstances")
SNAPSHOT: Final = Kind(GROUP, "DBSnapshot", "dbsnapshots")
SUBNETS: Final = Kind(GROUP, "DBSubnetGroup", "dbsubnetgroups")
PARAMETERS: Final = Kind(GROUP, "DBParameterGroup", "dbparametergroups")
KEY: Final = Kind("kms.services.k8s.aws", "Key", "keys")
SECURITY_GROUP: Final = Kind("ec2.services.k8s.aws", "SecurityGroup", "securitygroups")
SUBNET: Final = Kind("ec2.services.k8s.aws", "Subnet", "subnets")


async def read_tags(one: Resource, scope: Scope) -> None:
    """Write the tags that AWS has into the object."""
    if one.arn:
        told = await scope.call("list_tags_for_resource", ResourceName=one.arn)
        found = tags.read(told["TagList"])
        one.spec[TAGS] = [{"key": key, "value": value} for key, value in sorted(found.items())]


async def sync_tags(want: Resource, seen: Resource, scope: Scope) -> None:
    """Add and remove tags in AWS."""
    added, removed = tags.change(scope.tags(want), tags.read(seen.spec.get(TAGS)))
    if removed:
        await scope.call("remove_tags_from_resource", ResourceName=seen.arn, TagKeys=removed)
    if added:
        listed = tags.listed(added)
        await scope.call("add_tags_to_resource", ResourceName=seen.arn, Tags=listed)
