# SPDX-License-Identifier: Apache-2.0
"""Holds what one pass has observed: values, read once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wpclone.api.clones import CloneSpec, CloneStatus, Metadata
from wpclone.api.mover import Mask, Outcome, Progress
from wpclone.api.reasons import Reason
from wpclone.controller.ports import Answer, DatabaseView, Ref, Server
from wpclone.controller.settings import Settings


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pod's container ended."""

    at: datetime | None
    exit_code: int
    reason: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod, as far as it matters to us."""

    name: str
    created: datetime
    job: str = ""
    phase: str = "Pending"
    unschedulable: str = ""  # the scheduler's message
    waiting: str = ""  # the container's reason for not running
    waiting_message: str = ""
    image_id: str = ""  # which image it really runs
    ended: Ended | None = None

    @property
    def live(self) -> bool:
        """Whether anything of it may still run."""
        return self.phase not in {"Succeeded", "Failed"}


@dataclass(frozen=True, slots=True)
class JobFailure:
    """The Job controller's own verdict."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Job:
    """A mover's Job and its pods."""

    ref: Ref
    attempt: int
    created: datetime
    annotations: Mapping[str, str] = field(default_factory=dict)
    succeeded: bool = False
    failure: JobFailure | None = None
    deleting: bool = False
    pods: tuple[Pod, ...] = ()
    refusal: str = ""  # why its pods were refused, from the last event about it
    progress: Progress | None = None

    @property
    def ended(self) -> Ended | None:
        """How its last pod ended, or None if none has."""
        ends = [pod for pod in self.pods if pod.ended]
        return max(ends, key=lambda pod: pod.created).ended if ends else None

    @property
    def outcome(self) -> Outcome | None:
        """What the mover said last, or None if it has not, or its pods are gone."""
        return self.ended.outcome if self.ended else None

    @property
    def quiet(self) -> bool:
        """Whether none of its pods can still be at work."""
        return not any(pod.live for pod in self.pods)


@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret without its values."""

    uid: str
    version: str
    created: datetime
    ours: bool  # it carries this clone's UID
    owned: bool  # it carries any clone's UID
    source: bool  # a person has said: this is the login of a source
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Parent:
    """The clone that is to be copied."""

    name: str
    uid: str
    customer: str | None = None
    mask: Mask = Mask.NONE
    server: Server | None = None  # that its database is on
    gone: bool = False  # it, or what it consisted of
    imported: bool = False
    suspended: bool = False
    expired: bool = False
    running: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """The KRO instance behind the clone."""

    ref: Ref
    created: datetime
    spec: Mapping[str, Any]
    annotations: Mapping[str, str]
    deleting: bool = False
    ours: bool = True
    current: bool = False  # kro has been at work on this very spec
    state: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The site's Deployment."""

    ref: Ref
    created: datetime
    deleting: bool = False
    ready: bool = False
    ready_since: datetime | None = None
    refusal: str = ""  # ReplicaFailure's message


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something else that carries the clone's UID: a claim or an ingress."""

    ref: Ref
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Databases:
    """What the servers have under the clone's name; a server that could not tell is in `mute`."""

    views: Mapping[str, DatabaseView] = field(default_factory=dict)
    mute: Mapping[str, str] = field(default_factory=dict)
    reason: Reason = Reason.DATABASE_UNAVAILABLE
    drifted: bool = False  # the user no longer logs in with the Secret's password

    @property
    def empty(self) -> bool:
        """Whether every server was asked and has nothing."""
        return not self.mute and all(view.empty for view in self.views.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """One clone and everything that belongs to it, at one moment."""

    now: datetime
    settings: Settings
    meta: Metadata
    spec: CloneSpec | None
    status: CloneStatus
    problem: str = ""  # why the spec could not be read
    source_secret: Secret | None = None
    parent: Parent | None = None  # the clone that its source names, if there is one
    host_taken_by: str = ""  # the clone that serves this host
    inspect_place: int = 0  # clones before this one; 0: go
    import_place: int = 0
    jobs: tuple[Job, ...] = ()  # inspections, oldest first
    imports: tuple[Job, ...] = ()
    secret: Secret | None = None
    instance: Instance | None = None
    graph_missing: bool = False
    deployment: Deployment | None = None
    pods: tuple[Pod, ...] = ()  # of the site
    strays: tuple[Pod, ...] = ()  # of movers whose Job is gone already
    rest: tuple[Leftover, ...] = ()  # claims and ingresses
    databases: Databases = field(default_factory=Databases)
    answer: Answer | None = None  # of the public route, if it was asked

    @property
    def name(self) -> str:
        """The clone's name."""
        return self.meta.name

    @property
    def uid(self) -> str:
        """The clone's UID."""
        return self.meta.uid

    @property
    def inspection(self) -> Job | None:
        """The last inspect Job."""
        return self.jobs[-1] if self.jobs else None

    @property
    def import_job(self) -> Job | None:
        """The import Job that the instance asks for."""
        if self.instance is None:
            return None
        wanted = self.instance.spec.get("job")
        return next((job for job in self.imports if job.ref.name == wanted), None)
