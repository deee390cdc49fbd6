# SPDX-License-Identifier: Apache-2.0
"""Says what RDS refuses: each rule looks at values, and raises AWS' own error or nothing."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from moto.core.exceptions import ServiceException

# A version may be asked for by its first numbers; AWS reports the whole of it.
VERSIONS = {
    "mariadb": {"10.6": "10.6.23", "10.11": "10.11.14", "11.4": "11.4.8", "11.8": "11.8.3"},
    "mysql": {"8.0": "8.0.43", "8.4": "8.4.6"},
}
DEFAULT_VERSION = {"mariadb": "11.8.3", "mysql": "8.4.6"}
# States without a server that could be copied.
HOPELESS = frozenset(
    {
        "failed",
        "incompatible-network",
        "incompatible-restore",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "restore-error",
        "insufficient-capacity",
    }
)
_CHANGEABLE = frozenset({"available", "storage-full", "stopped", "incompatible-parameters"})
_RUNNING = frozenset({"available", "storage-full", "incompatible-parameters"})
_PASSWORD = re.compile(r"[\x21-\x7e]{8,41}")
_SMALLEST_STORAGE = 20


class Refused(ServiceException):
    """An error of AWS' own, which moto puts into words for the wire."""

    def __init__(self, code: str, message: str) -> None:
        """Refuse with this code and sentence."""
        super().__init__(code, message)


def version(engine: str, asked: str | None) -> str:
    """Return the whole version that an instance gets."""
    known = VERSIONS.get(engine)
    if known is None:
        raise Refused("InvalidParameterValue", f"Invalid DB engine: {engine}")
    if not asked:
        return DEFAULT_VERSION[engine]
    major = next((m for m in known if asked == m or asked.startswith(f"{m}.")), None)
    if major is None:
        message = f"Cannot find version {asked} for {engine}"
        raise Refused("InvalidParameterCombination", message)
    return known[major] if asked == major else asked


def password(value: str | None) -> str:
    """Return a master password that RDS accepts."""
    if value is None or not _PASSWORD.fullmatch(value) or set(value) & set('/"@ '):
        message = (
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII"
            " characters besides '/', '@', '\"', ' ' may be used, at least 8 of them."
        )
        raise Refused("InvalidParameterValue", message)
    return value


def creation(asked: Mapping[str, Any], existing: int, quota: int) -> None:
    """Refuse an instance that AWS would not make."""
    size = str(asked.get("db_instance_class", ""))
    if not re.fullmatch(r"db\.[a-z0-9]+\.[a-z0-9]+", size):
        raise Refused("InvalidParameterValue", f"Invalid DB Instance class: {size}")
    storage = asked.get("allocated_storage") or _SMALLEST_STORAGE
    if storage < _SMALLEST_STORAGE:
        message = f"Invalid storage size for engine name {asked.get('engine')}: {storage}"
        raise Refused("InvalidParameterValue", message)
    if existing >= quota:
        message = f"Instance quota of {quota} exceeded for this account."
        raise Refused("InstanceQuotaExceeded", message)


def security_groups(asked: Collection[str], known: Collection[str]) -> None:
    """Refuse security groups that do not exist."""
    for group in asked:
        if group not in known:
            message = f"Invalid security group , groupId= {group}, groupName=."
            raise Refused("InvalidParameterValue", message)


def master(asked: Mapping[str, Any]) -> None:
    """Refuse a new instance without a proper master account."""
    user = str(asked.get("master_username") or "")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,15}", user) or user in {"rdsadmin", "root"}:
        message = f"MasterUsername {user} cannot be used."
        raise Refused("InvalidParameterValue", message)
    managed = asked.get("manage_master_user_password")
    if bool(managed) == bool(asked.get("master_user_password")):
        message = "You must specify either MasterUserPassword or ManageMasterUserPassword."
        raise Refused("InvalidParameterCombination", message)


def deletion(
    status: str, identifier: str, *, protected: bool, final: str | None, skip: bool
) -> None:
    """Refuse a deletion that is not allowed now, or that leaves open what becomes of the data."""
    if protected:
        message = (
            "Cannot delete protected DB Instance, please disable deletion protection and try again."
        )
        raise Refused("InvalidParameterCombination", message)
    if skip and final:
        message = "FinalDBSnapshotIdentifier can not be specified when deleting a DB Instance"
        raise Refused("InvalidParameterCombination", f"{message} with SkipFinalSnapshot.")
    if not skip and not final:
        message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        raise Refused("InvalidParameterCombination", message)
    if status == "deleting":
        message = f"Instance {identifier} is already being deleted."
        raise Refused("InvalidDBInstanceState", message)
    if status in HOPELESS and final:
        message = f"A final snapshot cannot be made of {identifier}, which is {status}."
        raise Refused("InvalidDBInstanceState", message)
    if status not in _CHANGEABLE | HOPELESS:
        message = f"Instance {identifier} is currently {status} - try again later."
        raise Refused("InvalidDBInstanceState", message)


def change(status: str, identifier: str) -> None:
    """Refuse to modify an instance that is busy or broken."""
    if status not in _CHANGEABLE:
        message = f"Database instance {identifier} is not in available state, but {status}."
        raise Refused("InvalidDBInstanceState", message)


def running(status: str, identifier: str, what: str) -> None:
    """Refuse what needs a server that runs."""
    if status not in _RUNNING:
        message = f"Cannot {what} {identifier}: it is not in available state, but {status}."
        raise Refused("InvalidDBInstanceState", message)


def stopped(status: str, identifier: str) -> None:
    """Refuse to start what is not stopped."""
    if status != "stopped":
        message = f"Instance {identifier} is not stopped, it cannot be started."
        raise Refused("InvalidDBInstanceState", message)


def snapshots(existing: int, quota: int) -> None:
    """Refuse one snapshot too many."""
    if existing >= quota:
        message = "The maximum number of manual snapshots has been reached."
        raise Refused("SnapshotQuotaExceeded", message)


def snapshot_at_rest(status: str, identifier: str) -> None:
    """Refuse to use or delete a snapshot that is not complete."""
    if status != "available":
        message = f"DBSnapshot {identifier} is not in available state, but {status}."
        raise Refused("InvalidDBSnapshotState", message)


def subnet_group_unused(name: str, users: Collection[str]) -> None:
    """Refuse to delete a subnet group under an instance, even one on its way out."""
    if users:
        message = (
            f"Cannot delete the subnet group '{name}' because at least one database instance:"
            f" {min(users)} is still using it."
        )
        raise Refused("InvalidDBSubnetGroupStateFault", message)


def subnet_group_new(name: str, existing: Collection[str], zones: Collection[str]) -> None:
    """Refuse a subnet group of a taken name, or in a single zone."""
    if name.lower() in existing:
        message = f"The DB subnet group '{name}' already exists."
        raise Refused("DBSubnetGroupAlreadyExists", message)
    if len(zones) < 2:  # noqa: PLR2004  AWS wants two, so that an instance can fail over
        message = "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement."
        raise Refused("DBSubnetGroupDoesNotCoverEnoughAZs", message)
