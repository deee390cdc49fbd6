# SPDX-License-Identifier: Apache-2.0
"""What outlives the simulator's process."""

import signal
import socket
import ssl
import time
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


@pytest.mark.parametrize("pause", [0.1, 0.4])
def test_a_kill_amid_a_deletion_loses_nothing_and_leaves_nothing(
    aws: Simulator, pause: float
) -> None:
    """Whatever the moment: afterwards the final snapshot is there, the instance is not."""
    aws.control.settings(durations=dict.fromkeys(("creating", "backing_up"), 0.1))
    aws.create("wpc-a", DBName="site")
    aws.control.settle("wpc-a")
    aws.query("wpc-a", "CREATE TABLE site.t (a INT)", "INSERT INTO site.t VALUES (7)")
    aws.control.settings(durations=dict.fromkeys(("snapshot", "deleting"), 0.1))
    aws.client("rds").delete_db_instance(
        DBInstanceIdentifier="wpc-a",
        FinalDBSnapshotIdentifier="last",
        DeleteAutomatedBackups=True,
    )
    aws.control.remember()
    time.sleep(pause)  # the moment is the point
    aws.stop(signal.SIGKILL)
    aws.start()
    assert aws.control.settle("wpc-a") is None
    assert aws.control.leftovers() == {"DBSnapshot": ["last"]}
    aws.client("rds").restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="wpc-b", DBSnapshotIdentifier="last"
    )
    assert aws.control.settle("wpc-b") == "available"
    assert aws.query("wpc-b", "SELECT a FROM site.t") == [(7,)]


def test_aws_is_spoken_to_by_https_too() -> None:
    """The certificate is good for the address and for the name that clients use."""
    if problem := simulated.missing():
        pytest.skip(problem)
    secure = f"https://127.0.0.1:{simulated.free_port()}"
    with simulated.simulator("--listen", secure, "--name", "aws.test") as aws:
        trusting = ssl.create_default_context(cafile=str(aws.state / "pki" / "ca.crt"))
        for name in ("127.0.0.1", "aws.test", "exports.aws.test"):
            port = int(secure.rpartition(":")[2])
            with (
                socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
                trusting.wrap_socket(plain, server_hostname=name) as spoken,
            ):
                spoken.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert spoken.recv(100).startswith(b"HTTP/1.")


def test_an_endpoint_can_be_a_name_that_tells_its_address(aws: Simulator) -> None:
    """A name server needs no record of it, and the certificate is good for it."""
    aws.create("wpc-a")
    aws.control.settle("wpc-a")
    behind = aws.control.instance("wpc-a")
    assert behind.name == f"wpc-a.{behind.address.replace('.', '-')}.rds.test"
    assert aws.describe("wpc-a")["Endpoint"]["Address"] == behind.name
