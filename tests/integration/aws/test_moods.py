# SPDX-License-Identifier: Apache-2.0
"""What a test can script: AWS that refuses, answers late, or not at all."""

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError

from local.aws.moods import Effect, Mood
from tests.aws import Simulator
from tests.integration.aws.conftest import Refuses

pytestmark = pytest.mark.database


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InsufficientDBInstanceCapacity", 400),
        ("InstanceQuotaExceeded", 400),
        ("Throttling", 400),
        ("RequestLimitExceeded", 503),
        ("AccessDenied", 403),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_any_code_once(aws: Simulator, code: str, status: int) -> None:
    """A one-off refusal meets the first call, with AWS' status; the next one passes."""
    aws.control.refuse("CreateDBInstance", code, times=1)
    with pytest.raises(ClientError) as caught:
        aws.create("wpc-a")
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert aws.control.leftovers() == {}
    aws.create("wpc-a")
    assert aws.control.moods() == {f"CreateDBInstance {code}": 1}


@pytest.mark.parametrize(
    ("service", "verb", "asked", "code"),
    [
        ("eks", "list_pod_identity_associations", {"clusterName": "x"}, "ThrottlingException"),
        ("iam", "list_roles", {}, "Throttling"),
        ("sts", "get_caller_identity", {}, "ExpiredToken"),
        ("s3", "list_buckets", {}, "SlowDown"),
        ("ec2", "describe_subnets", {}, "RequestLimitExceeded"),
        ("resourcegroupstaggingapi", "get_resources", {}, "ThrottledException"),
    ],
)
def test_each_service_refuses_in_its_own_words(
    aws: Simulator, refuses: Refuses, service: str, verb: str, asked: dict[str, Any], code: str
) -> None:
    """AWS' client understands the refusal of every protocol."""
    aws.control.refuse("*", code)
    with refuses(code):
        getattr(aws.client(service), verb)(**asked)


def test_throttling_throughout_slows_and_breaks_nothing(aws: Simulator, refuses: Refuses) -> None:
    """Each second call is throttled; a client that tries again gets through."""
    aws.control.throttle("rds:*", every=2)
    with refuses("Throttling"):
        aws.client("rds").describe_db_instances()
    aws.client("rds").describe_db_instances()
    patient = aws.client("rds", attempts=5)
    for _ in range(3):
        patient.describe_db_instances()
    assert {entry.error for entry in aws.control.ledger()} == {"", "Throttling"}


def test_a_mood_can_choose_whom_it_meets(aws: Simulator, refuses: Refuses) -> None:
    """By service, parameters, the caller's key, and how many pass first."""
    aws.control.refuse(
        "rds:Describe*",
        "AccessDenied",
        access_key="AKIAOTHER",
        parameters={"DBInstanceIdentifier": "wpc-*"},
        skip=1,
    )
    other = aws.client("rds", key="AKIAOTHER")
    asked = {"DBInstanceIdentifier": "wpc-a"}
    other.describe_db_instances()
    for client in (aws.client("rds"), other):
        with refuses("DBInstanceNotFound"):
            client.describe_db_instances(**asked)
    with refuses("AccessDenied"):
        other.describe_db_instances(**asked)


def test_a_lost_answer_leaves_what_was_done(aws: Simulator, refuses: Refuses) -> None:
    """The client sees a broken connection, AWS has the instance: asking again is no cure."""
    aws.control.lose_answer("CreateDBInstance")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        aws.create("wpc-a")
    assert aws.control.committed() == {"CreateDBInstance": 1}
    with refuses("DBInstanceAlreadyExists"):
        aws.create("wpc-a")


def test_a_refusal_can_hide_that_it_was_done(aws: Simulator, refuses: Refuses) -> None:
    """An internal failure after the fact, and one before it, look the same to the caller."""
    aws.control.refuse("CreateDBInstance", "InternalFailure", times=1, effect=Effect.REFUSE_AFTER)
    with refuses("InternalFailure"):
        aws.create("wpc-a")
    assert aws.describe("wpc-a")["DBInstanceStatus"] == "creating"


def test_a_lost_request_did_nothing(aws: Simulator) -> None:
    """A connection that breaks says nothing about what was done."""
    aws.control.add(Mood("gone", "CreateDBInstance", Effect.LOSE_REQUEST, times=1))
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        aws.create("wpc-a")
    assert aws.control.leftovers() == {}


def test_a_call_hangs_until_the_mood_is_lifted(aws: Simulator) -> None:
    """The caller waits; others are served meanwhile; nothing was done."""
    aws.control.hang("CreateDBInstance")
    failures: list[Exception] = []

    def create() -> None:
        try:
            aws.create("wpc-a")
        except HTTPClientError as error:
            failures.append(error)

    caller = threading.Thread(target=create)
    caller.start()
    assert aws.control.wait_call("CreateDBInstance").status == 0
    assert aws.client("rds").describe_db_instances()["DBInstances"] == []
    aws.control.lift()
    caller.join(10)
    assert len(failures) == 1


def test_an_answer_can_be_late_and_say_when_to_come_again(aws: Simulator) -> None:
    """A delay holds the call back; a refusal may carry `Retry-After`."""
    aws.control.add(Mood("late", "DescribeDBInstances", Effect.DELAY, delay=0.3, times=1))
    begun = time.monotonic()
    aws.client("rds").describe_db_instances()
    assert time.monotonic() - begun >= 0.3
    aws.control.refuse("DescribeDBInstances", "Throttling", retry_after=7)
    with pytest.raises(ClientError) as caught:
        aws.client("rds").describe_db_instances()
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"
