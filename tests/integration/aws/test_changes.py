# SPDX-License-Identifier: Apache-2.0
"""How an instance is changed, rebooted, stopped, broken, copied and restored."""

import pymysql
import pytest

from tests.aws import Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database
OTHER = "another-password"


@pytest.fixture
def rds(aws: Simulator) -> Simulator:
    """Return a simulator with one instance in use, which holds one row."""
    aws.create("wpc-a", DBName="site")
    aws.control.settle("wpc-a")
    aws.query("wpc-a", "CREATE TABLE site.t (a INT)", "INSERT INTO site.t VALUES (7)")
    return aws


def test_a_change_shows_as_pending_and_then_happens(rds: Simulator, refuses: Refuses) -> None:
    """For a moment the instance looks untouched; then it is modifying, and can only wait."""
    rds.control.freeze()
    modify = rds.client("rds").modify_db_instance
    answer = modify(DBInstanceIdentifier="wpc-a", AllocatedStorage=30, ApplyImmediately=True)
    assert answer["DBInstance"]["DBInstanceStatus"] == "available"
    assert answer["DBInstance"]["PendingModifiedValues"] == {"AllocatedStorage": 30}
    assert answer["DBInstance"]["AllocatedStorage"] == 20
    rds.control.advance(10)
    rds.control.wait("wpc-a", "modifying")
    with refuses("InvalidDBInstanceState"):
        modify(DBInstanceIdentifier="wpc-a", AllocatedStorage=40, ApplyImmediately=True)
    rds.control.advance(10)
    rds.control.wait("wpc-a", "available")
    seen = rds.describe("wpc-a")
    assert (seen["AllocatedStorage"], seen["PendingModifiedValues"]) == (30, {})


def test_a_change_can_wait_for_the_window_or_a_reboot(rds: Simulator) -> None:
    """Without `ApplyImmediately` a change is pending until the window opens."""
    modify = rds.client("rds").modify_db_instance
    modify(DBInstanceIdentifier="wpc-a", DBInstanceClass="db.t4g.small")
    assert rds.control.settle("wpc-a") == "available"
    assert rds.describe("wpc-a")["DBInstanceClass"] == "db.t4g.micro"
    rds.control.carry_out("wpc-a")
    rds.control.settle("wpc-a")
    assert rds.describe("wpc-a")["DBInstanceClass"] == "db.t4g.small"


def test_a_new_master_password_replaces_the_old(rds: Simulator) -> None:
    """It is made at once, whatever the window; the old one opens nothing any more."""
    rds.client("rds").modify_db_instance(DBInstanceIdentifier="wpc-a", MasterUserPassword=OTHER)
    rds.control.wait("wpc-a", "resetting-master-credentials")
    rds.control.settle("wpc-a")
    assert rds.query("wpc-a", "SELECT a FROM site.t", password=OTHER) == [(7,)]
    with pytest.raises(pymysql.OperationalError):
        rds.query("wpc-a", "SELECT 1")


def test_a_reboot_ends_connections_and_keeps_data(rds: Simulator) -> None:
    """The server is restarted for real."""
    with rds.login("wpc-a") as connection:
        rds.client("rds").reboot_db_instance(DBInstanceIdentifier="wpc-a")
        assert rds.describe("wpc-a")["DBInstanceStatus"] == "rebooting"
        rds.control.settle("wpc-a")
        with pytest.raises(pymysql.OperationalError):
            connection.ping(reconnect=False)
    assert rds.query("wpc-a", "SELECT a FROM site.t") == [(7,)]


def test_a_stopped_instance_refuses_everything_until_started(
    rds: Simulator, refuses: Refuses
) -> None:
    """Its server is down, its data stays."""
    client = rds.client("rds")
    client.stop_db_instance(DBInstanceIdentifier="wpc-a")
    assert rds.control.settle("wpc-a") == "stopped"
    with pytest.raises(pymysql.OperationalError):
        rds.query("wpc-a", "SELECT 1")
    with refuses("InvalidDBInstanceState"):
        client.reboot_db_instance(DBInstanceIdentifier="wpc-a")
    client.start_db_instance(DBInstanceIdentifier="wpc-a")
    assert rds.control.settle("wpc-a") == "available"
    assert rds.query("wpc-a", "SELECT a FROM site.t") == [(7,)]


@pytest.mark.parametrize(
    ("status", "serves"), [("failed", False), ("storage-full", True), ("available", True)]
)
def test_any_state_can_be_forced(rds: Simulator, status: str, serves: bool) -> None:  # noqa: FBT001
    """A hopeless state takes the server away; a merely bad one does not."""
    rds.control.force("wpc-a", status)
    assert rds.describe("wpc-a")["DBInstanceStatus"] == status
    assert rds.control.instance("wpc-a").runs is serves


def test_a_snapshot_keeps_content_and_accounts_of_its_moment(rds: Simulator) -> None:
    """What is restored has the rows and the master password of then, at another address."""
    client = rds.client("rds")
    made = client.create_db_snapshot(DBInstanceIdentifier="wpc-a", DBSnapshotIdentifier="then")
    assert made["DBSnapshot"]["Status"] == "creating"
    rds.control.settle("wpc-a")
    rds.query("wpc-a", "DELETE FROM site.t")
    seen = client.describe_db_snapshots(DBSnapshotIdentifier="then")["DBSnapshots"][0]
    assert (seen["Status"], seen["PercentProgress"]) == ("available", 100)
    client.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="wpc-b", DBSnapshotIdentifier="then"
    )
    assert rds.control.settle("wpc-b") == "available"
    assert rds.query("wpc-b", "SELECT a FROM site.t") == [(7,)]
    assert rds.query("wpc-a", "SELECT a FROM site.t") == []


def test_a_snapshot_in_the_making_is_no_use_yet(rds: Simulator, refuses: Refuses) -> None:
    """It can be neither restored nor deleted, and its name is taken."""
    rds.control.freeze()
    client = rds.client("rds")
    names = {"DBInstanceIdentifier": "wpc-a", "DBSnapshotIdentifier": "then"}
    client.create_db_snapshot(**names)
    with refuses("InvalidDBSnapshotState"):
        client.restore_db_instance_from_db_snapshot(**names | {"DBInstanceIdentifier": "wpc-b"})
    with refuses("InvalidDBSnapshotState"):
        client.delete_db_snapshot(DBSnapshotIdentifier="then")
    with refuses("InvalidDBInstanceState"):
        client.create_db_snapshot(**names)


def test_a_restore_names_no_schema(rds: Simulator, refuses: Refuses) -> None:
    """MySQL and MariaDB refuse a schema's name in a restore; the snapshot quota is real too."""
    client = rds.client("rds")
    rds.control.settings(snapshot_quota=1)
    client.create_db_snapshot(DBInstanceIdentifier="wpc-a", DBSnapshotIdentifier="then")
    rds.control.settle("wpc-a")
    with refuses("InvalidParameterValue"):
        client.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="wpc-b", DBSnapshotIdentifier="then", DBName="site"
        )
    with refuses("SnapshotQuotaExceeded"):
        client.create_db_snapshot(DBInstanceIdentifier="wpc-a", DBSnapshotIdentifier="now")


def test_what_is_not_simulated_is_refused(rds: Simulator, refuses: Refuses) -> None:
    """Better than a replica or a restore that has no server, or another one's."""
    client = rds.client("rds")
    with refuses("InvalidParameterCombination"):
        client.create_db_instance_read_replica(
            DBInstanceIdentifier="wpc-b", SourceDBInstanceIdentifier="wpc-a"
        )
    with refuses("InvalidRestoreFault"):
        client.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier="wpc-a",
            TargetDBInstanceIdentifier="wpc-b",
            UseLatestRestorableTime=True,
        )
