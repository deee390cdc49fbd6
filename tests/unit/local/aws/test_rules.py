# SPDX-License-Identifier: Apache-2.0
"""What RDS refuses, rule by rule."""

from typing import Any

import pytest

from local.aws import boundary, rules
from local.aws.calls import Call, Protocol
from local.aws.settings import Boundary


@pytest.mark.parametrize(
    ("engine", "asked", "given"),
    [
        ("mariadb", "10.11", "10.11.14"),
        ("mariadb", "10.11.9", "10.11.9"),
        ("mariadb", None, "11.8.3"),
        ("mysql", "8.0", "8.0.43"),
    ],
)
def test_a_short_version_becomes_a_whole_one(engine: str, asked: str | None, given: str) -> None:
    """AWS reports more than it was asked for: comparing the two finds a drift that is none."""
    assert rules.version(engine, asked) == given


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        ("available", {"skip": True}, None),
        ("available", {"final": "last"}, None),
        ("failed", {"skip": True}, None),
        ("stopped", {"skip": True}, None),
        ("available", {}, "InvalidParameterCombination"),
        ("available", {"skip": True, "final": "last"}, "InvalidParameterCombination"),
        ("available", {"skip": True, "protected": True}, "InvalidParameterCombination"),
        ("failed", {"final": "last"}, "InvalidDBInstanceState"),
        ("creating", {"skip": True}, "InvalidDBInstanceState"),
        ("modifying", {"skip": True}, "InvalidDBInstanceState"),
        ("deleting", {"skip": True}, "InvalidDBInstanceState"),
    ],
)
def test_when_an_instance_may_be_deleted(
    status: str, more: dict[str, Any], code: str | None
) -> None:
    """Only at rest, unprotected, and when what becomes of the data is said."""
    asked = {"protected": False, "final": None, "skip": False} | more
    if code is None:
        rules.deletion(status, "wpc-a", **asked)
        return
    with pytest.raises(rules.Refused) as caught:
        rules.deletion(status, "wpc-a", **asked)
    assert caught.value.code == code


class Role:
    """A role, as far as the boundary is concerned."""

    path = "/wpclone/"
    permissions_boundary_arn = "arn:b"


@pytest.mark.parametrize(
    ("action", "parameters", "denied"),
    [
        ("CreateRole", {"PermissionsBoundary": "arn:b", "Path": "/wpclone/x/"}, False),
        ("CreateRole", {"PermissionsBoundary": "arn:b", "Path": "/"}, True),
        ("CreateRole", {"Path": "/wpclone/"}, True),
        ("PutRolePolicy", {"RoleName": "ours"}, False),
        ("PutRolePermissionsBoundary", {"RoleName": "ours", "PermissionsBoundary": "arn:c"}, True),
        ("DeleteRolePermissionsBoundary", {"RoleName": "ours"}, True),
        ("PutRolePolicy", {"RoleName": "nobody"}, False),
        ("DeleteRole", {"RoleName": "ours"}, False),
    ],
)
def test_what_the_boundary_denies(
    action: str,
    parameters: dict[str, str],
    denied: bool,  # noqa: FBT001
) -> None:
    """Rights are given only within path and boundary, and the boundary stays."""
    call = Call("iam", action, Protocol.QUERY, parameters=parameters)
    refusal = boundary.refusal(call, Boundary("arn:b", "/wpclone/"), {"ours": Role})
    assert (refusal is not None) is denied
    assert boundary.refusal(call, None, {"ours": Role}) is None
