# SPDX-License-Identifier: Apache-2.0
"""Denies what a policy with a permissions boundary as its condition would deny."""

from typing import Any

from local.aws.calls import Call
from local.aws.errors import Refusal
from local.aws.settings import Boundary

_GRANTING = {
    "AttachRolePolicy",
    "DeleteRolePermissionsBoundary",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
}


def refusal(call: Call, boundary: Boundary | None, roles: dict[str, Any]) -> Refusal | None:
    """Return AWS' denial of a call that would give rights beyond the boundary."""
    if boundary is None or call.service != "iam":
        return None
    name = call.parameters.get("RoleName", "")
    if call.action == "CreateRole":
        path = call.parameters.get("Path", "/")
        within = call.parameters.get("PermissionsBoundary") == boundary.policy_arn
    elif call.action in _GRANTING:
        role = roles.get(name)
        if role is None:
            return None  # it is told that there is no such role
        path = role.path
        within = role.permissions_boundary_arn == boundary.policy_arn
        within &= call.action != "DeleteRolePermissionsBoundary"
        within &= call.parameters.get("PermissionsBoundary", boundary.policy_arn) == (
            boundary.policy_arn
        )
    else:
        return None
    if within and path.startswith(boundary.path):
        return None
    return Refusal(
        "AccessDenied",
        f"User: {call.access_key} is not authorized to perform: {call.name} on resource: role"
        f" {name} because no permissions boundary allows the {call.name} action",
    )
