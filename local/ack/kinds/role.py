# SPDX-License-Identifier: Apache-2.0
"""Manages roles with the policies that are attached to them and those they hold."""

from __future__ import annotations

from typing import Any, Final

from local.ack import names, tags
from local.ack.kinds import iam
from local.ack.kinds.manager import TAGS, Manager, differences, out_of_sync, tags_differ
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope

TRUST: Final = "assumeRolePolicyDocument"
_SETTINGS: Final = ("description", "maxSessionDuration")
_BOUNDARY, _ATTACHED, _INLINE = "permissionsBoundary", "policies", "inlinePolicies"


class Role(Manager):
    """A role of IAM."""

    service = "iam"
    kind = iam.ROLE
    missing = iam.MISSING
    terminal = iam.TERMINAL
    late = ("maxSessionDuration", "path")
    adopted_by = ("name",)
    references = (
        Reference("permissionsBoundaryRef", _BOUNDARY, iam.POLICY, iam.ARN),
        Reference("policyRefs", _ATTACHED, iam.POLICY, iam.ARN, many=True),
    )

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the name."""
        one.spec["name"] = fields["name"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the role, and for its policies."""
        name = one.spec["name"]
        told = (await scope.call("get_role", RoleName=name))["Role"]
        _show(one, told, scope)
        attached = await scope.pages(
            "list_attached_role_policies", "AttachedPolicies", RoleName=name
        )
        one.spec[_ATTACHED] = [each["PolicyArn"] for each in attached]
        listed = await scope.pages("list_role_policies", "PolicyNames", RoleName=name)
        one.spec[_INLINE] = {str(each): await _inline(name, str(each), scope) for each in listed}
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Create the role and give it its policies; it counts as in sync at the next look."""
        told = await scope.call(
            "create_role",
            RoleName=want.spec["name"],
            AssumeRolePolicyDocument=want.spec[TRUST],
            Description=want.spec.get("description"),
            MaxSessionDuration=want.spec.get("maxSessionDuration"),
            Path=want.spec.get("path"),
            PermissionsBoundary=want.spec.get(_BOUNDARY),
            Tags=tags.listed(scope.tags(want)),
        )
        made = want.copy()
        _show(made, told["Role"], scope)
        # If a policy is refused, the role is there all the same, and the status says so.
        want.body["status"] = made.copy().status
        bare = Resource({"metadata": {}, "spec": {}})
        await _sync_attached(want, bare, scope)
        await _sync_inline(want, bare, scope)
        out_of_sync(made, scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare settings, documents by what they say, and policies as sets."""
        found = differences(want, seen, _SETTINGS, omitted=["description"])
        if not iam.same(want.spec[TRUST], seen.spec[TRUST]):
            found.add(TRUST)
        if want.spec.get(_BOUNDARY) != seen.spec.get(_BOUNDARY):
            found.add(_BOUNDARY)
        if set(want.spec.get(_ATTACHED) or []) != set(seen.spec[_ATTACHED]):
            found.add(_ATTACHED)
        if _documents(want) != _documents(seen):
            found.add(_INLINE)
        if tags_differ(want, seen, scope):
            found.add(TAGS)
        return frozenset(found)

    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change what differs, call by call."""
        name = want.spec["name"]
        if TAGS in delta:
            await _sync_tags(want, seen, scope)
        if _ATTACHED in delta:
            await _sync_attached(want, seen, scope)
        if _INLINE in delta:
            await _sync_inline(want, seen, scope)
        if _BOUNDARY in delta:
            await _sync_boundary(want, scope)
        if TRUST in delta:
            await scope.call(
                "update_assume_role_policy", RoleName=name, PolicyDocument=want.spec[TRUST]
            )
        if delta & set(_SETTINGS):
            await scope.call(
                "update_role",
                RoleName=name,
                Description=want.spec.get("description"),
                MaxSessionDuration=want.spec.get("maxSessionDuration"),
            )

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Take the role's policies away, then the role; instance profiles are not looked for."""
        bare = Resource({"metadata": {}, "spec": {"name": seen.spec["name"]}})
        await _sync_attached(bare, seen, scope)
        await _sync_inline(bare, seen, scope)
        await scope.call("delete_role", RoleName=seen.spec["name"])


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    one.spec[TRUST] = iam.text(told["AssumeRolePolicyDocument"])
    one.spec.pop("description", None)
    for key in ("Description", "MaxSessionDuration", "Path"):
        if told.get(key) is not None:
            one.spec[names.field(key)] = told[key]
    boundary = (told.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    one.spec.pop(_BOUNDARY, None)
    if boundary:
        one.spec[_BOUNDARY] = boundary
    found = tags.read(told.get("Tags"))
    one.spec[TAGS] = [{"key": key, "value": value} for key, value in sorted(found.items())]
    one.body["status"] = {
        "conditions": one.status.get("conditions") or [],
        "ackResourceMetadata": scope.metadata(told["Arn"]),
        **names.value({"CreateDate": told.get("CreateDate"), "RoleId": told.get("RoleId")}),
    }


async def _inline(role: str, policy: str, scope: Scope) -> str:
    told = await scope.call("get_role_policy", RoleName=role, PolicyName=policy)
    return iam.text(told["PolicyDocument"])


def _documents(one: Resource) -> dict[str, Any]:
    given: dict[str, str] = one.spec.get(_INLINE) or {}
    return {name: iam.document(text) for name, text in given.items()}


async def _sync_attached(want: Resource, seen: Resource, scope: Scope) -> None:
    name = want.spec["name"]
    wanted, there = want.spec.get(_ATTACHED) or [], seen.spec.get(_ATTACHED) or []
    for arn in (one for one in there if one not in wanted):
        await scope.call("detach_role_policy", RoleName=name, PolicyArn=arn)
    for arn in (one for one in wanted if one not in there):
        await scope.call("attach_role_policy", RoleName=name, PolicyArn=arn)


async def _sync_inline(want: Resource, seen: Resource, scope: Scope) -> None:
    name = want.spec["name"]
    wanted, there = want.spec.get(_INLINE) or {}, seen.spec.get(_INLINE) or {}
    for policy in sorted(there.keys() - wanted.keys()):
        await scope.call("delete_role_policy", RoleName=name, PolicyName=policy)
    for policy, told in sorted(wanted.items()):
        if policy not in there or not iam.same(told, there[policy]):
            await scope.call(
                "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=told
            )


async def _sync_boundary(want: Resource, scope: Scope) -> None:
    name, boundary = want.spec["name"], want.spec.get(_BOUNDARY)
    if boundary:
        call = "put_role_permissions_boundary"
        await scope.call(call, RoleName=name, PermissionsBoundary=boundary)
    else:
        await scope.call("delete_role_permissions_boundary", RoleName=name)


async def _sync_tags(want: Resource, seen: Resource, scope: Scope) -> None:
    added, removed = tags.change(scope.tags(want), tags.read(seen.spec.get(TAGS)))
    name = want.spec["name"]
    if removed:
        await scope.call("untag_role", RoleName=name, TagKeys=removed)
    if added:
        await scope.call("tag_role", RoleName=name, Tags=tags.listed(added))
