# SPDX-License-Identifier: Apache-2.0
"""Lists what the account has at the start, and what there is in it that would cost or endanger."""

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.eks.models import eks_backends

from local.aws.cloud import CLUSTER, Cloud, backends, instances
from local.aws.pod_identity import PodIdentities

# Roles that AWS makes for itself, and those of the cluster.
_NOT_OURS = ("/aws-service-role/", "/service-role/")


def furnish(region: str) -> None:
    """Have the cluster, in the account's default network."""
    store = eks_backends[DEFAULT_ACCOUNT_ID][region]
    if CLUSTER in store.clusters:
        return
    subnets = [subnet.id for subnet in ec2_backends[DEFAULT_ACCOUNT_ID][region].describe_subnets()]
    role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{CLUSTER}"
    store.create_cluster(CLUSTER, role, {"subnetIds": subnets}, version="1.35")


def clusters(region: str) -> list[str]:
    """Return the names of a region's clusters."""
    return list(eks_backends[DEFAULT_ACCOUNT_ID][region].clusters)


def leftovers(cloud: Cloud, identities: PodIdentities) -> dict[str, list[str]]:
    """Return by kind what exists beyond the furniture; kinds without any are left out."""
    found: dict[str, list[str]] = {
        "DBInstance": [one.db_instance_identifier for one in instances()],
        "Server": cloud.engines.keys(),
        "PodIdentityAssociation": list(identities.associations),
    }
    for store in backends("rds").values():
        manual = [s for s in store.database_snapshots.values() if s.snapshot_type == "manual"]
        found.setdefault("DBSnapshot", []).extend(s.db_snapshot_identifier for s in manual)
        found.setdefault("DBSubnetGroup", []).extend(store.subnet_groups)
        found.setdefault("DBInstanceAutomatedBackup", []).extend(
            backup.db_instance_identifier
            for backup in store.backups.values()
            if backup.status == "retained"
        )
    for store in backends("iam").values():
        roles = [r.name for r in store.roles.values() if not r.path.startswith(_NOT_OURS)]
        found.setdefault("Role", []).extend(roles)
        policies = [p.name for p in store.managed_policies.values() if ":aws:policy" not in p.arn]
        found.setdefault("Policy", []).extend(policies)
    for store in backends("secretsmanager").values():
        found.setdefault("Secret", []).extend(store.secrets)
    return {kind: sorted(names) for kind, names in sorted(found.items()) if names}
