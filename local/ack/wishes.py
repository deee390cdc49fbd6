# SPDX-License-Identifier: Apache-2.0
"""Reads what annotations of an object and of its namespace ask a controller to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local.ack import errors
from local.ack.resource import Resource

PREFIX: Final = "services.k8s.aws"
ADOPTED: Final = f"{PREFIX}/adopted"
ADOPT, ADOPT_OR_CREATE = "adopt", "adopt-or-create"
DELETE, RETAIN = "delete", "retain"
_RDS: Final = f"rds.{PREFIX}"
LAST_SECRET: Final = f"{_RDS}/last-applied-secret-reference"

Annotations = Mapping[str, str]


def deletion(one: Resource, namespace: Annotations, service: str, default: str) -> str:
    """Return what becomes of the AWS resource: the object says it, its namespace, or the flag."""
    own = one.annotations.get(f"{PREFIX}/deletion-policy")
    return own or namespace.get(f"{service}.{PREFIX}/deletion-policy") or default


def region(one: Resource, namespace: Annotations, default: str) -> str:
    """Return where the resource is: where it was made, or else where it is wanted."""
    made = one.status.get("ackResourceMetadata", {}).get("region")
    name = f"{PREFIX}/region"
    return str(made or one.annotations.get(name) or namespace.get(name) or default)


def endpoint(namespace: Annotations, default: str | None) -> str | None:
    """Return AWS' address for a namespace."""
    return namespace.get(f"{PREFIX}/endpoint-url") or default


def read_only(one: Resource) -> bool:
    """Tell whether the object only shows what somebody else made."""
    return one.annotations.get(f"{PREFIX}/read-only", "").lower() == "true"


def adoption(one: Resource) -> str:
    """Return the adoption policy, or nothing; an unknown one is refused."""
    policy = one.annotations.get(f"{PREFIX}/adoption-policy", "")
    if policy not in ("", ADOPT, ADOPT_OR_CREATE):
        raise errors.Refused(f"unrecognized adoption policy: {policy}")
    return policy


def adoption_fields(one: Resource) -> dict[str, str]:
    """Return the fields that name what is to be adopted; none if they are not given."""
    text = one.annotations.get(f"{PREFIX}/adoption-fields")
    if text is None:
        return {}
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise errors.Refused(f"adoption-fields is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise errors.Refused("adoption-fields is no JSON object")
    return {str(key): str(value) for key, value in fields.items()}


@dataclass(frozen=True)
class Farewell:
    """How a database is to be deleted."""

    skip_snapshot: bool
    snapshot: str | None
    drop_backups: bool | None


def farewell(one: Resource) -> Farewell:
    """Return how a database is to be deleted; by default without a last snapshot.

    Nothing is checked here: that a snapshot needs a name, and has none if it is skipped, says AWS.
    """
    skip = _switch(one, "skip-final-snapshot")
    snapshot = one.annotations.get(f"{_RDS}/final-db-snapshot-identifier")
    return Farewell(skip is not False, snapshot, _switch(one, "delete-automated-backups"))


def _switch(one: Resource, name: str) -> bool | None:
    text = one.annotations.get(f"{_RDS}/{name}")
    if not text:
        return None
    # The spellings of Go's strconv.ParseBool.
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise errors.Again(f'{_RDS}/{name}: "{text}" is neither true nor false')
