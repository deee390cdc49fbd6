# SPDX-License-Identifier: Apache-2.0
"""A strict cluster in memory: refuses what an API server refuses, counts, fails on demand."""

from __future__ import annotations

import base64
import copy
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from wpclone import errors
from wpclone.api.clones import CloneStatus
from wpclone.api.fields import rfc3339
from wpclone.controller import ports
from wpclone.controller.ports import Body, Kind, Ref

GRAPH: Final = Path(__file__).parents[2] / "kro" / "shared-database-site.yaml"
KINDS: Final = {
    kind.name: kind
    for kind in (
        ports.CLONE,
        ports.SITE,
        ports.JOB,
        ports.POD,
        ports.SECRET,
        ports.EVENT,
        ports.CLAIM,
        ports.DEPLOYMENT,
        ports.INGRESS,
    )
}


@cache
def graph_fields() -> dict[str, str]:
    """Return the fields of the committed graph, with their markers."""
    fields: dict[str, str] = yaml.safe_load(GRAPH.read_text())["spec"]["schema"]["spec"]
    return fields


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


def made(fault: Callable[[], BaseException]) -> BaseException:
    """Return a new error."""
    return fault()


@dataclass
class Faults:
    """What goes wrong: by the number of the write, before or after it is committed."""

    before: dict[int, Callable[[], BaseException]] = field(default_factory=dict)
    after: dict[int, Callable[[], BaseException]] = field(default_factory=dict)


Bodies = list[Body]


class FakeCluster:
    """One namespace."""

    def __init__(self, now: Callable[[], datetime], namespace: str = "staging") -> None:
        """Begin empty."""
        self.now = now
        self.namespace = namespace
        self.objects: dict[tuple[str, str], Body] = {}
        self.applied: dict[tuple[str, str, str], Body] = {}
        self.writes: list[tuple[str, str, str]] = []
        self.created: list[tuple[str, str]] = []
        self.deleted: list[Ref] = []
        self.reads = 0
        self.faults = Faults()
        self.missing: set[str] = set()
        self.logs: dict[str, str] = {}
        self.mute = False  # no kubelet answers for its logs
        self.fields = graph_fields()
        self._version = 100

    async def get(self, kind: Kind, name: str) -> Body | None:
        """Return a copy of the object."""
        self._read(kind)
        found = self.objects.get((kind.plural, name))
        return copy.deepcopy(found) if found else None

    async def list(self, kind: Kind, *, labelled: str = "", fields: str = "") -> list[Body]:
        """Return copies of what the selectors choose."""
        self._read(kind)
        found = [body for (plural, _), body in self.objects.items() if plural == kind.plural]
        if labelled:
            key, _, value = labelled.partition("=")
            found = [b for b in found if (b["metadata"].get("labels") or {}).get(key) == value]
        for part in filter(None, fields.split(",")):
            path, _, value = part.partition("=")
            found = [body for body in found if _at(body, path) == value]
        return copy.deepcopy(found)

    async def create(self, body: Body) -> Body:
        """Create, as POST does."""
        kind, name = KINDS[body["kind"]], body["metadata"]["name"]

        def commit() -> Body:
            self._known(kind)
            if (kind.plural, name) in self.objects:
                raise ports.AlreadyThere(f"{kind.name} {name} exists")
            self.created.append((kind.name, _shape(name)))
            return self.put(body)

        return self._write("create", kind, name, commit)

    async def apply(self, body: Body) -> Body:
        """Apply, as a forced server-side apply with a UID does."""
        kind, name = KINDS[body["kind"]], body["metadata"]["name"]

        def commit() -> Body:
            found = self.objects.get((kind.plural, name))
            if found is None:
                raise errors.Conflict(f"{name}: uid mismatch")
            if found["metadata"]["uid"] != body["metadata"]["uid"]:
                raise errors.Refused(f"{name}: metadata.uid is immutable")
            return self._merge(kind, found, body)

        return self._write("apply", kind, name, commit)

    async def apply_status(self, name: str, version: str, status: Body) -> Body:
        """Write a clone's status, as a forced server-side apply with a version does."""

        def commit() -> Body:
            found = self._at_version(name, version)
            read = CloneStatus.model_validate(status).to_json()
            if read != status:
                raise errors.Refused("the status does not fit its schema")
            if found.get("status") != status:
                found["status"] = copy.deepcopy(status)
                self._touch(found)
            return copy.deepcopy(found)

        return self._write("status", ports.CLONE, name, commit)

    async def set_finalizers(self, name: str, version: str, finalizers: tuple[str, ...]) -> Body:
        """Replace the finalizers; the last one gone, a dying object goes."""

        def commit() -> Body:
            found = self._at_version(name, version)
            meta = found["metadata"]
            if meta.get("deletionTimestamp") and set(finalizers) - set(meta["finalizers"]):
                raise errors.Conflict("no finalizer may be added to a dying object")
            meta["finalizers"] = list(finalizers)
            self._touch(found)
            self._collect(ports.CLONE, found)
            return copy.deepcopy(found)

        return self._write("finalizers", ports.CLONE, name, commit)

    async def delete(self, ref: Ref) -> None:
        """Delete, with the UID as precondition."""

        def commit() -> Body:
            self.deleted.append(ref)
            found = self.objects.get((ref.kind.plural, ref.name))
            if found is None:
                return {}
            if ref.uid and found["metadata"]["uid"] != ref.uid:
                raise errors.Conflict(f"{ref.name}: another uid")
            self.remove(ref.kind, ref.name)
            return {}

        self._write("delete", ref.kind, ref.name, commit)

    async def tail(self, pod: str, lines: int) -> str:
        """Return the end of what a pod wrote."""
        self.reads += 1
        if self.mute:
            raise errors.Transient(f"{pod}: the kubelet does not answer")
        return "\n".join(self.logs.get(pod, "").splitlines()[-lines:])

    # --- what tests and simulated controllers use; never counted as a write of ours

    def put(self, body: Body) -> Body:
        """Store a new object as the API server would."""
        kind = KINDS[body["kind"]]
        self._fits(kind, body)
        stored = copy.deepcopy(body)
        for key, value in (stored.pop("stringData", None) or {}).items():
            stored.setdefault("data", {})[key] = _coded(value)
        meta = stored["metadata"]
        meta["namespace"] = self.namespace
        meta.setdefault("uid", str(uuid.uuid4()))
        meta["creationTimestamp"] = rfc3339(self.now())
        meta["generation"] = 1
        self._touch(stored)
        self.objects[kind.plural, meta["name"]] = stored
        self.applied[kind.plural, meta["name"], ports.OBJECTS] = copy.deepcopy(body)
        return copy.deepcopy(stored)

    def change(self, kind: Kind, name: str, edit: Callable[[Body], None]) -> None:
        """Edit an object in place, as somebody else would."""
        found = self.objects[kind.plural, name]
        spec = copy.deepcopy(found.get("spec"))
        before = copy.deepcopy(found)
        edit(found)
        if found == before:
            return
        if found.get("spec") != spec:
            found["metadata"]["generation"] += 1
        self._touch(found)

    def remove(self, kind: Kind, name: str) -> None:
        """Delete an object, as somebody would."""
        found = self.objects.get((kind.plural, name))
        if found is None or found["metadata"].get("deletionTimestamp"):
            return
        found["metadata"]["deletionTimestamp"] = rfc3339(self.now())
        self._touch(found)
        self._collect(kind, found)

    def find(self, kind: Kind) -> Bodies:
        """Return the stored objects of a kind themselves."""
        return [body for (plural, _), body in self.objects.items() if plural == kind.plural]

    def find_kind(self, name: str) -> Bodies:
        """Return the stored objects of the kind with that name."""
        return self.find(KINDS[name])

    def find_one(self, name: str) -> Body:
        """Return the one stored object of a kind."""
        (found,) = self.find_kind(name)
        return found

    def fail_next(self, error: BaseException) -> None:
        """Let the next write fail before it is committed."""
        self.faults.before[len(self.writes) + 1] = lambda: error

    def _read(self, kind: Kind) -> None:
        self.reads += 1
        self._known(kind)

    def _known(self, kind: Kind) -> None:
        if kind.name in self.missing:
            raise ports.KindMissing(kind.name)

    def _write(self, verb: str, kind: Kind, name: str, commit: Callable[[], Body]) -> Body:
        number = len(self.writes) + 1
        self.writes.append((verb, kind.name, name))
        if number in self.faults.before:
            raise made(self.faults.before.pop(number))
        answer = commit()
        if number in self.faults.after:
            raise made(self.faults.after.pop(number))
        return answer

    def _at_version(self, name: str, version: str) -> Body:
        found = self.objects.get((ports.CLONE.plural, name))
        if found is None:
            raise errors.NotFound(name)
        if found["metadata"]["resourceVersion"] != version:
            raise errors.Conflict(f"{name} is at another version")
        return found

    def _merge(self, kind: Kind, found: Body, body: Body) -> Body:
        self._fits(kind, body)
        key = (kind.plural, found["metadata"]["name"], ports.OBJECTS)
        owned = self.applied.get(key, {})
        before = copy.deepcopy(found)
        for part in ("labels", "annotations"):
            ours = body["metadata"].get(part, {})
            left = found["metadata"].setdefault(part, {})
            for gone in set(owned.get("metadata", {}).get(part, {})) - set(ours):
                left.pop(gone, None)
            left.update(ours)
        for name, value in body["spec"].items():
            if found["spec"].get(name) != value and "immutable=true" in self.fields.get(name, ""):
                raise errors.Refused(f"spec.{name} is immutable")
        for gone in set(owned.get("spec", {})) - set(body["spec"]):
            found["spec"].pop(gone, None)
        found["spec"].update(copy.deepcopy(body["spec"]))
        self.applied[key] = copy.deepcopy(body)
        if found != before:
            found["metadata"]["generation"] += found["spec"] != before["spec"]
            self._touch(found)
        return copy.deepcopy(found)

    def _fits(self, kind: Kind, body: Body) -> None:
        if len(body["metadata"]["name"]) > 253:
            raise errors.Refused("name too long")
        if kind is not ports.SITE:
            return
        unknown = set(body["spec"]) - set(self.fields)
        if unknown:
            raise errors.Refused(f"field not declared in schema: {sorted(unknown)}")
        needed = {name for name, text in self.fields.items() if "required=true" in text}
        if needed - set(body["spec"]):
            raise errors.Refused(f"missing: {sorted(needed - set(body['spec']))}")
        types = {"string": str, "integer": int, "boolean": bool}
        for name, value in body["spec"].items():
            wanted = types.get(self.fields[name].split(" ")[0])
            if wanted and type(value) is not wanted:
                raise errors.Refused(f"spec.{name} is no {wanted.__name__}")

    def _touch(self, body: Body) -> None:
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)

    def _collect(self, kind: Kind, body: Body) -> None:
        meta = body["metadata"]
        if not meta.get("deletionTimestamp") or meta.get("finalizers"):
            return
        self.objects.pop((kind.plural, meta["name"]), None)
        for other, child in list(self.objects.items()):
            owners = child["metadata"].get("ownerReferences") or []
            if any(owner["uid"] == meta["uid"] for owner in owners):
                self.remove(KINDS[child["kind"]], other[1])


def _shape(name: str) -> str:
    """Return a name without the eight digits of its UID."""
    return re.sub(r"[0-9a-f]{8}", "uid8", name)


def _at(body: Body, path: str) -> Any:
    for part in path.split("."):
        body = body.get(part, {})
    return body


def _coded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def utc(*parts: int) -> datetime:
    """Return a time in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
