# SPDX-License-Identifier: Apache-2.0
"""Roles, who may act in them, and what is found by its tags."""

import json
from typing import Any

import pytest

from local.aws.cloud import CLUSTER
from tests.aws import Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database
ROLE = "arn:aws:iam::123456789012:role/wpclone/clone"
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


def associate(aws: Simulator, account: str = "clone", **more: Any) -> Any:
    """Let a service account act in the role."""
    return aws.client("eks").create_pod_identity_association(
        clusterName=CLUSTER, namespace="clones", serviceAccount=account, roleArn=ROLE, **more
    )["association"]


def test_an_association_lives_as_on_aws(aws: Simulator, refuses: Refuses) -> None:
    """It is made, found, changed and deleted; then it is not found."""
    made = associate(aws, tags={"clones.betaweb.ai/uid": "1"})
    eks, one = aws.client("eks"), {"clusterName": CLUSTER, "associationId": made["associationId"]}
    listed = eks.list_pod_identity_associations(clusterName=CLUSTER, namespace="clones")
    assert [each["associationArn"] for each in listed["associations"]] == [made["associationArn"]]
    assert eks.describe_pod_identity_association(**one)["association"]["roleArn"] == ROLE
    changed = eks.update_pod_identity_association(**one, roleArn=f"{ROLE}-2")["association"]
    assert changed["roleArn"] == f"{ROLE}-2"
    assert aws.control.leftovers() == {"PodIdentityAssociation": [made["associationId"]]}
    eks.delete_pod_identity_association(**one)
    with refuses("ResourceNotFoundException"):
        eks.describe_pod_identity_association(**one)


def test_a_service_account_has_one_association(aws: Simulator, refuses: Refuses) -> None:
    """A second one is refused, unless it is the same request whose answer was lost."""
    made = associate(aws, clientRequestToken="the-same")
    assert associate(aws, clientRequestToken="the-same") == made
    with refuses("ResourceInUseException"):
        associate(aws)
    associate(aws, "another")


def test_an_association_needs_its_cluster(aws: Simulator, refuses: Refuses) -> None:
    """The cluster of the start is there; another one is not."""
    assert aws.client("eks").list_clusters()["clusters"] == [CLUSTER]
    with refuses("ResourceNotFoundException"):
        aws.client("eks").list_pod_identity_associations(clusterName="elsewhere")


def test_associations_carry_tags(aws: Simulator) -> None:
    """Tags are added, listed and removed; the cluster's own go their way to moto."""
    arn = associate(aws, tags={"a": "1"})["associationArn"]
    eks = aws.client("eks")
    eks.tag_resource(resourceArn=arn, tags={"b": "2"})
    eks.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert eks.describe_cluster(name=CLUSTER)["cluster"]["status"] == "ACTIVE"


def test_without_the_boundary_no_role_is_made_or_strengthened(
    aws: Simulator, refuses: Refuses
) -> None:
    """A policy that demands boundary and path denies everything else."""
    iam, boundary = aws.client("iam"), "arn:aws:iam::123456789012:policy/boundary"
    aws.control.settings(boundary={"policy_arn": boundary, "path": "/wpclone/"})
    role = {"RoleName": "clone", "AssumeRolePolicyDocument": TRUST}
    for wrong in (
        {},
        {"PermissionsBoundary": boundary},
        {"PermissionsBoundary": f"{boundary}-other", "Path": "/wpclone/"},
    ):
        with refuses("AccessDenied"):
            iam.create_role(**role, **wrong)
    iam.create_role(**role, PermissionsBoundary=boundary, Path="/wpclone/")
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [reading]})
    iam.put_role_policy(RoleName="clone", PolicyName="reads", PolicyDocument=document)
    with refuses("AccessDenied"):
        iam.delete_role_permissions_boundary(RoleName="clone")
    assert aws.control.leftovers() == {"Role": ["clone"]}


def test_tags_lead_to_what_they_are_on(aws: Simulator) -> None:
    """An instance is found by its tags, which can change."""
    made = aws.create("wpc-a", Tags=[{"Key": "clones.betaweb.ai/uid", "Value": "1"}])
    rds, arn = aws.client("rds"), made["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "owner", "Value": "me"}])
    found = aws.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "clones.betaweb.ai/uid", "Values": ["1"]}]
    )["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in found] == [arn]
    assert len(rds.list_tags_for_resource(ResourceName=arn)["TagList"]) == 2


def test_identity_and_buckets_are_motos(aws: Simulator) -> None:
    """The account tells who one is, and keeps files."""
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="exports")
    s3.put_object(Bucket="exports", Key="a/b", Body=b"x" * 100_000)
    assert s3.get_object(Bucket="exports", Key="a/b")["Body"].read() == b"x" * 100_000
    assert [e.action for e in aws.control.ledger() if e.service == "s3"] == ["PUT", "PUT", "GET"]
