# SPDX-License-Identifier: Apache-2.0
"""Proves the graph under a real kro that has our chart's rights: order, one import, no leftovers.

The pods fit on no node: the test plays kubelet and reports how the import's pod ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.integration.admission.conftest import As
from tests.integration.admission.people import OPERATOR, Person, accepted

pytestmark = pytest.mark.cluster
# By its full name: other groups may know a kind of the same short one.
SITES = "shareddatabasesites.sites.clones.betaweb.ai"
KINDS = ("persistentvolumeclaim", "configmap", "service", "job", "deployment", "ingress", "pod")
SUCCEEDED = {
    "phase": "Succeeded",
    "containerStatuses": [
        {
            "name": "mover",
            "image": "x",
            "imageID": "x",
            "ready": False,
            "restartCount": 0,
            "state": {"terminated": {"exitCode": 0, "reason": "Completed"}},
        }
    ],
}


class Site:
    """One instance and what kro makes of it."""

    def __init__(self, operator: Person, instance: dict[str, Any]) -> None:
        """Take who writes, and the full instance."""
        self.operator = operator
        self.cluster = operator.cluster
        self.instance = instance
        self.selector = f"clones.betaweb.ai/uid={instance['spec']['uid']}"

    def apply(self, **spec: Any) -> None:
        """Write the instance as the operator does."""
        self.instance["spec"].update(spec)
        accepted(self.operator.tries(self.instance, "--field-manager=wpclone-operator"))

    def there(self) -> set[str]:
        """Return which kinds of children exist."""
        found = self.cluster.get(
            ",".join(KINDS), f"--selector={self.selector}", f"--namespace={self.operator.namespace}"
        )
        return {one["kind"] for one in found["items"]}

    def one(self, kind: str) -> dict[str, Any]:
        """Return the only child of a kind."""
        found = self.cluster.get(
            kind, f"--selector={self.selector}", f"--namespace={self.operator.namespace}"
        )
        (only,) = found["items"]
        return dict(only)

    def awaits(self, holds: Callable[[], bool]) -> None:
        """Wait until kro has done something."""
        self.cluster.eventually(holds, 60)

    def import_succeeds(self) -> None:
        """Report, in kubelet's stead, that the import's pod has ended well."""
        name = self.one("pod")["metadata"]["name"]
        self.cluster.kubectl(
            "patch",
            "pod",
            name,
            f"--namespace={self.operator.namespace}",
            "--subresource=status",
            "--type=merge",
            "-p",
            json.dumps({"status": SUCCEEDED}),
        )


BEFORE = {"PersistentVolumeClaim", "ConfigMap", "Service", "Job", "Pod"}


@pytest.fixture
def site(someone: As, instance: dict[str, Any]) -> Site:
    """Return an instance that is still to be written."""
    return Site(someone(OPERATOR), instance)


def test_from_import_to_nothing(installed: Cluster, site: Site) -> None:
    """Pods wait for the import, the import runs once, the route can go, and nothing is left."""
    site.apply()

    def the_import_runs() -> bool:
        return site.there() == BEFORE

    site.awaits(the_import_runs)
    pod = site.one("pod")
    assert pod["metadata"]["labels"]["clones.betaweb.ai/egress"] == "mover"
    given = {each["name"]: each["value"] for each in pod["spec"]["containers"][0]["env"]}
    # Kubernetes undoes the doubling; without it, a title could name other variables.
    assert given["WPCLONE_IMPORT"] == '{"attempt":1,"title":"$$(WPCLONE_DB_NAME) $$$$5"}'

    site.import_succeeds()

    def the_site_is_there() -> bool:
        return {"Deployment", "Ingress"} <= site.there()

    site.awaits(the_site_is_there)
    site.apply(imported=True)
    job = site.one("job")
    where = f"--namespace={site.operator.namespace}"
    installed.kubectl("delete", "job", job["metadata"]["name"], where)

    def the_job_is_back() -> bool:
        found = installed.get("job", f"--selector={site.selector}", where)["items"]
        return bool(found) and found[0]["metadata"]["uid"] != job["metadata"]["uid"]

    site.awaits(the_job_is_back)
    assert site.one("job")["spec"]["suspend"] is True
    role = f"{site.selector},clones.betaweb.ai/role=import"
    assert installed.get("pod", f"--selector={role}", where)["items"] == []

    def egress() -> str:
        labels = site.one("deployment")["spec"]["template"]["metadata"]["labels"]
        return str(labels["clones.betaweb.ai/egress"])

    assert egress() == "site"
    site.apply(state='{"access":"Link","safety":{"updates":"Allow"}}')
    site.awaits(lambda: egress() == "site-updates")

    site.apply(routed=False, replicas=0)

    def the_route_is_gone() -> bool:
        return "Ingress" not in site.there()

    site.awaits(the_route_is_gone)
    site.apply(routed=True, replicas=1)
    site.awaits(the_site_is_there)

    accepted(site.operator.does("delete", SITES, "acme-4f0e1c2d"))

    def nothing_is_left() -> bool:
        return site.there() == set()

    site.awaits(nothing_is_left)


def test_what_is_decided_once_stays(site: Site) -> None:
    """What feeds the Job's template can never change, else every later pass would fail."""
    site.instance["metadata"]["name"] = "fixed-4f0e1c2d"
    site.apply(name="fixed-4f0e1c2d", job="fixed-import-1-4f0e1c2d", clone="fixed", uid="fixed")
    for field, value in (("uid", "x"), ("databaseName", "x"), ("gen", 2), ("url", "https://x")):
        changed = {**site.instance, "spec": {**site.instance["spec"], field: value}}
        done = site.operator.tries(changed, "--field-manager=wpclone-operator", "--dry-run=server")
        assert done.returncode != 0
        assert "immutable" in done.stderr, field
    accepted(site.operator.does("delete", SITES, "fixed-4f0e1c2d"))


def test_an_old_site_keeps_its_job_and_a_new_one_can_be_masked(site: Site) -> None:
    """The template of a Job never changes: what came later is for sites that begin later."""
    mounts: dict[int, set[str]] = {}
    for gen in (1, 2):
        name = f"gen{gen}-4f0e1c2d"
        spec = {"name": name, "job": f"gen{gen}-import-1-4f0e1c2d", "clone": f"gen{gen}"}
        one = Site(site.operator, json.loads(json.dumps(site.instance)))
        one.instance["metadata"]["name"] = name
        one.instance["spec"] |= {**spec, "uid": name, "gen": gen, "maskSecret": f"{name}-mask"}
        one.selector = f"clones.betaweb.ai/uid={name}"
        one.apply()
        one.awaits(lambda one=one: "Job" in one.there())  # type: ignore[misc]
        pod = one.one("job")["spec"]["template"]["spec"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        mounts[gen] = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        assert set(volumes) == {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert volumes["credentials"]["secret"]["defaultMode"] == 0o440
        assert volumes["site"]["persistentVolumeClaim"]["claimName"] == name
        if gen > 1:
            mask = volumes["mask"]["secret"]
            assert mask == {"secretName": f"{name}-mask", "optional": True, "defaultMode": 0o440}
    assert mounts[2] - mounts[1] == {"/run/secrets/mask", "/etc/wpclone/mask"}
