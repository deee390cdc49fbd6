# SPDX-License-Identifier: Apache-2.0
"""What the ledger tells of the calls, and what it must not tell."""

import pytest

from tests.aws import PASSWORD, Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database


def test_every_call_is_in_the_ledger_with_caller_and_outcome(
    aws: Simulator, refuses: Refuses
) -> None:
    """Who asked for what, what came of it, and under which request id the caller knows it."""
    answer = aws.client("rds", key="AKIAACK").describe_db_instances()
    with refuses("DBInstanceNotFound"):
        aws.describe("wpc-a")
    first, second = aws.control.ledger()
    assert (first.service, first.action, first.access_key) == (
        "rds",
        "DescribeDBInstances",
        "AKIAACK",
    )
    assert first.request_id == answer["ResponseMetadata"]["RequestId"]
    assert (first.status, first.error, second.status, second.error) == (
        200,
        "",
        404,
        "DBInstanceNotFound",
    )
    assert second.parameters["DBInstanceIdentifier"] == "wpc-a"
    assert "Boto3" in first.agent


def test_writes_are_counted_by_what_was_done(aws: Simulator, refuses: Refuses) -> None:
    """Reads and refused writes do not count: two creations would show as two."""
    aws.create("wpc-a")
    with refuses("DBInstanceAlreadyExists"):
        aws.create("wpc-a")
    aws.describe("wpc-a")
    assert aws.control.committed() == {"CreateDBInstance": 1}
    aws.control.clear_ledger()
    assert aws.control.ledger() == []


def test_no_password_is_written_anywhere(aws: Simulator) -> None:
    """Neither ledger, log, account file nor snapshots hold a master password, old or new."""
    new = "canary-of-the-successor"
    aws.create("wpc-a")
    aws.control.settle("wpc-a")
    client, name = aws.client("rds"), {"DBInstanceIdentifier": "wpc-a"}
    client.modify_db_instance(**name, MasterUserPassword=new, ApplyImmediately=True)
    aws.control.wait("wpc-a", "resetting-master-credentials")
    aws.control.settle("wpc-a")
    client.create_db_snapshot(**name, DBSnapshotIdentifier="then")
    aws.control.settle("wpc-a")
    written = aws.written()
    assert b"MasterUserPassword" in written
    assert PASSWORD.encode() not in written
    assert new.encode() not in written
