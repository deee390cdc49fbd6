# SPDX-License-Identifier: Apache-2.0
"""Manages databases: RDS makes, changes and deletes them in its own time."""

from __future__ import annotations

from typing import Any, Final

from local.ack import conditions, errors, names, tags, wishes
from local.ack.kinds import db_fields, rds
from local.ack.kinds.manager import TAGS, Manager, differences, out_of_sync, tags_differ
from local.ack.references import Reference
from local.ack.resource import Resource
from local.ack.scope import Scope

PASSWORD: Final = "masterUserPassword"  # noqa: S105  the name of a field
HOPELESS: Final = frozenset(
    {
        "deleted",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-network",
        "incompatible-restore",
    }
)
_SHOWN: Final = (
    "DBInstanceStatus",
    "DbiResourceId",
    "Endpoint",
    "IAMDatabaseAuthenticationEnabled",
    "InstanceCreateTime",
    "MasterUserSecret",
    "PendingModifiedValues",
    "StatusInfos",
    "VpcSecurityGroups",
)


class DBInstance(Manager):
    """A database server of RDS."""

    service = "rds"
    kind = rds.INSTANCE
    missing = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"})
    terminal = frozenset(
        {"InvalidParameter", "InvalidParameterCombination", "InvalidParameterValue"}
    )
    late = db_fields.LATE
    adopted_by = ("dbInstanceIdentifier",)
    references = (
        Reference("dbParameterGroupRef", "dbParameterGroupName", rds.PARAMETERS, ("spec", "name")),
        Reference("dbSubnetGroupRef", "dbSubnetGroupName", rds.SUBNETS, ("spec", "name")),
        Reference("kmsKeyRef", "kmsKeyID", rds.KEY, ("status", "ackResourceMetadata", "arn")),
        Reference(
            "vpcSecurityGroupRefs",
            "vpcSecurityGroupIDs",
            rds.SECURITY_GROUP,
            ("status", "id"),
            many=True,
        ),
    )

    def identify(self, one: Resource, fields: dict[str, str]) -> None:
        """Take the identifier."""
        one.spec["dbInstanceIdentifier"] = fields["dbInstanceIdentifier"]

    async def observe(self, one: Resource, scope: Scope) -> Resource:
        """Ask for the one instance; anything but available is out of sync."""
        name = one.spec["dbInstanceIdentifier"]
        told = await scope.call("describe_db_instances", DBInstanceIdentifier=name)
        if not told["DBInstances"]:
            raise errors.Missing("resource not found")
        _show(one, told["DBInstances"][0], scope)
        await rds.read_tags(one, scope)
        if _state(one) != "available":
            out_of_sync(one, scope)
        return one

    async def create(self, want: Resource, scope: Scope) -> Resource:
        """Create, or restore if the spec names a snapshot."""
        arguments = await _arguments(want, scope)
        made = want.copy()
        snapshot = want.spec.get("dbSnapshotIdentifier")
        if snapshot:
            operation = "restore_db_instance_from_db_snapshot"
            known = scope.aws.knows(scope.where, operation) - db_fields.NOT_RESTORED
            arguments = {key: value for key, value in arguments.items() if key in known}
            told = await scope.call(operation, DBSnapshotIdentifier=snapshot, **arguments)
        else:
            if PASSWORD in want.spec:
                secret = await scope.secret(made, want.spec[PASSWORD])
                arguments["MasterUserPassword"] = secret
            told = await scope.call("create_db_instance", **arguments)
            made.annotations[wishes.LAST_SECRET] = _secret_name(want)
        _show(made, told["DBInstance"], scope)
        if _state(made) == "creating":
            out_of_sync(made, scope)
        return made

    def delta(self, want: Resource, seen: Resource, scope: Scope) -> frozenset[str]:
        """Compare every field that AWS shows; a longer version than asked for is the same."""
        fields = [one.spec for one in db_fields.FIELDS]
        found = differences(
            want,
            seen,
            fields,
            unordered=["vpcSecurityGroupIDs"],
            omitted=db_fields.OMITTED,
        )
        version = want.spec.get("engineVersion", "")
        if str(seen.spec.get("engineVersion", "")).startswith(version):
            found.discard("engineVersion")
        if _secret_name(want) != want.annotations.get(wishes.LAST_SECRET, ""):
            found.add(PASSWORD)
        if tags_differ(want, seen, scope):
            found.add(TAGS)
        return frozenset(found)

    async def update(
        self, want: Resource, seen: Resource, delta: frozenset[str], scope: Scope
    ) -> None:
        """Change what differs, at once, if the instance can be changed now."""
        if not _changeable(seen, delta, scope):
            return
        if TAGS in delta:
            await rds.sync_tags(want, seen, scope)
        if delta == {TAGS}:
            return
        changed = {one.modify: want.spec[one.spec] for one in db_fields.FIELDS if one.spec in delta}
        known = scope.aws.knows(scope.where, "modify_db_instance")
        arguments: dict[str, Any] = {key: changed[key] for key in changed if key in known}
        if PASSWORD in delta and PASSWORD in want.spec:
            secret = await scope.secret(seen, want.spec[PASSWORD])
            arguments["MasterUserPassword"] = secret
        if "engineVersion" in delta:
            arguments["AllowMajorVersionUpgrade"] = True
        name = want.spec["dbInstanceIdentifier"]
        told = await scope.call(
            "modify_db_instance", DBInstanceIdentifier=name, ApplyImmediately=True, **arguments
        )
        _show(seen, told["DBInstance"], scope)
        seen.annotations[wishes.LAST_SECRET] = _secret_name(want)
        out_of_sync(seen, scope)

    async def delete(self, seen: Resource, scope: Scope) -> None:
        """Ask for the end, as the annotations say; wait only while AWS is at it already."""
        if _state(seen) == "deleting":
            _wait("DB instance in 'deleting' state, cannot be modified or deleted.", scope)
        farewell = wishes.farewell(seen)
        await scope.call(
            "delete_db_instance",
            DBInstanceIdentifier=seen.spec["dbInstanceIdentifier"],
            SkipFinalSnapshot=farewell.skip_snapshot,
            FinalDBSnapshotIdentifier=farewell.snapshot,
            DeleteAutomatedBackups=farewell.drop_backups,
        )


def _changeable(seen: Resource, delta: frozenset[str], scope: Scope) -> bool:
    """Tell whether an instance can be changed; wait for one that will be able to."""
    state = _state(seen)
    if state == "deleting":
        out_of_sync(seen, scope, "DB instance is currently being deleted")
        _wait("DB instance in 'deleting' state, cannot be modified or deleted.", scope)
    if state in HOPELESS:
        text = f"DB instance is in '{state}' status"
        conditions.put(seen, conditions.TERMINAL, "True", scope.now, message=text)
        conditions.put(seen, conditions.SYNCED, "True", scope.now)
        return False
    grows = "storage-full" in state and "allocatedStorage" in delta
    if state != "available" and not grows:
        out_of_sync(seen, scope, f"DB instance cannot be modifed while in '{state}' status")
        _wait(f"DB Instance in '{state}' state, cannot be modified until 'available'.", scope)
    return True


def _wait(text: str, scope: Scope) -> None:
    raise errors.Later(text, scope.settings.requeue)


async def _arguments(want: Resource, scope: Scope) -> dict[str, Any]:
    given = {
        one.create: want.spec[one.spec]
        for one in db_fields.FIELDS
        if want.spec.get(one.spec) is not None
    }
    name = want.spec["dbInstanceIdentifier"]
    return {**given, "DBInstanceIdentifier": name, "Tags": tags.listed(scope.tags(want))}


def _show(one: Resource, told: dict[str, Any], scope: Scope) -> None:
    """Write an answer into spec and status."""
    for field in db_fields.OMITTED:
        one.spec.pop(field, None)
    for field, value in db_fields.observed(told).items():
        if field in one.spec or field not in db_fields.ONLY_IF_ASKED:
            one.spec[field] = value
    shown = names.value({key: told[key] for key in _SHOWN if key in told})
    kept = {"conditions": one.status.get("conditions") or []}
    metadata = {"ackResourceMetadata": scope.metadata(told.get("DBInstanceArn"))}
    one.body["status"] = {**kept, **metadata, **shown}


def _state(one: Resource) -> str:
    return str(one.status.get("dbInstanceStatus", ""))


def _secret_name(one: Resource) -> str:
    """Return the reference to the password's Secret as the annotation has it."""
    given = one.spec.get(PASSWORD)
    if not given:
        return ""
    return f"{given.get('namespace', '')}/{given.get('name', '')}.{given['key']}"
