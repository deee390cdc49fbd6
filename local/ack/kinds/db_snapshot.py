# SPDX-License-Identifier: Apache-2.0
"""Manages snapshots of databases: made once, never changed but for their tags."""

from __future__ import annotations

from typing import Any, Final

from local.ack import errors, names, tags
from local.ack.kinds import rds
from local.ack.kinds.manager import TAGS, Manager, out_of_sync, tags_differ
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope

_SHOWN: Final = (
    "AllocatedStorage",
    "Encrypted",
    "Engine",
    "PercentProgress",
    "SnapshotCreateTime",
    "SnapshotType",
    "Status",
)


class DBSnapshot(Manager):
    """A snapshot that somebody asked for."""

    service = "rds"
    kind = rds.SNAPSHOT
    missing = frozenset({"DBSnapshotNotFound", "DBSnapshotNotFoundFault"})
    adopted_by = ("dbSnapshotIdentifier",)
    references = (
        Reference(
            "dbInstanceIdentifierRef",
            "dbInstanceIdentifier",
            rds.INSTANCE,
            ("spec", "dbInstanceIdentifier"),
        ),
    )

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the identifier."""
        one.spec["dbSnapshotIdentifier"] = fields["dbSnapshotIdentifier"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the one snapshot."""
        name = one.spec["dbSnapshotIdentifier"]
        told = await scope.call("describe_db_snapshots", DBSnapshotIdentifier=name)
        if not told["DBSnapshots"]:
            raise errors.Missing("resource not found")
        _show(one, told["DBSnapshots"][0], scope)
        await rds.read_tags(one, scope)
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Begin the snapshot."""
        told = await scope.call(
            "create_db_snapshot",
            DBSnapshotIdentifier=want.spec["dbSnapshotIdentifier"],
            DBInstanceIdentifier=want.spec.get("dbInstanceIdentifier"),
            Tags=tags.listed(scope.tags(want)),
        )
        made = want.copy()
        _show(made, told["DBSnapshot"], scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare the tags; nothing else of a snapshot can change."""
        return frozenset({TAGS} if tags_differ(want, seen, scope) else ())

    async def update(
        self,
        want: Resource,
        seen: Resource,
        delta: frozenset[str],  # noqa: ARG002  only tags can differ
        scope: Scope,
    ) -> None:
        """Change the tags."""
        await rds.sync_tags(want, seen, scope)

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Delete the snapshot."""
        name = seen.spec["dbSnapshotIdentifier"]
        await scope.call("delete_db_snapshot", DBSnapshotIdentifier=name)


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    one.spec["dbInstanceIdentifier"] = told["DBInstanceIdentifier"]
    kept = {"conditions": one.status.get("conditions") or []}
    shown = names.value({key: told[key] for key in _SHOWN if key in told})
    metadata = {"ackResourceMetadata": scope.metadata(told.get("DBSnapshotArn"))}
    one.body["status"] = {**kept, **metadata, **shown}
    if told.get("Status") != "available":
        out_of_sync(one, scope)
