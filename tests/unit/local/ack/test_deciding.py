# SPDX-License-Identifier: Apache-2.0
"""What the stand-in for ACK decides without asking anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.ack import conditions, errors, names, resource, tags, wishes, workqueue
from local.ack.kinds import db_fields
from local.ack.kinds.manager import differences
from local.ack.resource import Resource
from local.ack.watching import matters


def one(*, spec: dict[str, Any] | None = None, **metadata: Any) -> Resource:
    """Return an object."""
    return Resource({"metadata": {"name": "a", "namespace": "n", **metadata}, "spec": spec or {}})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("DBInstanceClass", "dbInstanceClass"),
        ("DbiResourceId", "dbiResourceID"),
        ("CACertificateIdentifier", "caCertificateIdentifier"),
        ("IAMDatabaseAuthenticationEnabled", "iamDatabaseAuthenticationEnabled"),
        ("KmsKeyId", "kmsKeyID"),
        ("MultiAZ", "multiAZ"),
        ("SecretArn", "secretARN"),
        ("VpcSecurityGroupId", "vpcSecurityGroupID"),
        ("VpcSecurityGroupIds", "vpcSecurityGroupIDs"),
        ("HostedZoneId", "hostedZoneID"),
        ("associationArn", "associationARN"),
        ("Identifier", "identifier"),
    ],
)
def test_field_names_are_those_of_the_definitions(theirs: str, ours: str) -> None:
    """One rule turns AWS' names into ACK's."""
    assert names.field(theirs) == ours


def test_answers_become_json() -> None:
    """Times become text, names ours at every level, and what is not set is left out."""
    told = {
        "SnapshotCreateTime": datetime(2026, 1, 2, tzinfo=UTC),
        "A": [{"KmsKeyId": 1, "B": None}],
    }
    assert names.value(told) == {
        "snapshotCreateTime": "2026-01-02T00:00:00Z",
        "a": [{"kmsKeyID": 1}],
    }


@pytest.mark.parametrize(
    ("old", "new", "patch", "reason"),
    [
        ({"a": 1}, {"a": 1}, {}, "nothing has changed"),
        ({"a": 1}, {}, {"a": None}, "what is gone is removed"),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}, "only what differs"),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}, "lists are replaced"),
        ({}, {"a": False}, {"a": False}, "a false value is a value"),
    ],
)
def test_a_patch_says_only_what_differs(
    old: dict[str, Any], new: dict[str, Any], patch: dict[str, Any], reason: str
) -> None:
    """It is a JSON merge patch."""
    assert resource.difference(old, new) == patch, reason


def test_the_first_retries_come_at_once_and_the_last_after_a_quarter_of_an_hour() -> None:
    """The limits are those of controller-runtime."""
    waits = [workqueue.patience(failures) for failures in (0, 1, 10, 17, 18, 1000)]
    assert waits == [0.005, 0.01, 5.12, 655.36, 1000.0, 1000.0]


@pytest.mark.parametrize(
    ("own", "around", "default", "policy"),
    [
        ({}, {}, "delete", "delete"),
        ({}, {"rds.services.k8s.aws/deletion-policy": "retain"}, "delete", "retain"),
        ({}, {"iam.services.k8s.aws/deletion-policy": "retain"}, "delete", "delete"),
        (
            {"services.k8s.aws/deletion-policy": "delete"},
            {"rds.services.k8s.aws/deletion-policy": "retain"},
            "retain",
            "delete",
        ),
    ],
)
def test_2_4_the_nearest_deletion_policy_counts(
    own: dict[str, str], around: dict[str, str], default: str, policy: str
) -> None:
    """Object, namespace (of this service), flag."""
    assert wishes.deletion(one(annotations=own), around, "rds", default) == policy


@pytest.mark.parametrize(
    ("skip", "snapshot", "backups", "farewell"),
    [
        (None, None, None, (True, None, None)),
        ("true", "s", "true", (True, "s", True)),
        ("", None, None, (True, None, None)),
        ("false", "s", "false", (False, "s", False)),
        ("0", "s", "1", (False, "s", True)),
    ],
)
def test_2_4_how_a_database_ends(
    skip: str | None,
    snapshot: str | None,
    backups: str | None,
    farewell: tuple[bool, str | None, bool | None],
) -> None:
    """Without a word the data is lost."""
    given = {
        "skip-final-snapshot": skip,
        "final-db-snapshot-identifier": snapshot,
        "delete-automated-backups": backups,
    }
    notes = {f"rds.services.k8s.aws/{key}": text for key, text in given.items() if text}
    found = wishes.farewell(one(annotations=notes))
    assert (found.skip_snapshot, found.snapshot, found.drop_backups) == farewell


def test_2_4_a_word_that_is_no_answer_deletes_nothing() -> None:
    """Rather than that a typing error costs the data."""
    with pytest.raises(errors.Again, match="neither true nor false"):
        wishes.farewell(one(annotations={"rds.services.k8s.aws/skip-final-snapshot": "no"}))


@pytest.mark.parametrize(
    ("ending", "synced", "ready", "reason"),
    [
        (None, "True", "True", ""),
        (errors.Told(), "False", "False", conditions.TERMINAL),
        (errors.Again("x"), "Unknown", "False", conditions.RECOVERABLE),
    ],
)
def test_2_1_ready_sums_up(
    ending: errors.Ending | None, synced: str, ready: str, reason: str
) -> None:
    """Terminal and recoverable decide; otherwise it mirrors whether the object is in sync."""
    found = one()
    if isinstance(ending, errors.Told):
        conditions.unmanaged(found, "now")
    elif ending is not None:
        assert not conditions.failure(found, ending, frozenset(), "now")
    conditions.conclude(found, ending, "now")
    told = {each["type"]: each for each in found.status["conditions"]}
    assert told[conditions.SYNCED]["status"] == synced
    assert told[conditions.READY]["status"] == ready
    assert told[conditions.READY]["reason"] == reason


def test_2_1_ready_mirrors_an_object_that_is_out_of_sync() -> None:
    """A kind that says itself that AWS is at work is believed."""
    found = one()
    conditions.put(found, conditions.SYNCED, "False", "now", message="at work")
    conditions.conclude(found, None, "now")
    assert (conditions.get(found, conditions.READY) or {})["message"] == "at work"


def test_2_1_the_code_decides_what_is_terminal() -> None:
    """The same error is terminal for one kind and recoverable for another."""
    error = errors.Answered("RDS: X", "InvalidSubnet", "no", "id", 400)
    assert conditions.failure(one(), error, frozenset({"InvalidSubnet"}), "now")
    assert not conditions.failure(one(), error, frozenset(), "now")


def test_2_5_default_tags_are_filled_in() -> None:
    """Service, version and namespace; the version of kro if the object carries it."""
    found = one(labels={"kro.run/kro-version": "v1"})
    assert tags.defaults(tags.CHART, found, "rds") == {
        "services.k8s.aws/controller-version": "rds-local",
        "services.k8s.aws/namespace": "n",
        "kro.run/kro-version": "v1",
    }


def test_tags_of_aws_are_left_alone() -> None:
    """Nobody may remove them, and nobody tries."""
    added, removed = tags.change({"a": "1", "b": "2"}, {"a": "0", "c": "3", "aws:x": "y"})
    assert added == {"a": "1", "b": "2"}
    assert removed == ["c"]
    assert tags.own({"aws:x": "y", "services.k8s.aws/z": "", "e": "f", "g": "h"}, ["g=%X%"]) == {
        "e": "f"
    }


def test_2_2_what_is_pending_counts_as_done() -> None:
    """Else a change that AWS has accepted would be asked for again and again."""
    told = {"DBInstanceClass": "small", "PendingModifiedValues": {"DBInstanceClass": "large"}}
    assert db_fields.observed(told)["dbInstanceClass"] == "large"


def test_2_2_the_late_fields_are_fields() -> None:
    """ACK initialises 28 of them late."""
    assert len(set(db_fields.LATE)) == 28
    assert set(db_fields.LATE) <= {field.spec for field in db_fields.FIELDS}


def test_what_aws_omits_differs_only_where_it_is_known_to() -> None:
    """An answer without a field says nothing about most fields."""
    want, seen = one(spec={"a": 1, "b": 2, "c": 3, "l": [1, 2]}), one(spec={"a": 9, "l": [2, 1]})
    fields = ("a", "b", "c", "l", "unset")
    assert differences(want, seen, fields, unordered=["l"], omitted=["c"]) == {"a", "c"}


@pytest.mark.parametrize(
    ("change", "news"),
    [
        ({}, False),
        ({"generation": 2}, True),
        ({"annotations": {"a": "b"}}, True),
        ({"uid": "other"}, True),
        ({"labels": {"a": "b"}}, False),
        ({"finalizers": ["x"]}, False),
        ({"resourceVersion": "9"}, False),
    ],
)
def test_only_a_new_generation_or_annotation_wakes_a_key(
    change: dict[str, Any], *, news: bool
) -> None:
    """Else every status that a controller writes would wake it again."""
    before: dict[str, Any] = {"uid": "u", "generation": 1, "resourceVersion": "1"}
    assert matters(one(**before), one(**{**before, **change})) is news
