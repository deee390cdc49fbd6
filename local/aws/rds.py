# SPDX-License-Identifier: Apache-2.0
"""Is RDS: moto's store, with the time, the states and the refusals that AWS has."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import moto.rds.urls
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import DBInstanceAlreadyExists
from moto.rds.models import DBSnapshot, DBSubnetGroup, RDSBackend

from local.aws import plans, rules
from local.aws.cloud import Cloud, instances
from local.aws.engines import Account
from local.aws.instance import Backup, Instance

# What waits for a modification to be carried out; all else is changed by the call itself.
DEFERRED = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_period": "BackupRetentionPeriod",
    "db_instance_class": "DBInstanceClass",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "max_allocated_storage": "MaxAllocatedStorage",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}
HIDDEN_PASSWORD = "****"  # noqa: S105  what AWS shows instead of one


class Databases(RDSBackend):
    """The instances, snapshots and subnet groups of one region."""

    cloud: ClassVar[Cloud]

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin with an empty region."""
        super().__init__(region_name, account_id)
        self.backups: dict[str, Backup] = {}

    @property
    def _url_module(self) -> Any:
        return moto.rds.urls  # which moto would look for beside this file

    def create_db_instance(self, db_kwargs: Any) -> Any:
        """Accept an instance; it is usable when its time has come."""
        if db_kwargs.get("db_cluster_identifier"):
            return super().create_db_instance(db_kwargs)  # Aurora is moto's alone
        asked = dict(db_kwargs)
        identifier = asked["db_instance_identifier"]
        copied: Any = asked.pop("copied", None)
        if identifier in self.databases:
            raise DBInstanceAlreadyExists
        self._validate_db_identifier(identifier)
        rules.creation(asked, len(self.databases), self.cloud.settings.instance_quota)
        known = ec2_backends[self.account_id][self.region_name].describe_security_groups()
        rules.security_groups(asked.get("vpc_security_group_ids") or (), [g.id for g in known])
        asked["engine_version"] = rules.version(asked["engine"], asked.get("engine_version"))
        if copied is None:
            rules.master(asked)
        instance = Instance(self, **asked)  # type: ignore[abstract]
        instance.account = copied.database.account if copied else _account(instance, asked)
        instance.copy = copied.copy if copied else ""
        self.databases[identifier] = instance
        self._begin(instance)
        return instance

    def _begin(self, instance: Instance) -> None:
        cloud = self.cloud
        taken = {one.home.address for one in instances() if one is not instance}
        identifier = instance.db_instance_identifier
        instance.home = cloud.engines.settle(
            instance.dbi_resource_id, identifier, instance.port or 3306, taken
        )
        fate = cloud.settings.fate(identifier)
        instance.never_born = fate != plans.AVAILABLE
        steps = plans.creation(cloud.settings.durations, fate)
        self._live(instance, steps, fate)
        if instance.backup_retention_period:
            self.backups[instance.dbi_resource_id] = Backup(instance)

    def restore_db_instance_from_db_snapshot(self, from_snapshot_id: str, overrides: Any) -> Any:
        """Accept an instance that begins with a snapshot's content and master account."""
        snapshot = self.get_db_snapshot(from_snapshot_id)
        rules.snapshot_at_rest(snapshot.status, from_snapshot_id)
        if overrides.get("db_name"):
            message = "DBName must be null when Restoring for this Engine."
            raise rules.Refused("InvalidParameterValue", message)
        if not getattr(snapshot, "copy", ""):
            message = f"{from_snapshot_id} is an automated backup, which has no content here."
            raise rules.Refused("InvalidDBSnapshotState", message)
        instance = super().restore_db_instance_from_db_snapshot(
            from_snapshot_id, {**overrides, "copied": snapshot}
        )
        instance.deletion_protection = bool(overrides.get("deletion_protection"))
        return instance

    def modify_db_instance(self, db_instance_identifier: str, db_kwargs: Any) -> Any:
        """Accept changes: some are made by the call, some later, some in the next window."""
        instance = self._one(db_instance_identifier)
        rules.change(instance.status, db_instance_identifier)
        asked = dict(db_kwargs)
        password = asked.pop("master_user_password", None)
        if asked.get("engine_version"):
            asked["engine_version"] = rules.version(instance.engine, asked["engine_version"])
        for key, member in DEFERRED.items():
            value = asked.pop(key, None)
            if value is not None and value != getattr(instance, key):
                instance.pending[member] = value
        super().modify_db_instance(db_instance_identifier, asked)
        if password is not None:
            secret = _hash(rules.password(password))
            instance.pending["MasterUserPassword"] = HIDDEN_PASSWORD
            instance.pending["Account"] = replace(instance.account, password_hash=secret)
        if instance.pending and (password is not None or asked.get("apply_immediately")):
            self.carry_out(instance, only_password=not asked.get("apply_immediately"))
        return instance

    def carry_out(self, instance: Instance, *, only_password: bool = False) -> None:
        """Set out to make the pending changes."""
        password = "MasterUserPassword" in instance.pending
        steps = plans.modification(self.cloud.settings.durations, password=password)
        if only_password:
            steps = [replace(step, about="password") for step in steps]
        self._live(instance, steps)

    def delete_db_instance(
        self,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,  # noqa: FBT001, FBT002  moto's signature
        delete_automated_backups: bool | None = None,  # noqa: FBT001  likewise
    ) -> Any:
        """Accept a deletion; it takes its time, and until then the identifier is taken."""
        instance = self._one(db_instance_identifier)
        if not isinstance(instance, Instance):
            return super().delete_db_instance(db_instance_identifier)
        rules.deletion(
            instance.status,
            db_instance_identifier,
            protected=instance.deletion_protection,
            final=final_db_snapshot_identifier,
            skip=bool(skip_final_snapshot),
        )
        if final_db_snapshot_identifier:
            self._snapshot(instance, final_db_snapshot_identifier, None)
        keeps = self.cloud.settings.keeps_backups_by_default
        told = delete_automated_backups
        instance.keeps_backups = keeps if told is None else not told
        steps = plans.deletion(self.cloud.settings.durations, final_db_snapshot_identifier)
        self._live(instance, steps)
        return instance

    def create_db_snapshot(  # noqa: PLR0913  moto's signature
        self,
        db_instance_identifier: str,
        db_snapshot_identifier: str,
        snapshot_type: str = "manual",
        tags: list[dict[str, str]] | None = None,
        original_created_at: Any = None,
        kms_key_id: str | None = None,
    ) -> DBSnapshot:
        """Accept a snapshot; moto's own backups, which have no content, are made at once."""
        instance = self._one(db_instance_identifier)
        if snapshot_type != "manual" or not isinstance(instance, Instance):
            return super().create_db_snapshot(
                db_instance_identifier,
                db_snapshot_identifier,
                snapshot_type,
                tags,
                original_created_at,
                kms_key_id,
            )
        rules.running(instance.status, db_instance_identifier, "create a snapshot of")
        snapshot = self._snapshot(instance, db_snapshot_identifier, tags)
        durations = self.cloud.settings.durations
        self._live(instance, plans.snapshot(durations, db_snapshot_identifier))
        return snapshot

    def _snapshot(
        self, instance: Instance, identifier: str, tags: list[dict[str, str]] | None
    ) -> DBSnapshot:
        manual = [s for s in self.database_snapshots.values() if s.snapshot_type == "manual"]
        rules.snapshots(len(manual), self.cloud.settings.snapshot_quota)
        snapshot = super().create_db_snapshot(
            instance.db_instance_identifier, identifier, "manual", tags
        )
        snapshot.status = "creating"
        snapshot.percent_progress = 0  # type: ignore[attr-defined]
        # Not its identifier: that may be used again, and the content must not be.
        name = f"{instance.dbi_resource_id}-{snapshot.created:%Y%m%d%H%M%S%f}"
        snapshot.copy = name  # type: ignore[attr-defined]
        return snapshot

    def delete_db_snapshot(self, db_snapshot_identifier: str) -> DBSnapshot:
        """Delete a snapshot, and its content unless another snapshot shares it."""
        snapshot = self.database_snapshots.get(db_snapshot_identifier)
        if snapshot is not None:
            rules.snapshot_at_rest(snapshot.status, db_snapshot_identifier)
        deleted = super().delete_db_snapshot(db_snapshot_identifier)
        copy = getattr(deleted, "copy", "")
        sharing = (getattr(each, "copy", "") for each in self.database_snapshots.values())
        if copy and copy not in sharing:
            self.cloud.engines.forget(copy)
        return deleted

    def forget_backups(self, resource_id: str) -> None:
        """Lose the automated backups of an instance."""
        self.backups.pop(resource_id, None)
        for name, snapshot in list(self.database_snapshots.items()):
            if snapshot.snapshot_type == "automated" and snapshot.dbi_resource_id == resource_id:
                del self.database_snapshots[name]

    def copy_db_snapshot(self, *args: Any, **kwargs: Any) -> DBSnapshot:
        """Copy a snapshot; both share their content, which never changes."""
        copied = super().copy_db_snapshot(*args, **kwargs)
        source = self.get_db_snapshot(kwargs["source_db_snapshot_identifier"])
        copied.copy = getattr(source, "copy", "")  # type: ignore[attr-defined]
        return copied

    def reboot_db_instance(self, db_instance_identifier: str) -> Any:
        """Restart an instance; its server is away meanwhile."""
        instance = self._one(db_instance_identifier)
        rules.running(instance.status, db_instance_identifier, "reboot")
        self._live(instance, plans.reboot(self.cloud.settings.durations))
        return instance

    def stop_db_instance(
        self, db_instance_identifier: str, db_snapshot_identifier: str | None = None
    ) -> Any:
        """Stop an instance."""
        instance = self._one(db_instance_identifier)
        rules.running(instance.status, db_instance_identifier, "stop")
        if db_snapshot_identifier:
            self.create_db_snapshot(db_instance_identifier, db_snapshot_identifier)
        self._live(instance, plans.stop(self.cloud.settings.durations), "stopped")
        return instance

    def start_db_instance(self, db_instance_identifier: str) -> Any:
        """Start a stopped instance."""
        instance = self._one(db_instance_identifier)
        rules.stopped(instance.status, db_instance_identifier)
        self._live(instance, plans.start(self.cloud.settings.durations))
        return instance

    def create_subnet_group(
        self, subnet_name: str, description: str, subnets: list[Any], tags: Any
    ) -> DBSubnetGroup:
        """Make a subnet group."""
        zones = {subnet.availability_zone for subnet in subnets}
        rules.subnet_group_new(subnet_name, list(self.subnet_groups), zones)
        return super().create_subnet_group(subnet_name, description, subnets, tags)

    def delete_subnet_group(self, subnet_name: str) -> DBSubnetGroup:
        """Delete a subnet group that nobody uses."""
        group = self.subnet_groups.get(subnet_name)
        users = [
            one.db_instance_identifier
            for one in self.databases.values()
            if group is not None and getattr(one, "db_subnet_group", None) is group
        ]
        rules.subnet_group_unused(subnet_name, users)
        return super().delete_subnet_group(subnet_name)

    def _one(self, identifier: str) -> Any:
        return self.describe_db_instances(identifier)[0]

    def _live(
        self, instance: Instance, steps: Sequence[plans.Step], rest: str = plans.AVAILABLE
    ) -> None:
        lives = self.cloud.lives
        with lives.changed:
            instance.life.begin(steps, self.cloud.clock.now(), rest)
            lives.changed.notify_all()


def _account(instance: Instance, asked: dict[str, Any]) -> Account:
    """Return the master account that was asked for, or that the Secrets Manager made up."""
    password = asked.get("master_user_password")
    if asked.get("manage_master_user_password"):
        secret: Any = instance.master_user_secret.secret
        content = secret.versions[secret.default_version_id]["secret_string"]
        password = json.loads(content)["password"]
    else:
        password = rules.password(password)
    return Account(str(instance.master_username), _hash(password))


def _hash(password: str) -> str:
    """Return what the server keeps of a password: nobody here keeps more."""
    once = hashlib.sha1(password.encode()).digest()  # noqa: S324  MariaDB's own method
    return f"*{hashlib.sha1(once).hexdigest().upper()}"  # noqa: S324  likewise
