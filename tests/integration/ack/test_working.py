# SPDX-License-Identifier: Apache-2.0
"""How a controller works through its objects, and what its flags change: section 2.5 to 2.7."""

from __future__ import annotations

from local.ack.conditions import SYNCED
from tests.integration.ack import front
from tests.integration.ack.front import Refusal
from tests.integration.ack.stage import Stage, database, eventually, says, silence

KIND = "DBInstance"


async def _three(stage: Stage, *flags: str) -> int:
    """Create three databases at once; return how many calls were under way together."""
    stage.front.slow["CreateDBInstance"] = 0.5
    async with stage.controller("rds", *flags):
        for name in ("a", "b", "c"):
            await stage.create(KIND, name, database(stage, name=name))
        for name in ("a", "b", "c"):
            await stage.synced(KIND, name)
    return stage.front.most_running


async def test_2_5_one_object_at_a_time(stage: Stage) -> None:
    """By default the second object waits until the first one's pass has ended."""
    assert await _three(stage) == 1


async def test_2_5_more_at_a_time_if_asked(stage: Stage) -> None:
    """For all kinds by one flag, for one kind by another."""
    assert await _three(stage, "--reconcile-resource-max-concurrent-syncs=DBInstance=3") == 3


async def test_2_5_default_tags(stage: Stage) -> None:
    """They are on the resource, and change nothing in the spec; those of the spec win."""
    tags = "services.k8s.aws/controller-version=%CONTROLLER_SERVICE%-%CONTROLLER_VERSION%,env=x"
    own = [{"key": "env", "value": "test"}]
    async with stage.controller("rds", f"--resource-tags={tags}"):
        labels = {"kro.run/kro-version": "v0.9.4"}
        await stage.create(KIND, "db", database(stage, tags=own), labels=labels)
        found = await stage.synced(KIND, "db")
    told = stage.aws("rds").list_tags_for_resource(ResourceName=found.arn)["TagList"]
    assert {one["Key"]: one["Value"] for one in told} == {
        "env": "test",
        "kro.run/kro-version": "v0.9.4",
        "services.k8s.aws/controller-version": "rds-local",
    }
    assert found.spec["tags"] == own
    assert not stage.front.calls["AddTagsToResource"]


async def test_2_5_drift_is_mended_at_the_resync(stage: Stage) -> None:
    """Nobody tells the controller what happens in AWS: it looks again after its period."""
    async with stage.controller("rds", "--reconcile-resource-resync-seconds=DBInstance=1"):
        await stage.create(KIND, "db", database(stage, backupRetentionPeriod=5))
        await stage.synced(KIND, "db")
        stage.aws("rds").modify_db_instance(
            DBInstanceIdentifier=stage.named("db"), BackupRetentionPeriod=1
        )

        async def mended() -> bool:
            return stage.front.calls["ModifyDBInstance"] == 1

        await eventually(mended, "the drift to be mended")
    assert stage.front.last("ModifyDBInstance")["BackupRetentionPeriod"] == "5"


async def test_2_5_other_namespaces_and_kinds_are_left_alone(stage: Stage) -> None:
    """Only what --watch-namespace and --reconcile-resources name is worked on."""
    async with stage.controller("rds", "--reconcile-resources=DBSnapshot"):
        await stage.create(KIND, "db", database(stage))
        await silence(0.7)
    async with stage.controller("rds", "--watch-namespace=elsewhere"):
        await silence(0.7)
        found = await stage.get(KIND, "db")
    assert found is not None
    assert not found.status
    assert not stage.front.calls["DescribeDBInstances"]


async def test_2_6_a_namespace_may_have_an_aws_of_its_own(stage: Stage) -> None:
    """The namespace's endpoint-url is called instead of the flag's."""
    async with front.standing_before(stage.front.behind) as other:
        await stage.annotate_namespace({"services.k8s.aws/endpoint-url": other.url})
        async with stage.controller("rds"):
            await stage.create(KIND, "db", database(stage))
            await stage.synced(KIND, "db")
        assert other.calls["CreateDBInstance"] == 1
    assert stage.front.calls["GetCallerIdentity"] == 1
    assert not stage.front.calls["CreateDBInstance"]


async def test_2_7_a_controller_that_was_away_goes_on(stage: Stage) -> None:
    """What was created, changed or deleted meanwhile is done at the next start, once."""
    await stage.create(KIND, "db", database(stage))
    async with stage.controller("rds"):
        await stage.synced(KIND, "db")
    await stage.patch(KIND, "db", {"spec": {"backupRetentionPeriod": 9}})
    async with stage.controller("rds"):

        async def changed() -> bool:
            return stage.front.calls["ModifyDBInstance"] == 1

        await eventually(changed, "the change")
    await stage.delete(KIND, "db")
    async with stage.controller("rds"):
        await stage.gone(KIND, "db")
    assert stage.front.calls["CreateDBInstance"] == 1
    assert stage.front.calls["DeleteDBInstance"] == 1


async def test_2_7_retries_become_ever_rarer(stage: Stage) -> None:
    """An error that stays costs a few calls, not a storm."""
    stage.front.refusals["CreateDBInstance"] = Refusal("InstanceQuotaExceeded")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await silence(3)
    # 5 ms, doubled each time: ten waits fill 5 seconds.
    assert 3 <= stage.front.calls["CreateDBInstance"] <= 10


async def test_2_7_an_object_in_sync_is_left_alone(stage: Stage) -> None:
    """No call and no write until something changes or the period is over."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.until(KIND, "db", says(SYNCED, "True"))
        await silence(0.7)
        before = await stage.get(KIND, "db")
        calls = stage.front.calls.total()
        await silence(1)
        after = await stage.get(KIND, "db")
    assert before is not None
    assert after is not None
    assert after.body["metadata"]["resourceVersion"] == before.body["metadata"]["resourceVersion"]
    assert stage.front.calls.total() == calls
