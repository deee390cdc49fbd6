# SPDX-License-Identifier: Apache-2.0
"""Manages policies: a changed document is a new version, and AWS keeps five of them."""

from __future__ import annotations

from typing import Any, Final

from local.ack import errors, names, tags
from local.ack.kinds import iam
from local.ack.kinds.manager import TAGS, Manager, tags_differ
from local.ack.resource import Resource
from local.ack.scope import Scope

DOCUMENT: Final = "policyDocument"
VERSIONS: Final = 5
_SHOWN: Final = (
    "AttachmentCount",
    "CreateDate",
    "DefaultVersionId",
    "IsAttachable",
    "PolicyId",
    "UpdateDate",
)


class Policy(Manager):
    """A policy of IAM."""

    service = "iam"
    kind = iam.POLICY
    missing = iam.MISSING
    terminal = iam.TERMINAL
    late = ("path",)
    adopted_by = ("arn",)

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the ARN: AWS finds a policy by nothing else."""
        one.status.setdefault("ackResourceMetadata", {})["arn"] = fields["arn"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the policy and its document; without an ARN there is none yet."""
        if not one.arn:
            raise errors.Missing("resource not found")
        told = (await scope.call("get_policy", PolicyArn=one.arn))["Policy"]
        version = await scope.call(
            "get_policy_version", PolicyArn=one.arn, VersionId=told["DefaultVersionId"]
        )
        _show(one, told, scope)
        one.spec[DOCUMENT] = iam.text(version["PolicyVersion"]["Document"])
        found = tags.read(told.get("Tags"))
        one.spec[TAGS] = [{"key": key, "value": value} for key, value in sorted(found.items())]
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Create the policy."""
        told = await scope.call(
            "create_policy",
            PolicyName=want.spec["name"],
            PolicyDocument=want.spec[DOCUMENT],
            Description=want.spec.get("description"),
            Path=want.spec.get("path"),
            Tags=tags.listed(scope.tags(want)),
        )
        made = want.copy()
        _show(made, told["Policy"], scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare the document by what it says, and the tags; nothing else can be changed."""
        found = set() if iam.same(want.spec[DOCUMENT], seen.spec[DOCUMENT]) else {DOCUMENT}
        return frozenset(found | ({TAGS} if tags_differ(want, seen, scope) else set()))

    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change tags, and make a new version of the document."""
        arn = seen.arn
        if TAGS in delta:
            added, removed = tags.change(scope.tags(want), tags.read(seen.spec.get(TAGS)))
            if removed:
                await scope.call("untag_policy", PolicyArn=arn, TagKeys=removed)
            if added:
                await scope.call("tag_policy", PolicyArn=arn, Tags=tags.listed(added))
        if DOCUMENT in delta:
            others = await _versions(arn, scope)
            if len(others) >= VERSIONS - 1:
                await scope.call("delete_policy_version", PolicyArn=arn, VersionId=others[0])
            await scope.call(
                "create_policy_version",
                PolicyArn=arn,
                PolicyDocument=want.spec[DOCUMENT],
                SetAsDefault=True,
            )

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Delete the old versions, then the policy."""
        for version in await _versions(seen.arn, scope):
            await scope.call("delete_policy_version", PolicyArn=seen.arn, VersionId=version)
        await scope.call("delete_policy", PolicyArn=seen.arn)


async def _versions(arn: str, scope: Scope) -> list[str]:
    """Return the versions that are not in force, oldest first."""
    found = await scope.pages("list_policy_versions", "Versions", PolicyArn=arn)
    old = [str(one["VersionId"]) for one in found if not one["IsDefaultVersion"]]
    return sorted(old, key=lambda version: int(version.removeprefix("v")))


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    if told.get("Path"):
        one.spec["path"] = told["Path"]
    one.body["status"] = {
        "conditions": one.status.get("conditions") or [],
        "ackResourceMetadata": scope.metadata(told["Arn"]),
        **names.value({key: told[key] for key in _SHOWN if key in told}),
    }
