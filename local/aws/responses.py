# SPDX-License-Identifier: Apache-2.0
"""Adds to moto's RDS the calls that it lacks, and puts our store below it."""

from collections.abc import Callable
from typing import Any

import moto.rds.urls
from moto.core.responses import ActionResult
from moto.rds.models import rds_backends
from moto.rds.responses import RDSResponse

from local.aws import rules
from local.aws.cloud import Cloud
from local.aws.rds import Databases


class Responses(RDSResponse):
    """RDS' calls."""

    @property
    def store(self) -> Databases:
        """The region that is spoken to."""
        backend = self.backend
        assert isinstance(backend, Databases)  # noqa: S101  we put it there ourselves
        return backend

    def describe_db_instance_automated_backups(self) -> ActionResult:
        """List automated backups, also those that outlived their instance."""
        wanted: dict[str, Callable[[Any], Any]] = {
            "DBInstanceIdentifier": lambda backup: backup.db_instance_identifier,
            "DbiResourceId": lambda backup: backup.dbi_resource_id,
        }
        found = [
            backup
            for backup in self.store.backups.values()
            if all(self.params.get(k) in (None, of(backup)) for k, of in wanted.items())
        ]
        return ActionResult({"DBInstanceAutomatedBackups": found})

    def delete_db_instance_automated_backup(self) -> ActionResult:
        """Delete the automated backups of an instance that is gone."""
        key = self.params.get("DbiResourceId")
        backup = self.store.backups.get(key)
        if backup is None:
            message = f"Automated backup for {key} not found."
            raise rules.Refused("DBInstanceAutomatedBackupNotFound", message)
        if backup.status != "retained":
            message = "The automated backup of an existing instance cannot be deleted."
            raise rules.Refused("InvalidDBInstanceAutomatedBackupState", message)
        self.store.forget_backups(key)
        return ActionResult({"DBInstanceAutomatedBackup": backup})

    def describe_db_engine_versions(self) -> ActionResult:
        """List the versions that can be asked for."""
        asked = self.params.get("Engine")
        found = [
            {"Engine": engine, "EngineVersion": version, "MajorEngineVersion": major}
            for engine, versions in rules.VERSIONS.items()
            for major, version in versions.items()
            if asked in (None, engine)
        ]
        return ActionResult({"DBEngineVersions": found})

    def create_db_instance_read_replica(self) -> ActionResult:
        """Refuse: moto's replica would share its server with the original."""
        raise rules.Refused("InvalidParameterCombination", "Read replicas are not simulated.")

    def restore_db_instance_to_point_in_time(self) -> ActionResult:
        """Refuse: there is only what a snapshot has copied."""
        raise rules.Refused("InvalidRestoreFault", "Restores to a moment are not simulated.")

    def modify_db_snapshot(self) -> ActionResult:
        """Accept a change that has no effect here."""
        return ActionResult(
            {"DBSnapshot": self.store.get_db_snapshot(self.params["DBSnapshotIdentifier"])}
        )


def install(cloud: Cloud) -> None:
    """Let moto's RDS be ours from now on."""
    Databases.cloud = cloud
    rds_backends.backend = Databases
    for accounts in rds_backends.values():
        accounts.backend = Databases
    moto.rds.urls.url_paths = {"{0}/$": Responses.dispatch}
