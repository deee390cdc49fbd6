# SPDX-License-Identifier: Apache-2.0
"""Roles, policies and who may use them: section 2.3."""

from __future__ import annotations

import json
from typing import Any

from local.ack.conditions import LATE, RECOVERABLE, REFERENCES, SYNCED, TERMINAL
from tests.integration.ack.stage import Stage, condition, eventually, says, silence

ROLE, POLICY, ASSOCIATION = "Role", "Policy", "PodIdentityAssociation"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)


def reading(bucket: str) -> str:
    """Return a policy that lets its holder read a bucket."""
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(stage: Stage, **more: Any) -> dict[str, Any]:
    """Return a role's spec."""
    return {"name": stage.named("role"), "assumeRolePolicyDocument": TRUST, **more}


async def test_2_3_a_role_with_its_policies(stage: Stage) -> None:
    """Attached ones by reference, inline ones as text; boundary and tags; ARN and id known."""
    policies = {"policyRefs": [{"from": {"name": "read"}}], "inlinePolicies": {"own": reading("b")}}
    tagged = [{"key": "clone", "value": "acme"}]
    boundary = {"permissionsBoundaryRef": {"from": {"name": "read"}}}
    async with stage.controller(
        "iam", "--resource-tags=services.k8s.aws/namespace=%K8S_NAMESPACE%"
    ):
        spec = {"name": stage.named("read"), "policyDocument": reading("a"), "path": "/wpclone/"}
        await stage.create(POLICY, "read", spec)
        await stage.create(ROLE, "role", role(stage, tags=tagged, **policies, **boundary))
        found = await stage.synced(ROLE, "role")
        policy = await stage.synced(POLICY, "read")
    client = stage.aws("iam")
    told = client.get_role(RoleName=stage.named("role"))["Role"]
    attached = client.list_attached_role_policies(RoleName=stage.named("role"))
    assert found.arn == told["Arn"]
    assert found.status["roleID"] == told["RoleId"]
    assert [one["PolicyArn"] for one in attached["AttachedPolicies"]] == [policy.arn]
    assert told["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy.arn
    assert {"Key": "services.k8s.aws/namespace", "Value": stage.namespace} in told["Tags"]
    assert {"Key": "clone", "Value": "acme"} in told["Tags"]
    assert found.spec["tags"] == tagged, "2.5: default tags stay out of the spec"
    assert condition(found, LATE)["status"] == "True"
    assert found.spec["maxSessionDuration"] == 3600
    assert found.spec["path"] == "/"
    assert "policies" not in found.spec


async def test_2_3_a_new_role_counts_as_in_sync_at_the_second_look(stage: Stage) -> None:
    """So whoever refers to it waits for half a minute, unless a default in the spec wakes it."""
    async with stage.controller("iam", "--requeue-seconds=2"):
        await stage.create(ROLE, "role", role(stage, maxSessionDuration=3600, path="/"))
        found = await stage.until(ROLE, "role", says(SYNCED, "False"))
        assert found.arn
        await stage.synced(ROLE, "role")


async def test_2_3_a_role_follows_its_spec(stage: Stage) -> None:
    """Policies come and go, the trust changes, and the same said otherwise is no change."""
    name = stage.named("role")
    async with stage.controller("iam"):
        await stage.create(ROLE, "role", role(stage, inlinePolicies={"a": reading("a")}))
        await stage.synced(ROLE, "role")
        spaced = json.dumps(json.loads(TRUST), indent=2)
        await stage.patch(
            ROLE,
            "role",
            {
                "spec": {
                    "assumeRolePolicyDocument": spaced,
                    "inlinePolicies": {"a": None, "b": reading("b")},
                    "description": "for a clone",
                    "tags": [{"key": "env", "value": "test"}],
                }
            },
        )

        def done() -> bool:
            client = stage.aws("iam")
            there: bool = client.list_role_policies(RoleName=name)["PolicyNames"] == ["b"]
            return (
                there and client.get_role(RoleName=name)["Role"].get("Description") == "for a clone"
            )

        await stage.until(ROLE, "role", lambda _: done())
        await stage.synced(ROLE, "role")
    assert not stage.front.calls["UpdateAssumeRolePolicy"]
    assert stage.front.calls["TagRole"] == 1


async def test_2_3_a_malformed_document_is_terminal(stage: Stage) -> None:
    """No retry can cure a policy that is none."""
    async with stage.controller("iam"):
        spec = role(stage, assumeRolePolicyDocument='{"Version": "2012-10-17"')
        await stage.create(ROLE, "role", spec)
        await stage.until(ROLE, "role", says(TERMINAL, "True", "MalformedPolicyDocument"))
        await silence(0.5)
    assert stage.front.calls["CreateRole"] == 1


async def test_2_3_a_role_whose_policy_is_refused_is_left_behind(stage: Stage) -> None:
    """The role is made, its policy is not, and the object lets go: nobody deletes the role."""
    async with stage.controller("iam"):
        await stage.create(ROLE, "role", role(stage, inlinePolicies={"own": "no policy"}))
        found = await stage.until(ROLE, "role", says(TERMINAL, "True", "MalformedPolicyDocument"))
        assert found.arn.endswith(stage.named("role"))
        assert not found.finalizers
        await stage.delete(ROLE, "role")
        await stage.gone(ROLE, "role")
    assert stage.aws("iam").get_role(RoleName=stage.named("role"))


async def test_2_3_a_deleted_role_loses_its_policies_first(stage: Stage) -> None:
    """AWS would refuse to delete a role that has any."""
    async with stage.controller("iam"):
        spec = {"name": stage.named("read"), "policyDocument": reading("a")}
        await stage.create(POLICY, "read", spec)
        policies = {"policyRefs": [{"from": {"name": "read"}}]}
        inline = {"inlinePolicies": {"own": reading("b")}}
        await stage.create(ROLE, "role", role(stage, **policies, **inline))
        await stage.synced(ROLE, "role")
        await stage.delete(ROLE, "role")
        await stage.gone(ROLE, "role")
        await stage.delete(POLICY, "read")
        await stage.gone(POLICY, "read")
    assert stage.front.calls["DetachRolePolicy"] == 1
    assert stage.front.calls["DeleteRolePolicy"] == 1
    assert stage.front.calls["DeletePolicy"] == 1


async def test_2_3_a_changed_policy_is_a_new_version(stage: Stage) -> None:
    """AWS keeps five versions; the oldest make room."""
    async with stage.controller("iam"):
        spec = {"name": stage.named("read"), "policyDocument": reading("0")}
        await stage.create(POLICY, "read", spec)
        arn = (await stage.synced(POLICY, "read")).arn
        for number in range(1, 7):
            await stage.patch(POLICY, "read", {"spec": {"policyDocument": reading(f"{number}")}})

            async def made(times: int = number) -> bool:
                return stage.front.calls["CreatePolicyVersion"] == times

            await eventually(made, "a new version")
        await stage.synced(POLICY, "read")
    versions = stage.aws("iam").list_policy_versions(PolicyArn=arn)["Versions"]
    assert len(versions) == 5


def association(stage: Stage, **more: Any) -> dict[str, Any]:
    """Return an association's spec; its tags are a map."""
    return {
        "clusterName": "main",
        "namespace": stage.namespace,
        "serviceAccount": "site",
        "roleRef": {"from": {"name": "role"}},
        "tags": {"clone": "acme"},
        **more,
    }


async def test_2_3_an_association_waits_for_its_role(stage: Stage) -> None:
    """It is made with the role's ARN once the role is in sync, and ends with its object."""
    async with stage.controller("eks"):
        await stage.create(ASSOCIATION, "site", association(stage))
        await stage.until(ASSOCIATION, "site", says(REFERENCES, "Unknown", "not found"))
        async with stage.controller("iam"):
            await stage.create(ROLE, "role", role(stage))
            arn = (await stage.synced(ROLE, "role")).arn
        found = await stage.synced(ASSOCIATION, "site")
        (there,) = stage.front.associations.values()
        assert there["roleArn"] == arn
        assert there["tags"] == {"clone": "acme"}
        assert found.status["associationID"] == there["associationId"]
        assert found.status["associationARN"] == there["associationArn"]
        assert "roleARN" not in found.spec
        await stage.delete(ASSOCIATION, "site")
        await stage.gone(ASSOCIATION, "site")
    assert not stage.front.associations


async def test_2_3_a_second_association_is_refused_and_tried_again(stage: Stage) -> None:
    """There are no terminal codes for associations: the second waits for the first to go."""
    spec = association(stage, roleARN="arn:aws:iam::123456789012:role/one")
    del spec["roleRef"]
    async with stage.controller("eks"):
        await stage.create(ASSOCIATION, "first", spec)
        await stage.synced(ASSOCIATION, "first")
        await stage.create(ASSOCIATION, "second", spec)
        found = await stage.until(
            ASSOCIATION, "second", says(RECOVERABLE, "True", "ResourceInUseException")
        )
        assert not condition(found, TERMINAL)
        await stage.patch(ASSOCIATION, "first", {"spec": {"roleARN": f"{spec['roleARN']}-b"}})

        async def changed() -> bool:
            return any(one["roleArn"].endswith("-b") for one in stage.front.associations.values())

        await eventually(changed, "the other role")
        await stage.delete(ASSOCIATION, "first")
        await stage.synced(ASSOCIATION, "second")
