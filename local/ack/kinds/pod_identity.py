# SPDX-License-Identifier: Apache-2.0
"""Manages which role the pods of a service account get."""

from __future__ import annotations

from typing import Any, Final

from local.ack import errors, names, tags
from local.ack.kinds import iam
from local.ack.kinds.manager import TAGS, Manager, differences, tags_differ
from local.ack.kube import Kind
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope

_GROUP: Final = "eks.services.k8s.aws"
_CLUSTER: Final = Kind(_GROUP, "Cluster", "clusters")
# Field of the spec: what AWS calls it.
_CHANGEABLE: Final = {
    "disableSessionTags": "disableSessionTags",
    "policy": "policy",
    "roleARN": "roleArn",
    "targetRoleARN": "targetRoleArn",
}
_SHOWN: Final = ("associationArn", "associationId", "createdAt", "externalId", "modifiedAt")


class PodIdentityAssociation(Manager):
    """An association of EKS between a service account and a role."""

    service = "eks"
    kind = Kind(_GROUP, "PodIdentityAssociation", "podidentityassociations")
    missing = frozenset({"NotFoundException", "ResourceNotFoundException"})
    late = ("disableSessionTags",)
    adopted_by = ("associationID", "clusterName")
    references = (
        Reference("clusterRef", "clusterName", _CLUSTER, ("spec", "name")),
        Reference("roleRef", "roleARN", iam.ROLE, iam.ARN),
        Reference("targetRoleRef", "targetRoleARN", iam.ROLE, iam.ARN),
    )

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the cluster and the association's number."""
        one.spec["clusterName"] = fields["clusterName"]
        one.status["associationID"] = fields["associationID"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the association; without its number there is none yet."""
        number = one.status.get("associationID")
        if not number:
            raise errors.Missing("resource not found")
        told = await scope.call(
            "describe_pod_identity_association",
            clusterName=one.spec.get("clusterName"),
            associationId=number,
        )
        _show(one, told["association"], scope)
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Create the association; AWS refuses a second one for a service account."""
        told = await scope.call(
            "create_pod_identity_association",
            clusterName=want.spec.get("clusterName"),
            namespace=want.spec["namespace"],
            serviceAccount=want.spec["serviceAccount"],
            tags=scope.tags(want),
            **_arguments(want),
        )
        made = want.copy()
        _show(made, told["association"], scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare what can be changed."""
        found = differences(want, seen, _CHANGEABLE, omitted=_CHANGEABLE)
        return frozenset(found | ({TAGS} if tags_differ(want, seen, scope) else set()))

    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change tags and role."""
        if TAGS in delta:
            added, removed = tags.change(scope.tags(want), tags.read(seen.spec.get(TAGS)))
            arn = seen.status["associationARN"]
            if removed:
                await scope.call("untag_resource", resourceArn=arn, tagKeys=removed)
            if added:
                await scope.call("tag_resource", resourceArn=arn, tags=added)
        if delta == {TAGS}:
            return
        told = await scope.call(
            "update_pod_identity_association",
            clusterName=want.spec.get("clusterName"),
            associationId=seen.status["associationID"],
            **_arguments(want),
        )
        _show(seen, told["association"], scope)

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Delete the association."""
        await scope.call(
            "delete_pod_identity_association",
            clusterName=seen.spec.get("clusterName"),
            associationId=seen.status["associationID"],
        )


def _arguments(want: Resource) -> dict[str, Any]:
    return {theirs: want.spec.get(field) for field, theirs in _CHANGEABLE.items()}


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    for field in ("clusterName", "namespace", "serviceAccount"):
        one.spec[field] = told[field]
    for field, theirs in _CHANGEABLE.items():
        one.spec.pop(field, None)
        if told.get(theirs) is not None:
            one.spec[field] = told[theirs]
    one.spec[TAGS] = tags.read(told.get("tags"))
    one.body["status"] = {
        "conditions": one.status.get("conditions") or [],
        "ackResourceMetadata": scope.metadata(told.get("associationArn")),
        **names.value({key: told[key] for key in _SHOWN if told.get(key) is not None}),
    }
