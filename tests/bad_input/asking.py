# SPDX-License-Identifier: Apache-2.0
"""Asks for many odd clones at once, hears what each is told, deletes them, looks what is left."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.demo.release import CLONES
from tests.bad_input.cases import Case
from tests.e2e.stage import KINDS, Stage

_WHERE = f"--namespace={CLONES}"


@dataclass
class Told:
    """What one clone was told, and what was left of it after its deletion."""

    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    settled: bool = False
    manifest: dict[str, Any] = field(default_factory=dict)
    row: str = ""
    details: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


def blank(name: str, **spec: Any) -> dict[str, Any]:
    """Return the manifest of an empty WordPress."""
    return _manifest(name, {"source": {"blank": {}}, "ttl": "1h", **spec})


def manifest(case: Case) -> dict[str, Any]:
    """Return the manifest of a case."""
    site = {"url": case.url, "credentialsRef": {"name": case.secret}}
    return _manifest(case.name, {"source": {"site": site}, "ttl": "1h", **case.spec})


def _manifest(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "clones.betaweb.ai/v1alpha1",
        "kind": "WordPressClone",
        "metadata": {"name": name, "namespace": CLONES},
        "spec": spec,
    }


def ask(stage: Stage, manifests: Iterable[Mapping[str, Any]], seconds: float) -> dict[str, Told]:
    """Apply clones together and follow each until it rests or needs a person."""
    told: dict[str, Told] = {}
    items = [dict(one) for one in manifests]
    listing = {"apiVersion": "v1", "kind": "List", "items": items}
    begun = time.monotonic()
    stage.cluster.kubectl("create", "-f-", stdin=json.dumps(listing))
    told = {item["metadata"]["name"]: Told() for item in items}
    while time.monotonic() < begun + seconds and not all(one.settled for one in told.values()):
        look(stage, told, begun)
        time.sleep(0.5)
    rows = stage.cluster.kubectl("get", "wordpressclones", _WHERE, "--output=wide").split("\n")
    for name, one in told.items():
        one.row = next((row for row in rows if row.split(" ", 1)[0] == name), "")
    return told


def look(stage: Stage, told: dict[str, Told], begun: float) -> None:
    """Note what each clone is told now."""
    for item in stage.cluster.get("wordpressclones", _WHERE)["items"]:
        one = told.get(item["metadata"]["name"])
        if one is None:
            continue
        status = item.get("status", {})
        conditions = {known["type"]: known for known in status.get("conditions", [])}
        ready = conditions.get("Ready", {})
        one.manifest = item
        one.reason, one.message = ready.get("reason", ""), ready.get("message", "")
        one.details.add(status.get("progress", {}).get("detail", ""))
        if not one.settled and ("Stalled" in conditions or ready.get("status") == "True"):
            one.settled, one.seconds = True, time.monotonic() - begun


def delete(stage: Stage, told: Mapping[str, Told]) -> None:
    """Delete the clones and note, from outside, what is left of each."""
    uids = {name: str(one.manifest["metadata"]["uid"]) for name, one in told.items()}
    volumes = _volumes(stage, uids)
    gone = ["delete", "wordpressclone", *told, _WHERE, "--timeout=180s"]
    stage.cluster.kubectl(*gone, timeout=190)
    found = stage.cluster.get(KINDS, _WHERE)["items"]
    names = stage.schemas() | stage.database_users()
    still = _volumes(stage, uids)
    for name, one in told.items():
        uid = uids[name]
        one.left = [
            f"{item['kind']}/{item['metadata']['name']}"
            for item in found
            if item["metadata"].get("labels", {}).get("clones.betaweb.ai/uid") == uid
        ]
        database = "wpc" + uid.replace("-", "")[:20]
        one.left += [f"database {database}"] if database in names else []
        one.left += [f"volume {volume}" for volume in still[name]]
        disk = stage.cluster.native.disk
        one.left += [f"directory {v}" for v in volumes[name] if (disk / v).exists()]


def _volumes(stage: Stage, uids: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the volumes of each clone."""
    found = stage.cluster.get("persistentvolumes")["items"]
    claims = {
        item["metadata"]["name"]: item["spec"].get("claimRef", {}).get("name", "") for item in found
    }
    return {
        name: [volume for volume, claim in claims.items() if claim.endswith(uid[:8])]
        for name, uid in uids.items()
    }
