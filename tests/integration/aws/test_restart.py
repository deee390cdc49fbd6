# SPDX-License-Identifier: Apache-2.0
"""What outlives the simulator's process."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests import aws as simulated
from tests.aws import Simulator

pytestmark = pytest.mark.database


@pytest.fixture
def aws() -> Iterator[Simulator]:
    """Return a simulator that may be stopped."""
    if problem := simulated.missing():
        pytest.skip(problem)
    with simulated.simulator("--domain", "rds.test") as running:
        yield running


def told(aws: Simulator) -> tuple[Any, Any]:
    """Return what AWS tells, but for the moment up to which it could restore."""
    return aws.describe("wpc-a") | {"LatestRestorableTime": None}, aws.control.leftovers()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_account_servers_and_ledger_outlive_the_process(
    aws: Simulator, how: signal.Signals
) -> None:
    """Stopped or killed, it goes on where it was: also with an instance that was in the making."""
    aws.create("wpc-a", DBName="site")
    aws.control.settle("wpc-a")
    aws.query("wpc-a", "CREATE TABLE site.t (a INT)", "INSERT INTO site.t VALUES (7)")
    aws.control.settings(durations={"creating": 60})
    aws.client("iam").create_role(RoleName="clone", AssumeRolePolicyDocument="{}")
    aws.create("wpc-b")
    before = told(aws)
    aws.control.remember()
    aws.stop(how)
    aws.start()
    assert told(aws) == before
    assert aws.query("wpc-a", "SELECT a FROM site.t") == [(7,)]
    assert aws.describe("wpc-b")["DBInstanceStatus"] == "creating"
    aws.control.advance(60)
    assert aws.control.settle("wpc-b") == "available"
    assert aws.control.committed()["CreateDBInstance"] == 2
    aws.client("eks").describe_cluster(name="wp-clone-restore")


def test_an_endpoint_can_be_a_name_that_tells_its_address(aws: Simulator) -> None:
    """A name server needs no record of it, and the certificate is good for it."""
    aws.create("wpc-a")
    aws.control.settle("wpc-a")
    behind = aws.control.instance("wpc-a")
    assert behind.name == f"wpc-a.{behind.address.replace('.', '-')}.rds.test"
    assert aws.describe("wpc-a")["Endpoint"]["Address"] == behind.name
