# SPDX-License-Identifier: Apache-2.0
"""Maps each field of a database's spec to what AWS calls it in its calls and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from local.ack import names

Answer = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field: its names in the calls that make and change, and where an answer shows it."""

    spec: str
    create: str
    modify: str
    seen: Callable[[Answer], Any]


def _same(name: str) -> Field:
    return Field(names.field(name), name, name, lambda told: told.get(name))


def _first(key: str, below: str) -> Callable[[Answer], Any]:
    return lambda told: next((one[below] for one in told.get(key) or []), None)


def _groups(told: Answer) -> Any:
    found = [one["VpcSecurityGroupId"] for one in told.get("VpcSecurityGroups") or []]
    return found or None


FIELDS: Final = (
    *map(
        _same,
        (
            "AllocatedStorage",
            "AutoMinorVersionUpgrade",
            "AvailabilityZone",
            "BackupRetentionPeriod",
            "BackupTarget",
            "CACertificateIdentifier",
            "CopyTagsToSnapshot",
            "DBInstanceClass",
            "DBName",
            "DatabaseInsightsMode",
            "DeletionProtection",
            "Engine",
            "EngineVersion",
            "Iops",
            "KmsKeyId",
            "LicenseModel",
            "MasterUsername",
            "MaxAllocatedStorage",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "MultiAZ",
            "NetworkType",
            "PerformanceInsightsKMSKeyId",
            "PerformanceInsightsRetentionPeriod",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "PromotionTier",
            "PubliclyAccessible",
            "StorageEncrypted",
            "StorageThroughput",
            "StorageType",
        ),
    ),
    Field(
        "dbParameterGroupName",
        "DBParameterGroupName",
        "DBParameterGroupName",
        _first("DBParameterGroups", "DBParameterGroupName"),
    ),
    Field(
        "dbSubnetGroupName",
        "DBSubnetGroupName",
        "DBSubnetGroupName",
        lambda told: (told.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
    ),
    Field(
        "enableIAMDatabaseAuthentication",
        "EnableIAMDatabaseAuthentication",
        "EnableIAMDatabaseAuthentication",
        lambda told: told.get("IAMDatabaseAuthenticationEnabled"),
    ),
    Field(
        "manageMasterUserPassword",
        "ManageMasterUserPassword",
        "ManageMasterUserPassword",
        lambda told: bool(told.get("MasterUserSecret")),
    ),
    Field(
        "optionGroupName",
        "OptionGroupName",
        "OptionGroupName",
        _first("OptionGroupMemberships", "OptionGroupName"),
    ),
    Field(
        "performanceInsightsEnabled",
        "EnablePerformanceInsights",
        "EnablePerformanceInsights",
        lambda told: told.get("PerformanceInsightsEnabled"),
    ),
    Field("port", "Port", "DBPortNumber", lambda told: (told.get("Endpoint") or {}).get("Port")),
    Field("vpcSecurityGroupIDs", "VpcSecurityGroupIds", "VpcSecurityGroupIds", _groups),
)

# What AWS decides where the spec is silent; the controller writes it into the spec.
LATE: Final = (
    "allocatedStorage",
    "autoMinorVersionUpgrade",
    "availabilityZone",
    "backupRetentionPeriod",
    "backupTarget",
    "caCertificateIdentifier",
    "copyTagsToSnapshot",
    "databaseInsightsMode",
    "dbSubnetGroupName",
    "deletionProtection",
    "enableIAMDatabaseAuthentication",
    "engineVersion",
    "iops",
    "kmsKeyID",
    "licenseModel",
    "maxAllocatedStorage",
    "monitoringInterval",
    "multiAZ",
    "networkType",
    "optionGroupName",
    "performanceInsightsEnabled",
    "port",
    "preferredBackupWindow",
    "preferredMaintenanceWindow",
    "publiclyAccessible",
    "storageEncrypted",
    "storageThroughput",
    "storageType",
)

# A restore takes these from the snapshot, or leaves them to a later change.
NOT_RESTORED: Final = frozenset(
    {
        "AllocatedStorage",
        "BackupRetentionPeriod",
        "DatabaseInsightsMode",
        "EnablePerformanceInsights",
        "EngineVersion",
        "KmsKeyId",
        "ManageMasterUserPassword",
        "MasterUsername",
        "MaxAllocatedStorage",
        "MonitoringInterval",
        "MonitoringRoleArn",
        "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod",
        "PreferredBackupWindow",
        "PreferredMaintenanceWindow",
        "StorageEncrypted",
    }
)
# Shown by AWS even if nobody chose them: the spec has them only if somebody did.
ONLY_IF_ASKED: Final = frozenset(
    {"dbParameterGroupName", "manageMasterUserPassword", "vpcSecurityGroupIDs"}
)
# AWS leaves these out of its answers while they are unset: then they differ from any value.
OMITTED: Final = frozenset(
    {
        "iops",
        "maxAllocatedStorage",
        "monitoringRoleARN",
        "performanceInsightsKMSKeyID",
        "performanceInsightsRetentionPeriod",
        "storageThroughput",
    }
)


def observed(told: Answer) -> dict[str, Any]:
    """Return the spec as AWS has it; what is pending counts as done."""
    pending = told.get("PendingModifiedValues") or {}
    merged = {**told, **{key: value for key, value in pending.items() if key != "Port"}}
    seen = {one.spec: one.seen(merged) for one in FIELDS}
    if pending.get("Port"):
        seen["port"] = pending["Port"]
    return {key: value for key, value in seen.items() if value is not None}
