# SPDX-License-Identifier: Apache-2.0
"""How an object meets a resource that it has not made: section 2.4."""

from __future__ import annotations

import json

from local.ack.conditions import READY, SYNCED, TERMINAL, UNMANAGED
from local.ack.wishes import ADOPTED
from tests.integration.ack.stage import Stage, condition, database, eventually, says, silence

KIND = "DBInstance"


def foreign(stage: Stage, name: str = "db") -> None:
    """Make a database behind everybody's back."""
    stage.aws("rds").create_db_instance(
        DBInstanceIdentifier=stage.named(name),
        DBInstanceClass="db.t4g.large",
        Engine="mysql",
        AllocatedStorage=50,
        MasterUsername="other",
        MasterUserPassword="other-password",
        Tags=[{"Key": "owner", "Value": "somebody"}],
    )


def fields(stage: Stage) -> str:
    """Return the adoption fields that name that database."""
    return json.dumps({"dbInstanceIdentifier": stage.named("db")})


async def test_2_4_a_foreign_resource_is_not_taken_over(stage: Stage) -> None:
    """It ends in ACK.Terminal, nothing is changed, and nothing holds the object."""
    foreign(stage)
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        found = await stage.until(KIND, "db", says(TERMINAL, "True", UNMANAGED))
        assert condition(found, READY)["message"] == "Resource already exists"
        assert not found.finalizers
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    assert not stage.front.calls["ModifyDBInstance"]
    assert not stage.front.calls["DeleteDBInstance"]


async def test_2_4_adopt_takes_over_what_is_there(stage: Stage) -> None:
    """The spec becomes what AWS has, tags included, and the object manages it from now on."""
    foreign(stage)
    async with stage.controller("rds", "--resource-tags=made-by=us"):
        notes = {"adoption_policy": "adopt", "adoption_fields": fields(stage)}
        await stage.create(KIND, "db", database(stage), notes)
        found = await stage.synced(KIND, "db")
        assert found.annotations[ADOPTED] == "true"
        assert found.finalizers
        assert found.spec["dbInstanceClass"] == "db.t4g.large"
        assert found.spec["allocatedStorage"] == 50
        assert found.spec["tags"] == [{"key": "owner", "value": "somebody"}]
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    assert stage.front.calls["DeleteDBInstance"] == 1


async def test_2_4_adopt_or_create_changes_what_is_there(stage: Stage) -> None:
    """What exists is adopted and then made as the spec says."""
    foreign(stage)
    wanted = database(stage, masterUsername="other", manageMasterUserPassword=False)
    del wanted["engineVersion"]
    async with stage.controller("rds"):
        await stage.create(KIND, "db", wanted, {"adoption_policy": "adopt-or-create"})
        found = await stage.synced(KIND, "db")
    assert stage.front.last("ModifyDBInstance")["DBInstanceClass"] == "db.t4g.micro"
    assert stage.front.calls["ModifyDBInstance"] == 1
    assert found.annotations[ADOPTED] == "true"
    assert found.spec["dbInstanceClass"] == "db.t4g.micro"


async def test_2_4_what_cannot_be_changed_never_comes_into_sync(stage: Stage) -> None:
    """AWS cannot rename a master user: ACK asks in vain, again and again."""
    foreign(stage)
    async with stage.controller("rds"):
        policy = {"adoption_policy": "adopt-or-create"}
        await stage.create(KIND, "db", database(stage), policy)

        async def asked() -> bool:
            return stage.front.calls["ModifyDBInstance"] > 3

        await eventually(asked, "several changes")
        await stage.until(KIND, "db", says(SYNCED, "False"))


async def test_2_4_adopt_or_create_makes_what_is_not_there(stage: Stage) -> None:
    """Without anything to adopt it is an ordinary creation."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), {"adoption_policy": "adopt-or-create"})
        found = await stage.synced(KIND, "db")
    assert ADOPTED not in found.annotations
    assert stage.front.calls["CreateDBInstance"] == 1


async def test_2_4_adopt_never_creates(stage: Stage) -> None:
    """What is not there is looked for again; the status says nothing meanwhile."""
    async with stage.controller("rds"):
        notes = {"adoption_policy": "adopt", "adoption_fields": fields(stage)}
        await stage.create(KIND, "db", database(stage), notes)

        async def asked() -> bool:
            return stage.front.calls["DescribeDBInstances"] > 3

        await eventually(asked, "several questions")
        found = await stage.get(KIND, "db")
        assert found is not None
        assert not found.status
        foreign(stage)
        await stage.synced(KIND, "db")
    assert not stage.front.calls["CreateDBInstance"]


async def test_2_4_a_wrong_policy_says_terminal_and_nothing_else(stage: Stage) -> None:
    """Not even Ready is there."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), {"adoption_policy": "steal"})
        found = await stage.until(KIND, "db", says(TERMINAL, "True", "steal"))
        assert [one["type"] for one in found.status["conditions"]] == [TERMINAL]
        await stage.create(KIND, "other", database(stage), {"adoption_policy": "adopt"})
        await stage.until(KIND, "other", says(TERMINAL, "True", "required field missing"))
    assert not stage.front.calls["CreateDBInstance"]


async def test_2_4_a_read_only_object_shows_and_never_touches(stage: Stage) -> None:
    """Its status is AWS', its spec its own, and its end is nobody else's."""
    foreign(stage)
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), {"read_only": "true"})
        found = await stage.until(KIND, "db", says(SYNCED, "True"))
        assert found.status["dbInstanceStatus"] == "available"
        assert found.spec["dbInstanceClass"] == "db.t4g.micro"
        assert not found.finalizers
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
        await silence(0.3)
    for call in ("CreateDBInstance", "ModifyDBInstance", "DeleteDBInstance"):
        assert not stage.front.calls[call]
