# SPDX-License-Identifier: Apache-2.0
"""Speaks Kubernetes for us, in plain dicts."""

from __future__ import annotations

from typing import Any, Final

from wpclone import errors
from wpclone.controller import ports
from wpclone.controller.gateways.kubernetes import Api
from wpclone.controller.ports import Body, Fence, Kind, Ref

PAGE: Final = 500
TAIL_BYTES: Final = 16_384
_APPLY: Final = "application/apply-patch+yaml"
_PATCH: Final = "application/json-patch+json"


class KubernetesCluster:
    """One namespace of a real API server; every write asks the fence first."""

    def __init__(self, api: Api, namespace: str, fence: Fence) -> None:
        """Take the API server, the namespace, and who knows whether we may write."""
        self._api = api
        self._namespace = namespace
        self._fence = fence

    async def get(self, kind: Kind, name: str) -> Body | None:
        """Return the object as the API server has it now."""
        try:
            return await self._api.call("GET", self._path(kind, name))
        except ports.KindMissing:
            raise
        except errors.NotFound:
            return None

    async def list(self, kind: Kind, *, labelled: str = "", fields: str = "") -> list[Body]:
        """Return the objects that the selectors choose."""
        query = {"limit": str(PAGE), "labelSelector": labelled, "fieldSelector": fields}
        found: list[Body] = []
        while True:
            page = await self._api.call("GET", self._path(kind), query=query)
            found += page["items"]
            token = page["metadata"].get("continue")
            if not token:
                return found
            query["continue"] = token

    async def create(self, body: Body) -> Body:
        """Create an object; AlreadyThere if its name is taken."""
        query = {"fieldManager": ports.OBJECTS, "fieldValidation": "Strict"}
        return await self._write("POST", self._path(_kind(body)), query=query, body=body)

    async def apply(self, body: Body) -> Body:
        """Make our fields of an existing object what `body` says; its UID must be in there."""
        if not body["metadata"].get("uid"):
            raise ValueError("an apply without a UID could bring back what was deleted")
        query = {"fieldManager": ports.OBJECTS, "force": "true", "fieldValidation": "Strict"}
        path = self._path(_kind(body), body["metadata"]["name"])
        return await self._write("PATCH", path, query=query, body=body, content=_APPLY)

    async def apply_status(self, name: str, version: str, status: Body) -> Body:
        """Write a clone's whole status; Conflict if the clone is no longer at `version`."""
        kind = ports.CLONE
        body = {
            "apiVersion": kind.api_version,
            "kind": kind.name,
            "metadata": {"name": name, "resourceVersion": version},
            "status": status,
        }
        query = {"fieldManager": ports.STATUS, "force": "true", "fieldValidation": "Strict"}
        path = self._path(kind, name) + "/status"
        return await self._write("PATCH", path, query=query, body=body, content=_APPLY)

    async def set_finalizers(self, name: str, version: str, finalizers: tuple[str, ...]) -> Body:
        """Replace a clone's finalizers; Conflict if the clone is no longer at `version`."""
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/metadata/finalizers", "value": list(finalizers)},
        ]
        path = self._path(ports.CLONE, name)
        query = {"fieldManager": ports.OBJECTS}
        try:
            return await self._write("PATCH", path, query=query, body=patch, content=_PATCH)
        except errors.Refused as error:
            # A failed `test` is a 422 without a reason; anything else wrong shows at the next pass.
            raise errors.Conflict(f"finalizers of {name}: {error}") from error

    async def delete(self, ref: Ref) -> None:
        """Ask for the end of an object in the background; gone already is fine."""
        body: Body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
        }
        if ref.uid:
            body["preconditions"] = {"uid": ref.uid}
        try:
            await self._write("DELETE", self._path(ref.kind, ref.name), body=body)
        except errors.NotFound:
            return

    async def tail(self, pod: str, lines: int) -> str:
        """Return the last lines that a pod wrote; nothing if it has not written yet."""
        path = self._path(ports.POD, pod) + "/log"
        query = {"tailLines": str(lines), "limitBytes": str(TAIL_BYTES)}
        try:
            return (await self._api.send("GET", path, query=query)).decode("utf-8", "replace")
        except (errors.NotFound, errors.Refused):
            # 400 while the container is still being created
            return ""

    def _path(self, kind: Kind, name: str = "") -> str:
        root = "/apis/" if "/" in kind.api_version else "/api/"
        path = f"{root}{kind.api_version}/namespaces/{self._namespace}/{kind.plural}"
        return f"{path}/{name}" if name else path

    async def _write(self, method: str, path: str, **rest: Any) -> Body:
        self._fence.check()
        return await self._api.call(method, path, **rest)


def _kind(body: Body) -> Kind:
    known = {kind.name: kind for kind in (ports.SITE, ports.JOB, ports.SECRET, ports.EVENT)}
    return known[body["kind"]]
