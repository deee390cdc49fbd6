# SPDX-License-Identifier: Apache-2.0
"""The controllers with no more than the rights of their charts: section 2.5."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from local import identities, pki
from local.ack import programs, rights
from local.ack.conditions import RECOVERABLE
from local.ack.kube import Kind
from tests.integration.ack.stage import Stage, database, says

RBAC = "rbac.authorization.k8s.io"
PLACES = {
    "ClusterRole": Kind(RBAC, "ClusterRole", "clusterroles", "v1"),
    "ClusterRoleBinding": Kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", "v1"),
    "Namespace": Kind("", "Namespace", "namespaces", "v1"),
}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def limited(stage: Stage, service: programs.Service, directory: Path) -> Stage:
    """Return the stage with a controller that is nobody but its service account."""
    admin: dict[str, Any] = json.loads(stage.kubeconfig.read_text(encoding="utf-8"))
    ca = pki.Pair(stage.kubeconfig.parent, "ca")
    user, groups = service.client
    pair = pki.issue(ca, service.part, common=user, groups=groups)
    config = directory / f"{service.part}.conf"
    server = admin["clusters"][0]["cluster"]["server"]
    text = identities.kubeconfig(server, ca.certificate, pair)
    config.write_text(text, encoding="utf-8")
    return replace(stage, kubeconfig=config)


async def test_2_5_the_rights_of_the_charts_suffice(stage: Stage, tmp_path: Path) -> None:
    """Objects, Secrets, and references into another service's kinds."""
    for body in rights.manifests():
        await stage.admin.create(PLACES[body["kind"]], body)
    rds, iam, eks = (
        limited(stage, programs.SERVICES[name], tmp_path).controller(name)
        for name in ("rds", "iam", "eks")
    )
    await stage.secret("master", password="first-password")
    spec = database(stage, masterUserPassword={"name": "master", "key": "password"})
    del spec["manageMasterUserPassword"]
    association = {
        "clusterName": "main",
        "namespace": stage.namespace,
        "serviceAccount": "site",
        "roleRef": {"from": {"name": "role"}},
    }
    async with rds, iam, eks:
        await stage.create("DBInstance", "db", spec)
        role = {"name": stage.named("role"), "assumeRolePolicyDocument": TRUST}
        await stage.create("Role", "role", role)
        await stage.create("PodIdentityAssociation", "site", association)
        made = (("DBInstance", "db"), ("Role", "role"), ("PodIdentityAssociation", "site"))
        for kind, name in made:
            found = await stage.synced(kind, name)
            assert not says(RECOVERABLE, "True")(found)
        for kind, name in made:
            await stage.delete(kind, name)
            await stage.gone(kind, name)
