# SPDX-License-Identifier: Apache-2.0
"""What a cluster with AWS and its controllers does for whoever applies objects to it."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.aws.control import Control
from tests.cluster import Cluster

pytestmark = pytest.mark.cluster

PASSWORD = "Correct-Horse-9"
RDS = "rds.services.k8s.aws"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    ],
}
# Logs in as an application does: by name, TLS, the certificate checked against the authority.
LOGIN = """
import os, pymysql
with pymysql.connect(
    host=os.environ["HOST"], port=int(os.environ["PORT"]), user="master",
    password=os.environ["PASSWORD"], ssl_ca="/ca/ca.crt", ssl_verify_identity=True,
) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT CURRENT_USER(), VERSION()")
    print(*cursor.fetchone())
"""


@pytest.fixture
def aws(cluster: Cluster) -> Control:
    """Have AWS and its controllers there; return the strings of AWS."""
    return cluster.native.ack


@pytest.fixture
def namespace(cluster: Cluster, aws: Control) -> Iterator[str]:
    """Make a namespace, whose name is in all that a test has in AWS; nothing of it stays."""
    name = f"ack-{uuid.uuid4().hex[:8]}"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait", "--timeout=90s")
    assert left(aws, name) == {}


def one(kind: str, namespace: str, spec: dict[str, Any], **notes: str) -> dict[str, Any]:
    """Return an object of ACK named `it`; `notes` are RDS' annotations."""
    service = {"Role": "iam", "PodIdentityAssociation": "eks"}.get(kind, "rds")
    named = {f"{RDS}/{key.replace('_', '-')}": value for key, value in notes.items()}
    return {
        "apiVersion": f"{service}.services.k8s.aws/v1alpha1",
        "kind": kind,
        "metadata": {"name": "it", "namespace": namespace, "annotations": named},
        "spec": spec,
    }


def database(namespace: str, subnets: list[str]) -> list[dict[str, Any]]:
    """Return a small database in subnets of its own, which ends with a snapshot."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "master", "namespace": namespace},
        "stringData": {"password": PASSWORD},
    }
    group = {"name": namespace, "description": "of a test", "subnetIDs": subnets}
    instance = {
        "dbInstanceIdentifier": namespace,
        "dbInstanceClass": "db.t4g.micro",
        "engine": "mariadb",
        "allocatedStorage": 20,
        "masterUsername": "master",
        "masterUserPassword": {"namespace": namespace, "name": "master", "key": "password"},
        "dbSubnetGroupRef": {"from": {"name": "it"}},
    }
    farewell = {
        "skip_final_snapshot": "false",
        "final_db_snapshot_identifier": f"{namespace}-final",
        "delete_automated_backups": "true",
    }
    return [
        secret,
        one("DBSubnetGroup", namespace, group),
        one("DBInstance", namespace, instance, **farewell),
    ]


def visitor(cluster: Cluster, namespace: str, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a pod that logs in to a database as its master, and the authority it believes."""
    native = cluster.native
    password = {"secretKeyRef": {"name": "master", "key": "password"}}
    container = {
        "name": "main",
        "image": native.images("operator")["operator"],
        "command": ["python", "-c", LOGIN],
        "env": [
            {"name": "HOST", "value": endpoint["address"]},
            {"name": "PORT", "value": str(endpoint["port"])},
            {"name": "PASSWORD", "valueFrom": password},
        ],
        "volumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    }
    metadata = {"namespace": namespace}
    authority = {"ca.crt": native.ca.read_text()}
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "ca", **metadata},
            "data": authority,
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "visitor", **metadata},
            "spec": spec,
        },
    ]


def says(cluster: Cluster, namespace: str, what: str, path: str, value: str) -> None:
    """Wait until a field of an object has a value."""
    wait = ("wait", what, "-n", namespace, "--timeout=60s")
    cluster.kubectl(*wait, f"--for=jsonpath={path}={value}")


def synced(cluster: Cluster, namespace: str, what: str) -> None:
    """Wait until a controller says that AWS is as the object wants it."""
    cluster.kubectl(
        "wait", what, "-n", namespace, "--timeout=60s", "--for=condition=ACK.ResourceSynced"
    )


def deeds(aws: Control, namespace: str) -> Counter[str]:
    """Count what AWS has done for a namespace: its name is part of all names there."""
    return Counter(
        entry.action
        for entry in aws.ledger()
        if entry.committed and any(namespace in str(each) for each in entry.parameters.values())
    )


def left(aws: Control, namespace: str) -> dict[str, list[str]]:
    """Return what AWS still has of a namespace."""
    there = {
        kind: [name for name in names if namespace in name]
        for kind, names in aws.leftovers().items()
    }
    return {kind: names for kind, names in there.items() if names}


def client(cluster: Cluster, service: str) -> Any:
    """Return AWS' own client of a service."""
    return boto3.client(
        service,
        endpoint_url=cluster.native.aws_url,
        region_name="us-east-1",
        aws_access_key_id="AKIATESTS",
        aws_secret_access_key="anything",
    )


def test_a_database_comes_serves_a_pod_and_leaves_a_snapshot(
    cluster: Cluster, aws: Control, namespace: str
) -> None:
    """Objects of Kubernetes alone make one database, and end it, once each."""
    subnets = client(cluster, "ec2").describe_subnets()["Subnets"]
    aws.freeze()
    try:
        cluster.apply(*database(namespace, [each["SubnetId"] for each in subnets]))
        says(cluster, namespace, "dbinstance/it", "{.status.dbInstanceStatus}", "creating")
    finally:
        aws.run()
    says(cluster, namespace, "dbinstance/it", "{.status.dbInstanceStatus}", "available")
    synced(cluster, namespace, "dbinstance/it")

    endpoint = cluster.get("dbinstance/it", "-n", namespace)["status"]["endpoint"]
    assert endpoint["address"].startswith(f"{namespace}.")
    cluster.apply(*visitor(cluster, namespace, endpoint))
    says(cluster, namespace, "pod/visitor", "{.status.phase}", "Succeeded")
    said = cluster.kubectl("logs", "visitor", "-n", namespace)
    assert said.startswith("master@%")
    assert "MariaDB" in said

    cluster.kubectl("delete", "dbinstance/it", "dbsubnetgroup/it", "-n", namespace)
    aws.wait(namespace, None)
    done = deeds(aws, namespace)
    assert (done["CreateDBInstance"], done["DeleteDBInstance"]) == (1, 1)
    assert left(aws, namespace) == {"DBSnapshot": [f"{namespace}-final"]}

    client(cluster, "rds").delete_db_snapshot(DBSnapshotIdentifier=f"{namespace}-final")
    assert left(aws, namespace) == {}


def test_a_role_and_its_association_come_and_go(
    cluster: Cluster, aws: Control, namespace: str
) -> None:
    """One controller's object refers to another's, and both leave nothing in AWS."""
    role = {"name": namespace, "assumeRolePolicyDocument": json.dumps(TRUST)}
    association = {
        "clusterName": "wp-clone-restore",
        "namespace": namespace,
        "serviceAccount": "site",
        "roleRef": {"from": {"name": "it"}},
    }
    cluster.apply(
        one("Role", namespace, role), one("PodIdentityAssociation", namespace, association)
    )
    synced(cluster, namespace, "role.iam.services.k8s.aws/it")
    synced(cluster, namespace, "podidentityassociation/it")
    eks = client(cluster, "eks")
    asked = {"clusterName": "wp-clone-restore", "namespace": namespace}
    (known,) = eks.list_pod_identity_associations(**asked)["associations"]
    assert known["serviceAccount"] == "site"
    assert left(aws, namespace) == {"Role": [namespace]}

    cluster.kubectl(
        "delete", "podidentityassociation/it", "role.iam.services.k8s.aws/it", "-n", namespace
    )
    assert eks.list_pod_identity_associations(**asked)["associations"] == []
    assert left(aws, namespace) == {}
    done = deeds(aws, namespace)
    assert (done["CreateRole"], done["DeleteRole"]) == (1, 1)
    assert done["CreatePodIdentityAssociation"] == 1


def test_a_controller_that_was_down_takes_up_its_work(
    cluster: Cluster, aws: Control, namespace: str
) -> None:
    """Each is a part of its own, which a start brings back where it was asked for."""
    native = cluster.native.cluster
    role = {"name": namespace, "assumeRolePolicyDocument": json.dumps(TRUST)}
    native.stop("ack-iam")
    try:
        cluster.apply(one("Role", namespace, role))
        assert left(aws, namespace) == {}
    finally:
        native.up(fresh=False)
    synced(cluster, namespace, "role.iam.services.k8s.aws/it")
    assert left(aws, namespace) == {"Role": [namespace]}
