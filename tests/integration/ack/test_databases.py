# SPDX-License-Identifier: Apache-2.0
"""How a database comes to be and changes: section 2.1 and 2.2 of what is known of ACK."""

from __future__ import annotations

import pytest

from local.ack.conditions import LATE, READY, RECOVERABLE, SYNCED, TERMINAL
from tests.integration.ack.front import Refusal
from tests.integration.ack.stage import Stage, condition, database, eventually, says, silence

KIND = "DBInstance"
FINALIZER = "finalizers.rds.services.k8s.aws/DBInstance"


async def test_2_1_a_database_becomes_usable(stage: Stage) -> None:
    """Once AWS says available, conditions, endpoint and ARN are there, and the finalizer is."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        found = await stage.synced(KIND, "db")
    assert found.status["dbInstanceStatus"] == "available"
    assert found.status["endpoint"]["address"]
    assert found.arn.startswith("arn:aws:rds:us-east-1:")
    assert condition(found, READY)["status"] == "True"
    assert found.finalizers == [FINALIZER]
    assert all("observedGeneration" not in one for one in found.status["conditions"])


async def test_2_1_conditions_are_made_anew_by_every_pass(stage: Stage) -> None:
    """A condition's transition time moves with each pass, though nothing has changed."""
    async with stage.controller("rds", "--reconcile-default-resync-seconds=1"):
        await stage.create(KIND, "db", database(stage))
        first = condition(await stage.synced(KIND, "db"), SYNCED)["lastTransitionTime"]
        await stage.until(
            KIND, "db", lambda one: condition(one, SYNCED)["lastTransitionTime"] > first
        )


async def test_2_1_out_of_sync_until_available(stage: Stage) -> None:
    """While AWS is at work the object is out of sync, and AWS is asked again and again."""
    stage.front.state = "creating"
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        found = await stage.until(KIND, "db", says(SYNCED, "False"))
        assert condition(found, READY)["status"] == "False"
        assert not condition(found, RECOVERABLE)
        asked = stage.front.calls["DescribeDBInstances"]
        await eventually(lambda: _more(stage, asked + 2), "more questions")
        stage.front.state = "available"
        await stage.synced(KIND, "db")
    assert stage.front.calls["CreateDBInstance"] == 1


async def _more(stage: Stage, than: int) -> bool:
    return stage.front.calls["DescribeDBInstances"] > than


async def test_2_1_a_failed_database_shows_only_that_it_is_out_of_sync(stage: Stage) -> None:
    """`failed` is no ACK.Terminal by itself; only an attempt to change the database shows that."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        stage.front.state = "failed"
        await stage.annotate(KIND, "db", region="us-east-1")
        found = await stage.until(KIND, "db", says(SYNCED, "False"))
        assert found.status["dbInstanceStatus"] == "failed"
        assert not condition(found, TERMINAL)
        await stage.patch(KIND, "db", {"spec": {"backupRetentionPeriod": 9}})
        await stage.until(KIND, "db", says(TERMINAL, "True", "'failed' status"))
    assert stage.front.calls["ModifyDBInstance"] == 0


async def test_2_1_a_terminal_code_stops_until_the_spec_changes(stage: Stage) -> None:
    """A spec that AWS refuses for good is not tried again; a new one is, and heals the object."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage, engine="nonsense"))
        found = await stage.until(KIND, "db", says(TERMINAL, "True", "InvalidParameterValue"))
        assert condition(found, READY)["reason"] == TERMINAL
        assert condition(found, SYNCED)["status"] == "False"
        assert not found.finalizers, "2.4: let go of, since there is nothing in AWS"
        await silence(1)
        assert stage.front.calls["CreateDBInstance"] == 1
        await stage.patch(KIND, "db", {"spec": {"engine": "mysql"}})
        found = await stage.synced(KIND, "db")
    assert not condition(found, TERMINAL)
    assert found.finalizers == [FINALIZER]


@pytest.mark.parametrize(
    "code",
    ["InstanceQuotaExceeded", "Throttling", "AccessDenied", "InsufficientDBInstanceCapacity"],
)
async def test_2_1_other_codes_are_tried_again(stage: Stage, code: str) -> None:
    """Quota, throttling, rights and capacity are recoverable: retried, and told meanwhile."""
    stage.front.refusals["CreateDBInstance"] = Refusal(code)
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        found = await stage.until(KIND, "db", says(RECOVERABLE, "True", code))
        assert condition(found, READY)["reason"] == RECOVERABLE
        assert condition(found, SYNCED)["status"] == "Unknown"
        assert not condition(found, TERMINAL)
        del stage.front.refusals["CreateDBInstance"]
        await stage.synced(KIND, "db")


async def test_2_1_a_single_failure_of_aws_is_never_seen(stage: Stage) -> None:
    """The client itself tries three times."""
    stage.front.refusals["CreateDBInstance"] = Refusal("InternalFailure", status=500, times=1)
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.until(KIND, "db", lambda one: bool(one.status.get("conditions")))
        found = await stage.synced(KIND, "db")
    assert not condition(found, RECOVERABLE)
    assert stage.front.calls["CreateDBInstance"] == 2


async def test_2_2_defaults_of_aws_are_written_into_the_spec(stage: Stage) -> None:
    """What the spec leaves open is there afterwards; what it says stays."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage, backupRetentionPeriod=3))
        await stage.synced(KIND, "db")
        found = await stage.until(KIND, "db", says(LATE, "True"))
    assert found.spec["backupRetentionPeriod"] == 3
    for field in ("autoMinorVersionUpgrade", "availabilityZone", "multiAZ", "storageEncrypted"):
        assert field in found.spec
    assert "tags" not in found.spec


async def test_2_2_a_changed_field_is_changed_in_aws_at_once(stage: Stage) -> None:
    """Only what differs is sent, to be applied immediately; then AWS is looked at again."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        await stage.patch(KIND, "db", {"spec": {"backupRetentionPeriod": 9}})
        await eventually(lambda: _modified(stage, 1), "a change")
        await stage.synced(KIND, "db")
    sent = stage.front.last("ModifyDBInstance")
    assert sent["BackupRetentionPeriod"] == "9"
    assert sent["ApplyImmediately"] == "true"
    assert "AllocatedStorage" not in sent
    assert stage.front.calls["ModifyDBInstance"] == 1


async def test_2_2_nothing_is_changed_while_a_database_is_being_made(stage: Stage) -> None:
    """A change waits, as ACK.Recoverable, until the database is available."""
    stage.front.state = "creating"
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.until(KIND, "db", says(SYNCED, "False"))
        await stage.patch(KIND, "db", {"spec": {"backupRetentionPeriod": 9}})
        await stage.until(KIND, "db", says(RECOVERABLE, "True", "until 'available'"))
        assert stage.front.calls["ModifyDBInstance"] == 0
        stage.front.state = "available"
        await eventually(lambda: _modified(stage, 1), "a change")
        await stage.synced(KIND, "db")


async def _modified(stage: Stage, times: int) -> bool:
    return stage.front.calls["ModifyDBInstance"] >= times


async def test_2_2_a_restore_carries_neither_password_nor_retention(stage: Stage) -> None:
    """They follow in a change as soon as the restored database is available."""
    await stage.secret("master", password="first-password")
    reference = {"name": "master", "key": "password"}
    async with stage.controller("rds"):
        await stage.create(KIND, "old", database(stage, name="old"))
        await stage.synced(KIND, "old")
        stage.aws("rds").create_db_snapshot(
            DBInstanceIdentifier=stage.named("old"), DBSnapshotIdentifier=stage.named("s")
        )
        wanted = database(
            stage,
            dbSnapshotIdentifier=stage.named("s"),
            masterUserPassword=reference,
            backupRetentionPeriod=7,
        )
        del wanted["manageMasterUserPassword"]
        await stage.create(KIND, "db", wanted)
        await eventually(lambda: _modified(stage, 1), "a change")
        await stage.synced(KIND, "db")
    restore = stage.front.last("RestoreDBInstanceFromDBSnapshot")
    assert not restore.keys() & {"MasterUserPassword", "BackupRetentionPeriod", "EngineVersion"}
    change = stage.front.last("ModifyDBInstance")
    assert change["MasterUserPassword"] == "first-password"
    assert change["BackupRetentionPeriod"] == "7"
