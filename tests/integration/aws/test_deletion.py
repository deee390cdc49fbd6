# SPDX-License-Identifier: Apache-2.0
"""How an instance goes, what stays of it, and what stands in its way."""

import pytest

from tests.aws import Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database


@pytest.fixture
def rds(aws: Simulator) -> Simulator:
    """Return a simulator with one instance in use."""
    aws.create("wpc-a", DBName="site")
    aws.control.settle("wpc-a")
    return aws


def test_a_deletion_takes_its_time_and_leaves_nothing(rds: Simulator, refuses: Refuses) -> None:
    """Until AWS is done the instance is there, deleting; then it, server and data are gone."""
    rds.control.freeze()
    client, name = rds.client("rds"), {"DBInstanceIdentifier": "wpc-a"}
    client.delete_db_instance(**name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    assert rds.describe("wpc-a")["DBInstanceStatus"] == "deleting"
    with refuses("InvalidDBInstanceState"):
        client.delete_db_instance(**name, SkipFinalSnapshot=True)
    rds.control.advance(10)
    rds.control.wait("wpc-a", None)
    with refuses("DBInstanceNotFound"):
        rds.describe("wpc-a")
    assert rds.control.leftovers() == {}


def test_a_final_snapshot_outlives_its_instance(rds: Simulator, refuses: Refuses) -> None:
    """It has the content of the end; a name that is taken stops the deletion."""
    client, name = rds.client("rds"), {"DBInstanceIdentifier": "wpc-a"}
    client.create_db_snapshot(**name, DBSnapshotIdentifier="taken")
    rds.control.settle("wpc-a")
    with refuses("DBSnapshotAlreadyExists"):
        client.delete_db_instance(**name, FinalDBSnapshotIdentifier="taken")
    rds.query("wpc-a", "CREATE TABLE site.t (a INT)", "INSERT INTO site.t VALUES (9)")
    client.delete_db_instance(**name, FinalDBSnapshotIdentifier="last")
    rds.control.settle("wpc-a")
    assert rds.control.leftovers()["DBSnapshot"] == ["last", "taken"]
    client.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="wpc-b", DBSnapshotIdentifier="last"
    )
    rds.control.settle("wpc-b")
    assert rds.query("wpc-b", "SELECT a FROM site.t") == [(9,)]


def test_what_becomes_of_the_data_must_be_said(rds: Simulator, refuses: Refuses) -> None:
    """Neither silence nor contradiction deletes, and protection stops everything."""
    client, name = rds.client("rds"), {"DBInstanceIdentifier": "wpc-a"}
    with refuses("InvalidParameterCombination"):
        client.delete_db_instance(**name)
    with refuses("InvalidParameterCombination"):
        client.delete_db_instance(**name, SkipFinalSnapshot=True, FinalDBSnapshotIdentifier="x")
    client.modify_db_instance(**name, DeletionProtection=True)
    with refuses("InvalidParameterCombination"):
        client.delete_db_instance(**name, SkipFinalSnapshot=True)


def test_an_instance_in_the_making_cannot_be_deleted(aws: Simulator, refuses: Refuses) -> None:
    """Whoever changes their mind has to wait."""
    aws.control.freeze()
    aws.create("wpc-a")
    with refuses("InvalidDBInstanceState"):
        aws.client("rds").delete_db_instance(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True)


def test_automated_backups_stay_and_cost_unless_told_otherwise(rds: Simulator) -> None:
    """They are listed as retained until somebody deletes them."""
    client = rds.client("rds")
    client.delete_db_instance(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True)
    rds.control.settle("wpc-a")
    assert rds.control.leftovers() == {"DBInstanceAutomatedBackup": ["wpc-a"]}
    backups = client.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert [backup["Status"] for backup in backups] == ["retained"]
    client.delete_db_instance_automated_backup(DbiResourceId=backups[0]["DbiResourceId"])
    assert rds.control.leftovers() == {}


def test_a_subnet_group_stays_under_its_instance(aws: Simulator, refuses: Refuses) -> None:
    """It cannot go before the instance is really gone; one zone is not enough to make one."""
    client = aws.client("rds")
    subnets = aws.client("ec2").describe_subnets()["Subnets"]
    group = {"DBSubnetGroupName": "group", "DBSubnetGroupDescription": "for a test"}
    with refuses("DBSubnetGroupDoesNotCoverEnoughAZs"):
        client.create_db_subnet_group(**group, SubnetIds=[subnets[0]["SubnetId"]])
    client.create_db_subnet_group(**group, SubnetIds=[each["SubnetId"] for each in subnets])
    with refuses("DBSubnetGroupAlreadyExists"):
        client.create_db_subnet_group(**group, SubnetIds=[each["SubnetId"] for each in subnets])
    aws.create("wpc-a", DBSubnetGroupName="group")
    aws.control.settle("wpc-a")
    aws.control.freeze()
    client.delete_db_instance(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True)
    with refuses("InvalidDBSubnetGroupStateFault"):
        client.delete_db_subnet_group(DBSubnetGroupName="group")
    aws.control.run()
    aws.control.settle("wpc-a")
    client.delete_db_subnet_group(DBSubnetGroupName="group")
