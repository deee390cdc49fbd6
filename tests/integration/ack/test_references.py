# SPDX-License-Identifier: Apache-2.0
"""How objects refer to each other, and the small kinds of RDS: section 2.1 and 2.2."""

from __future__ import annotations

from local.ack.conditions import ADVISORY, READY, REFERENCES, SYNCED, TERMINAL
from tests.integration.ack.front import Refusal
from tests.integration.ack.stage import KINDS, Stage, condition, database, eventually, says

INSTANCE, GROUP, SNAPSHOT = "DBInstance", "DBSubnetGroup", "DBSnapshot"


def subnets(stage: Stage) -> list[str]:
    """Return two subnets of different zones."""
    found = stage.aws("ec2").describe_subnets()["Subnets"]
    return [str(one["SubnetId"]) for one in found[:2]]


async def test_2_2_a_database_in_a_group_of_subnets(stage: Stage) -> None:
    """The group's name is filled in for AWS and never written into the spec."""
    reference = {"from": {"name": "group"}}
    async with stage.controller("rds"):
        await stage.create(INSTANCE, "db", database(stage, dbSubnetGroupRef=reference))
        found = await stage.until(INSTANCE, "db", says(REFERENCES, "Unknown", "not found"))
        assert [one["type"] for one in found.status["conditions"]] == [REFERENCES]
        group = {
            "name": stage.named("group"),
            "description": "where databases live",
            "subnetIDs": subnets(stage),
        }
        await stage.create(GROUP, "group", group)
        made = await stage.synced(GROUP, "group")
        assert made.status["subnetGroupStatus"] == "Complete"
        found = await stage.synced(INSTANCE, "db")
    assert condition(found, REFERENCES)["status"] == "True"
    assert stage.front.last("CreateDBInstance")["DBSubnetGroupName"] == stage.named("group")
    assert "dbSubnetGroupName" not in found.spec


async def test_2_2_a_group_of_subnets_follows_its_spec(stage: Stage) -> None:
    """Description, subnets and tags are changed; a group that AWS refuses is terminal."""
    first, second = subnets(stage)
    group = {"name": stage.named("group"), "description": "a", "subnetIDs": [first, second]}
    async with stage.controller("rds"):
        await stage.create(GROUP, "group", group)
        await stage.synced(GROUP, "group")
        tagged = [{"key": "env", "value": "test"}]
        await stage.patch(GROUP, "group", {"spec": {"subnetIDs": [second], "tags": tagged}})

        async def changed() -> bool:
            return stage.front.calls["ModifyDBSubnetGroup"] == 1

        # moto forgets a group that is changed: what was sent has to do.
        await eventually(changed, "the change")
        stage.front.refusals["CreateDBSubnetGroup"] = Refusal("InvalidSubnet")
        wrong = {**group, "name": stage.named("wrong"), "subnetIDs": ["subnet-0"]}
        await stage.create(GROUP, "wrong", wrong)
        await stage.until(GROUP, "wrong", says(TERMINAL, "True", "InvalidSubnet"))
        await stage.delete(GROUP, "group")
        await stage.gone(GROUP, "group")
    assert stage.front.last("AddTagsToResource")["Tags.Tag.1.Key"] == "env"
    sent = stage.front.last("ModifyDBSubnetGroup")
    assert [sent[key] for key in sent if key.startswith("SubnetIds")] == [second]


async def test_2_2_a_snapshot_of_a_database(stage: Stage) -> None:
    """It is made of the database that is referred to, and says what became of it."""
    async with stage.controller("rds"):
        await stage.create(INSTANCE, "db", database(stage))
        wanted = {
            "dbSnapshotIdentifier": stage.named("snap"),
            "dbInstanceIdentifierRef": {"from": {"name": "db"}},
        }
        await stage.create(SNAPSHOT, "snap", wanted)
        found = await stage.synced(SNAPSHOT, "snap")
        assert found.status["status"] == "available"
        assert found.status["engine"] == "mysql"
        assert "dbInstanceIdentifier" not in found.spec
        await stage.delete(SNAPSHOT, "snap")
        await stage.gone(SNAPSHOT, "snap")
    assert stage.front.last("CreateDBSnapshot")["DBInstanceIdentifier"] == stage.named("db")
    assert stage.front.calls["DeleteDBSnapshot"] == 1


async def test_2_1_what_is_hopeless_makes_its_referrers_hopeless(stage: Stage) -> None:
    """A reference to an object in a terminal condition is False, not Unknown."""
    stage.front.refusals["CreateDBSubnetGroup"] = Refusal("InvalidSubnet")
    reference = {"from": {"name": "group"}}
    async with stage.controller("rds"):
        group = {"name": stage.named("group"), "description": "a", "subnetIDs": ["subnet-0"]}
        await stage.create(GROUP, "group", group)
        await stage.until(GROUP, "group", says(TERMINAL, "True"))
        await stage.create(INSTANCE, "db", database(stage, dbSubnetGroupRef=reference))
        await stage.until(INSTANCE, "db", says(REFERENCES, "False", "terminal condition"))


async def test_2_5_a_reference_into_another_namespace(stage: Stage) -> None:
    """It works by default, with an advisory; not if the controller is told to refuse it."""
    name = stage.named("group")
    kind = KINDS[GROUP]
    body = {
        "apiVersion": f"{kind.group}/v1alpha1",
        "kind": GROUP,
        "metadata": {"name": name},
        "spec": {"name": name, "description": "far away"},
    }
    far = await stage.admin.create(kind, body, "default")
    status = {"conditions": [{"type": SYNCED, "status": "True"}]}
    await stage.admin.patch(kind, far, {"status": status}, "status")
    stage.aws("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="a", SubnetIds=subnets(stage)
    )
    reference = {"from": {"name": name, "namespace": "default"}}
    async with stage.controller("rds"):
        await stage.create(INSTANCE, "db", database(stage, dbSubnetGroupRef=reference))
        found = await stage.until(INSTANCE, "db", says(ADVISORY, "True", "Cross-namespace"))
        assert condition(found, READY)
        await stage.synced(INSTANCE, "db")
    async with stage.controller("rds", "--enable-cross-namespace=false"):
        await stage.annotate(INSTANCE, "db", nudge="1")
        await stage.until(INSTANCE, "db", says(REFERENCES, "False", "not allowed"))


async def test_2_2_a_reference_and_a_value_exclude_each_other(stage: Stage) -> None:
    """Both at once is refused before AWS is asked."""
    spec = database(stage, dbSubnetGroupRef={"from": {"name": "x"}}, dbSubnetGroupName="y")
    async with stage.controller("rds"):
        await stage.create(INSTANCE, "db", spec)
        await stage.until(INSTANCE, "db", says(REFERENCES, "Unknown", "should not be present"))
    assert not stage.front.calls["CreateDBInstance"]
