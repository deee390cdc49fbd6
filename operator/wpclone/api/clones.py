# SPDX-License-Identifier: Apache-2.0
"""Holds WordPressClone as frozen values: what a person asked for, and what we said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from wpclone.api import labels
from wpclone.api.fields import rfc3339
from wpclone.api.spec import CloneSpec
from wpclone.api.status import CloneStatus
from wpclone.errors import InvalidSpec

GROUP: Final = labels.GROUP
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "WordPressClone"
PLURAL: Final = "wordpressclones"
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})
# Marks of those who would bring a deleted clone back, or own it: Argo CD, Flux, Helm.
_KEEPER_LABELS: Final = (
    "argocd.argoproj.io/instance",
    "kustomize.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/name",
)
_TRACKING: Final = "argocd.argoproj.io/tracking-id"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What we read of an object's metadata; enough to tear a clone down, whatever its spec says."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    created: datetime
    deleting_since: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    annotations: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    finalizers: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether our finalizer is on."""
        return labels.FINALIZER in self.finalizers

    @property
    def paused(self) -> bool:
        """Whether a person asked us to make no write."""
        return self.annotations.get(labels.PAUSED) == labels.TRUE

    @property
    def kept_by_others(self) -> bool:
        """Whether GitOps or Helm tracks the object, so that deleting it would bring it back."""
        if _TRACKING in self.annotations or self.labels.get(labels.MANAGED_BY) == "Helm":
            return True
        return any(mark in self.labels for mark in _KEEPER_LABELS)


@dataclass(frozen=True, slots=True)
class Clone:
    """One WordPressClone, parsed once at the edge."""

    meta: Metadata
    spec: CloneSpec
    status: CloneStatus

    @property
    def namespace(self) -> str:
        """The clone's namespace."""
        return self.meta.namespace

    @property
    def name(self) -> str:
        """The clone's name."""
        return self.meta.name

    @property
    def uid(self) -> str:
        """The clone's UID: its identity; the name may be used again."""
        return self.meta.uid


def parse(body: Mapping[str, Any]) -> Clone:
    """Return the clone in an API object, or raise InvalidSpec with one sentence."""
    return Clone(metadata(body), spec(body), status(body))


def metadata(body: Mapping[str, Any]) -> Metadata:
    """Return the metadata of any API object."""
    meta = body["metadata"]
    ending = meta.get("deletionTimestamp")
    return Metadata(
        namespace=meta.get("namespace", ""),
        name=meta["name"],
        uid=meta["uid"],
        generation=int(meta.get("generation", 0)),
        resource_version=str(meta.get("resourceVersion", "")),
        created=datetime.fromisoformat(meta["creationTimestamp"]),
        deleting_since=datetime.fromisoformat(ending) if ending else None,
        labels=MappingProxyType(dict(meta.get("labels") or {})),
        annotations=MappingProxyType(dict(meta.get("annotations") or {})),
        finalizers=tuple(meta.get("finalizers") or ()),
    )


def spec(body: Mapping[str, Any]) -> CloneSpec:
    """Return the spec of an API object, or raise InvalidSpec in one sentence."""
    try:
        return CloneSpec.model_validate(body.get("spec") or {})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(["spec", *map(str, first["loc"])])
        said = first["msg"].removeprefix("Value error, ")
        raise InvalidSpec(f"{where}: {said[:1].lower()}{said[1:]}") from None


def status(body: Mapping[str, Any]) -> CloneStatus:
    """Return the status of an API object; one that cannot be read counts as none."""
    try:
        return CloneStatus.model_validate(body.get("status") or {})
    except ValidationError:
        return CloneStatus()


__all__ = [
    "API_VERSION",
    "GROUP",
    "KIND",
    "PLURAL",
    "VERSION",
    "Clone",
    "CloneSpec",
    "CloneStatus",
    "Metadata",
    "metadata",
    "parse",
    "rfc3339",
    "spec",
    "status",
]
