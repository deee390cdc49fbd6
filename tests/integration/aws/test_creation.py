# SPDX-License-Identifier: Apache-2.0
"""How a database instance comes into being, and what AWS refuses to make."""

from typing import Any

import pymysql
import pytest

from tests.aws import Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database


def test_an_instance_passes_its_states_and_then_takes_logins(aws: Simulator) -> None:
    """It is created, then backed up, then available; its master account and schema are real."""
    aws.control.freeze()
    made = aws.create("wpc-a", DBName="site", EngineVersion="10.11")
    assert (made["DBInstanceStatus"], made.get("Endpoint")) == ("creating", None)
    assert made["EngineVersion"].startswith("10.11.")
    aws.control.advance(10)
    aws.control.wait("wpc-a", "backing-up")
    assert aws.describe("wpc-a")["Endpoint"]["Port"] == 3306
    aws.control.advance(10)
    aws.control.wait("wpc-a", "available")
    rows = aws.query("wpc-a", "CREATE TABLE site.t (a INT)", "SHOW TABLES FROM site")
    assert rows == [("t",)]


def test_the_master_account_has_no_more_rights_than_on_rds(aws: Simulator) -> None:
    """It makes users and schemas and passes rights on, but is no superuser and reads no files."""
    aws.create("wpc-a")
    assert aws.control.settle("wpc-a") == "available"
    aws.query(
        "wpc-a",
        "CREATE DATABASE blog",
        "CREATE USER blogger IDENTIFIED BY 'of-the-blog' REQUIRE SSL",
        "GRANT ALL PRIVILEGES ON blog.* TO blogger",
    )
    for denied in ("SET GLOBAL read_only = 1", "SELECT 1 INTO OUTFILE '/tmp/x'"):
        with pytest.raises((pymysql.OperationalError, pymysql.ProgrammingError)):
            aws.query("wpc-a", denied)


def test_each_instance_has_a_server_of_its_own(aws: Simulator) -> None:
    """Two instances share neither address nor accounts nor schemas."""
    aws.create("wpc-a", DBName="mine")
    aws.create("wpc-b", MasterUserPassword="another-password")
    assert [aws.control.settle(name) for name in ("wpc-a", "wpc-b")] == ["available"] * 2
    assert aws.describe("wpc-a")["Endpoint"] != aws.describe("wpc-b")["Endpoint"]
    with pytest.raises(pymysql.OperationalError):
        aws.query("wpc-b", "SELECT 1")
    schemas = aws.query("wpc-b", "SHOW DATABASES", password="another-password")
    assert ("mine",) not in schemas


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("InvalidParameterValue", {"MasterUserPassword": "short"}),
        ("InvalidParameterValue", {"MasterUserPassword": "with/a/slash"}),
        ("InvalidParameterValue", {"MasterUsername": "rdsadmin"}),
        ("InvalidParameterValue", {"DBInstanceClass": "t4g.micro"}),
        ("InvalidParameterValue", {"AllocatedStorage": 5}),
        ("InvalidParameterValue", {"VpcSecurityGroupIds": ["sg-0000"]}),
        ("InvalidParameterValue", {"DBInstanceIdentifier": "wpc--a"}),
        ("InvalidParameterCombination", {"EngineVersion": "9.9"}),
        ("InvalidParameterCombination", {"ManageMasterUserPassword": True}),
        ("DBSubnetGroupNotFoundFault", {"DBSubnetGroupName": "nowhere"}),
    ],
)
def test_what_rds_does_not_make(
    aws: Simulator, refuses: Refuses, code: str, asked: dict[str, Any]
) -> None:
    """A request that AWS would refuse is refused with AWS' code, and nothing is left of it."""
    with refuses(code):
        aws.create(**{"identifier": "wpc-a"} | asked) if "identifier" in asked else aws.create(
            asked.pop("DBInstanceIdentifier", "wpc-a"), **asked
        )
    assert aws.control.leftovers() == {}


def test_an_identifier_is_taken_until_aws_is_done_with_it(aws: Simulator, refuses: Refuses) -> None:
    """Not even an instance on its way out frees its name."""
    aws.create("wpc-a")
    with refuses("DBInstanceAlreadyExists"):
        aws.create("wpc-a")
    aws.control.settle("wpc-a")
    aws.control.freeze()
    aws.client("rds").delete_db_instance(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True)
    with refuses("DBInstanceAlreadyExists"):
        aws.create("wpc-a")


def test_the_quota_counts_instances(aws: Simulator, refuses: Refuses) -> None:
    """One instance too many is refused until another one is gone."""
    aws.control.settings(instance_quota=1, keeps_backups_by_default=False)
    aws.create("wpc-a")
    with refuses("InstanceQuotaExceeded"):
        aws.create("wpc-b")
    aws.control.settle("wpc-a")
    aws.client("rds").delete_db_instance(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True)
    assert aws.control.settle("wpc-a") is None
    aws.create("wpc-b")


def test_a_creation_can_come_to_nothing(aws: Simulator, refuses: Refuses) -> None:
    """A fated instance ends in a hopeless state, without endpoint; it can be deleted, bare."""
    aws.control.settings(fates={"wpc-*": "incompatible-network"})
    aws.create("wpc-a")
    assert aws.control.settle("wpc-a") == "incompatible-network"
    assert "Endpoint" not in aws.describe("wpc-a")
    delete = aws.client("rds").delete_db_instance
    with refuses("InvalidDBInstanceState"):
        delete(DBInstanceIdentifier="wpc-a", FinalDBSnapshotIdentifier="last")
    delete(DBInstanceIdentifier="wpc-a", SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    assert aws.control.settle("wpc-a") is None
    assert aws.control.leftovers() == {}


def test_secrets_manager_can_hold_the_password(aws: Simulator) -> None:
    """With a managed password the Secret of the instance opens the server."""
    aws.create("wpc-a", MasterUserPassword="", ManageMasterUserPassword=True)
    aws.control.settle("wpc-a")
    arn = aws.describe("wpc-a")["MasterUserSecret"]["SecretArn"]
    secret = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert aws.query("wpc-a", "SELECT 1", password=secret.split('"')[-2]) == [(1,)]
