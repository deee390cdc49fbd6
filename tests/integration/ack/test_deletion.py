# SPDX-License-Identifier: Apache-2.0
"""What becomes of AWS' side when an object is deleted: section 2.4."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from local.ack.conditions import RECOVERABLE, TERMINAL
from tests.integration.ack.front import Refusal
from tests.integration.ack.stage import Stage, database, says, silence

KIND = "DBInstance"
OF_NAMESPACE = "rds.services.k8s.aws/deletion-policy"


def exists(stage: Stage) -> bool:
    """Tell whether AWS has the database."""
    try:
        stage.aws("rds").describe_db_instances(DBInstanceIdentifier=stage.named("db"))
    except ClientError:
        return False
    return True


@pytest.mark.parametrize(
    ("own", "around", "flag", "stays", "reason"),
    [
        (None, None, "delete", False, "the flag decides"),
        (None, None, "retain", True, "the flag decides"),
        (None, "retain", "delete", True, "the namespace comes before the flag"),
        (None, "delete", "retain", False, "the namespace comes before the flag"),
        ("delete", "retain", "retain", False, "the object comes first"),
        ("retain", "delete", "delete", True, "the object comes first"),
    ],
)
async def test_2_4_who_says_what_becomes_of_the_resource(
    stage: Stage, own: str | None, around: str | None, flag: str, *, stays: bool, reason: str
) -> None:
    """The object's annotation counts first, then the namespace's, then the flag."""
    if around:
        await stage.annotate_namespace({OF_NAMESPACE: around})
    notes = {"deletion_policy": own} if own else {}
    async with stage.controller("rds", f"--deletion-policy={flag}"):
        await stage.create(KIND, "db", database(stage), notes)
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    assert exists(stage) is stays, reason


@pytest.mark.parametrize(
    ("notes", "sent"),
    [
        ({}, {"SkipFinalSnapshot": "true"}),
        (
            {"rds_skip_final_snapshot": "true", "rds_delete_automated_backups": "true"},
            {"SkipFinalSnapshot": "true", "DeleteAutomatedBackups": "true"},
        ),
        (
            {"rds_skip_final_snapshot": "false", "rds_final_db_snapshot_identifier": "wpc-final"},
            {"SkipFinalSnapshot": "false", "FinalDBSnapshotIdentifier": "wpc-final"},
        ),
        (
            {"rds_final_db_snapshot_identifier": "wpc-final"},
            {"SkipFinalSnapshot": "true", "FinalDBSnapshotIdentifier": "wpc-final"},
        ),
    ],
)
async def test_2_4_annotations_say_how_a_database_ends(
    stage: Stage, notes: dict[str, str], sent: dict[str, str]
) -> None:
    """By default without a last snapshot, and AWS decides about the backups."""
    if "rds_skip_final_snapshot" in notes and "rds_final_db_snapshot_identifier" in notes:
        name = stage.named("final")
        notes = {**notes, "rds_final_db_snapshot_identifier": name}
        sent = {**sent, "FinalDBSnapshotIdentifier": name}
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), notes)
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    names = ("SkipFinalSnapshot", "FinalDBSnapshotIdentifier", "DeleteAutomatedBackups")
    told = stage.front.last("DeleteDBInstance")
    assert {name: told[name] for name in names if name in told} == sent


async def test_2_4_a_final_snapshot_needs_a_name(stage: Stage) -> None:
    """AWS refuses to make one without: the object waits for another annotation."""
    stage.front.refusals["DeleteDBInstance"] = Refusal("InvalidParameterCombination")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), {"rds_skip_final_snapshot": "false"})
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        await stage.until(KIND, "db", says(TERMINAL, "True", "InvalidParameterCombination"))
        assert "FinalDBSnapshotIdentifier" not in stage.front.last("DeleteDBInstance")
        stage.front.refusals.clear()
        name = stage.named("final")
        await stage.annotate(KIND, "db", rds_final_db_snapshot_identifier=name)
        await stage.gone(KIND, "db")
    found = stage.aws("rds").describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    assert len(found) == 1


async def test_2_4_an_annotation_that_is_no_answer_deletes_nothing(stage: Stage) -> None:
    """It is recoverable, and read again."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage), {"rds_skip_final_snapshot": "perhaps"})
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        await stage.until(KIND, "db", says(RECOVERABLE, "True", "perhaps"))
        assert exists(stage)
        await stage.annotate(KIND, "db", rds_skip_final_snapshot="true")
        await stage.gone(KIND, "db")


async def test_2_4_the_object_goes_when_aws_has_accepted(stage: Stage) -> None:
    """AWS still has the database, as deleting, when the object is gone."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        stage.front.accepts_only = {"DeleteDBInstance"}
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    assert exists(stage)


async def test_2_4_a_database_that_is_going_already_is_waited_for(stage: Stage) -> None:
    """Somebody else deletes it: the finalizer stays until AWS knows it no more."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        stage.front.state = "deleting"
        await stage.delete(KIND, "db")
        await stage.until(KIND, "db", says(RECOVERABLE, "True", "'deleting' state"))
        assert stage.front.calls["DeleteDBInstance"] == 0
        stage.aws("rds").delete_db_instance(
            DBInstanceIdentifier=stage.named("db"), SkipFinalSnapshot=True
        )
        await stage.gone(KIND, "db")


async def test_2_4_an_identifier_cannot_be_used_again_while_aws_deletes(stage: Stage) -> None:
    """The new object finds the old database, calls it foreign, and never looks again."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        stage.front.accepts_only = {"DeleteDBInstance"}
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
        stage.front.state = "deleting"
        await stage.create(KIND, "again", database(stage))
        await stage.until(KIND, "again", says(TERMINAL, "True", "already exists"))
        stage.aws("rds").delete_db_instance(
            DBInstanceIdentifier=stage.named("db"), SkipFinalSnapshot=True
        )
        await silence(1.5)
        await stage.until(KIND, "again", says(TERMINAL, "True"))
    assert stage.front.calls["CreateDBInstance"] == 1


async def test_2_4_a_protected_database_stays_whatever_the_spec_says_now(stage: Stage) -> None:
    """AWS refuses; a change of the spec does not reach AWS any more. A hand in AWS does it."""
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage, deletionProtection=True))
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        await stage.until(KIND, "db", says(TERMINAL, "True", "InvalidParameterCombination"))
        await stage.patch(KIND, "db", {"spec": {"deletionProtection": False}})
        await silence(1)
        assert await stage.get(KIND, "db") is not None
        assert stage.front.calls["ModifyDBInstance"] == 0
        stage.aws("rds").modify_db_instance(
            DBInstanceIdentifier=stage.named("db"), DeletionProtection=False
        )
        await stage.annotate(KIND, "db", nudge="1")
        await stage.gone(KIND, "db")
    assert not exists(stage)


async def test_2_4_a_refused_deletion_is_tried_again(stage: Stage) -> None:
    """The object stays, with its finalizer, as long as AWS says no."""
    stage.front.refusals["DeleteDBInstance"] = Refusal("InvalidDBInstanceState")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.synced(KIND, "db")
        await stage.delete(KIND, "db")
        found = await stage.until(KIND, "db", says(RECOVERABLE, "True", "InvalidDBInstanceState"))
        assert found.finalizers
        stage.front.refusals.clear()
        await stage.gone(KIND, "db")


async def test_2_4_what_nobody_has_made_is_gone_at_once(stage: Stage) -> None:
    """An object whose creation AWS has refused has no finalizer, so nothing holds it."""
    stage.front.refusals["CreateDBInstance"] = Refusal("InvalidParameterValue")
    async with stage.controller("rds"):
        await stage.create(KIND, "db", database(stage))
        await stage.until(KIND, "db", says(TERMINAL, "True"))
        await stage.delete(KIND, "db")
        await stage.gone(KIND, "db")
    assert stage.front.calls["DeleteDBInstance"] == 0
