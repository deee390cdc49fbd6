# SPDX-License-Identifier: Apache-2.0
"""What kro, the ingress, Job and Deployment controllers do, in one synchronous step at a time."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.cluster import FakeCluster
from wpclone.api import labels
from wpclone.api.fields import rfc3339
from wpclone.api.mover import ImportResult, Inspection, Outcome, OutcomeKind, Proof
from wpclone.controller import ports
from wpclone.controller.ports import Body, Kind

INSPECTED = Outcome(
    outcome=OutcomeKind.INSPECTED,
    inspection=Inspection(
        site_url="https://www.acme.example",
        wordpress_version="6.8",
        php_version="8.2",
        table_prefix="acme_",
        database_bytes=5_000_000,
        rows=1000,
        tables=12,
        files=40,
        file_bytes=60_000_000,
    ),
)
IMPORTED = Outcome(
    outcome=OutcomeKind.IMPORTED,
    import_=ImportResult(attempt=1, tables=12, rows=1000, bytes=4_000_000, files=40),
    proof=Proof(values_rewritten=17),
)


@dataclass
class Controllers:
    """The cluster's own programs; `outcomes` says how movers end, by purpose or Job name."""

    cluster: FakeCluster
    outcomes: dict[str, Outcome | None] = field(default_factory=dict)
    kro: bool = True
    kubelet: bool = True  # starts and ends the movers' pods
    ready: bool = True  # lets the site's pods become ready
    collects: bool = True  # removes the pods whose Job or Deployment is gone
    slow: bool = False  # kro is at work on each instance as it was a step ago
    leads: set[str] = field(default_factory=set)  # the UIDs that visitors are led to
    _routed: set[str] = field(default_factory=set)
    _at_work_on: dict[str, Body] = field(default_factory=dict)

    def step(self) -> None:
        """Let everybody act once on what is there; the ingress acts on what was there last time."""
        self.leads.clear()
        self.leads.update(self._routed)
        if self.kro:
            for instance in list(self.cluster.find(ports.SITE)):
                self._kro(instance)
        for job in list(self.cluster.find(ports.JOB)):
            self._job(job)
        for deployment in list(self.cluster.find(ports.DEPLOYMENT)):
            self._deployment(deployment)
        if self.collects:
            self._collect()
        self._routed = self._reachable()

    def _reachable(self) -> set[str]:
        ready = {
            body["metadata"]["labels"][labels.UID]
            for body in self.cluster.find(ports.DEPLOYMENT)
            if body.get("status", {}).get("availableReplicas")
        }
        routes = self.cluster.find(ports.INGRESS)
        return ready & {body["metadata"]["labels"][labels.UID] for body in routes}

    def _kro(self, instance: Body) -> None:
        meta, spec = instance["metadata"], instance["spec"]
        if "kro.run/finalizer" not in meta.get("finalizers", []):
            meta["finalizers"] = ["kro.run/finalizer"]
        name = spec["name"]
        if meta.get("deletionTimestamp"):
            kinds = (ports.INGRESS, ports.DEPLOYMENT, ports.JOB, ports.CLAIM)
            for kind in kinds:
                for child in self._children(kind, spec["uid"]):
                    if "inspect" not in child["metadata"]["name"]:
                        self.cluster.remove(kind, child["metadata"]["name"])
            if not any(
                "inspect" not in child["metadata"]["name"]
                for kind in kinds
                for child in self._children(kind, spec["uid"])
            ):
                meta["finalizers"] = []
                self.cluster._collect(ports.SITE, instance)
            return
        old = self._at_work_on.get(name, instance) if self.slow else instance
        self._at_work_on[name] = copy.deepcopy(instance)
        self._unfold(instance, old)

    def _unfold(self, instance: Body, seen: Body) -> None:
        spec, name = seen["spec"], seen["spec"]["name"]
        self._child(ports.CLAIM, name, spec)
        self._child(ports.JOB, spec["job"], spec)
        instance["status"] = _graph_status(seen, done=False)
        job = self.cluster.objects["jobs", spec["job"]]
        self.cluster.change(
            ports.JOB, spec["job"], lambda b: b["spec"].update(suspend=spec["imported"])
        )
        if not (job.get("status", {}).get("succeeded") or spec["imported"]):
            return
        self._child(ports.DEPLOYMENT, name, spec)
        self.cluster.change(
            ports.DEPLOYMENT, name, lambda b: b["spec"].update(replicas=spec["replicas"])
        )
        if spec["routed"]:
            self._child(ports.INGRESS, name, spec)
        else:
            self.cluster.remove(ports.INGRESS, name)
        instance["status"] = _graph_status(seen, done=True)

    def _child(self, kind: Kind, name: str, spec: dict[str, Any]) -> None:
        if (kind.plural, name) in self.cluster.objects:
            return
        self.cluster.put(
            {
                "apiVersion": kind.api_version,
                "kind": kind.name,
                "metadata": {"name": name, "labels": {labels.UID: spec["uid"]}},
                "spec": {},
            }
        )

    def _children(self, kind: Kind, uid: str) -> list[Body]:
        return [
            b for b in self.cluster.find(kind) if b["metadata"]["labels"].get(labels.UID) == uid
        ]

    def _job(self, job: Body) -> None:
        name, status = job["metadata"]["name"], job.setdefault("status", {})
        done = status.get("succeeded") or status.get("conditions")
        if done or not self.kubelet or job["spec"].get("suspend"):
            return
        pod = f"{name}-abcde"
        if ("pods", pod) not in self.cluster.objects:
            self._pod(pod, job["metadata"]["labels"][labels.UID], job=name)
            return
        purpose = "inspect" if "-inspect-" in name else "import"
        default = INSPECTED if purpose == "inspect" else IMPORTED
        said = self.outcomes.get(name, self.outcomes.get(purpose, default))
        if said is not None:
            self.end(pod, job, said)

    def end(self, pod: str, job: Body, said: Outcome) -> None:
        """End a mover's pod and its Job with an outcome."""
        now, code = rfc3339(self.cluster.now()), int(said.exit_code)
        ended = {
            "exitCode": code,
            "reason": "Completed" if code == 0 else "Error",
            "finishedAt": now,
            "message": said.termination_message().decode(),
        }
        found = self.cluster.objects["pods", pod]
        found["status"] = {
            "phase": "Succeeded" if code == 0 else "Failed",
            "containerStatuses": [{"state": {"terminated": ended}}],
        }
        if code == 0:
            job["status"] = {"succeeded": 1}
        else:
            failed = {
                "type": "Failed",
                "status": "True",
                "reason": "PodFailurePolicy",
                "lastTransitionTime": now,
            }
            job["status"] = {"failed": 1, "conditions": [failed]}

    def _pod(self, name: str, uid: str, *, job: str = "", owner: str = "") -> None:
        plural = "jobs" if job else "deployments"
        of = self.cluster.objects[plural, job or owner]["metadata"]["uid"]
        marks = {labels.UID: uid, **({"batch.kubernetes.io/job-name": job} if job else {})}
        self.cluster.put(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "labels": marks, "annotations": {"of": of}},
                "spec": {},
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {"state": {"running": {}}, "imageID": "site@sha256:0123"}
                    ],
                },
            }
        )

    def _deployment(self, body: Body) -> None:
        name, uid = body["metadata"]["name"], body["metadata"]["labels"][labels.UID]
        pod = f"{name}-site"
        wanted = body["spec"].get("replicas", 1)
        if wanted and ("pods", pod) not in self.cluster.objects:
            self._pod(pod, uid, owner=name)
        if not wanted:
            self.cluster.remove(ports.POD, pod)
        up = int(bool(wanted) and self.ready)
        condition = {
            "type": "Available",
            "status": "True" if up else "False",
            "lastTransitionTime": rfc3339(self.cluster.now()),
        }
        known = body.get("status", {}).get("conditions", [condition])[0]
        if known["status"] == condition["status"]:
            condition = known
        body["status"] = {
            "availableReplicas": up,
            "observedGeneration": body["metadata"]["generation"],
            "conditions": [condition],
        }

    def _collect(self) -> None:
        """Remove the pods whose Job or Deployment is gone."""
        for pod in list(self.cluster.find(ports.POD)):
            owner = pod["metadata"]["annotations"]["of"]
            if owner not in {body["metadata"]["uid"] for body in self.cluster.objects.values()}:
                self.cluster.remove(ports.POD, pod["metadata"]["name"])

    def progress(self, pod: str, percent: int, detail: str) -> None:
        """Let a mover say how far it is."""
        line = json.dumps({"event": "progress", "percent": percent, "detail": detail})
        self.cluster.logs[pod] = self.cluster.logs.get(pod, "") + line + "\n"


def _graph_status(seen: Body, *, done: bool) -> Body:
    ready = {
        "type": "Ready",
        "status": "True" if done else "False",
        "observedGeneration": seen["metadata"]["generation"],
    }
    return {"state": "ACTIVE" if done else "IN_PROGRESS", "conditions": [ready]}
