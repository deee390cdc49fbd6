# SPDX-License-Identifier: Apache-2.0
"""Does to the real servers what the end of a step demands, and lets AWS report it afterwards."""

from typing import Any

from local.aws.cloud import Cloud
from local.aws.instance import Instance
from local.aws.plans import Deed, Step
from local.aws.rds import DEFERRED


def perform(cloud: Cloud, instance: Instance, step: Step) -> None:
    """Do a deed; the server's part takes its time, what AWS reports changes at once."""
    _to_server(cloud, instance, step)
    with cloud.lives.changed:
        _to_report(instance, step)


def _to_server(cloud: Cloud, instance: Instance, step: Step) -> None:
    engines, home = cloud.engines, instance.home
    match step.deed:
        case Deed.START:
            engines.open(home, instance.account, instance.db_name or "", instance.copy)
        case Deed.STOP:
            engines.stop(home)
        case Deed.RESTART:
            engines.stop(home)
            engines.start(home)
        case Deed.APPLY if "Account" in instance.pending:
            engines.password(home, instance.pending["Account"])
        case Deed.COPY:
            engines.copy(home, _snapshot(instance, step.about).copy)
        case Deed.REMOVE:
            engines.remove(home)


def _to_report(instance: Instance, step: Step) -> None:
    match step.deed:
        case Deed.BACK_UP if instance.backup_retention_period:
            instance.save_automated_backup()
        case Deed.APPLY:
            _change(instance, only_password=step.about == "password")
        case Deed.RESTART:
            _change(instance, only_password=False)
        case Deed.COPY:
            snapshot = _snapshot(instance, step.about)
            snapshot.status, snapshot.percent_progress = "available", 100
        case Deed.REMOVE:
            _remove(instance)


def _change(instance: Instance, *, only_password: bool) -> None:
    account = instance.pending.pop("Account", None)
    if account is not None:
        instance.account = account
        del instance.pending["MasterUserPassword"]
    if only_password:
        return
    for key, member in DEFERRED.items():
        if member in instance.pending:
            setattr(instance, key, instance.pending.pop(member))


def _remove(instance: Instance) -> None:
    """Forget an instance; its automated backups stay if they were not deleted with it."""
    store: Any = instance.backend
    identifier = instance.db_instance_identifier
    store.databases.pop(identifier, None)
    if instance.manage_master_user_password:
        instance.master_user_secret.delete_secret()
    backup = store.backups.get(instance.dbi_resource_id)
    if backup is not None and instance.keeps_backups:
        backup.status = "retained"
    else:
        store.forget_backups(instance.dbi_resource_id)


def _snapshot(instance: Instance, identifier: str) -> Any:
    return instance.backend.database_snapshots[identifier]
