# SPDX-License-Identifier: Apache-2.0
"""Builds the Job that looks at a source before anything is made for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from wpclone.api import labels, names
from wpclone.api.clones import CloneSpec, Metadata
from wpclone.api.mover import ExitCode
from wpclone.controller import ports
from wpclone.controller.render import parts
from wpclone.controller.settings import Settings

CONTAINER: Final = "mover"
USER: Final = 33
RETRIES: Final = 2
SECONDS: Final = 300
# A dump has to be read to its end to be known, and so has whatever shall have a checksum.
ARCHIVE_SECONDS: Final = 1800
# The Job's record is not needed once the instance exists; the cluster clears it away by itself. A
# failed clone is its record: without it the source would be looked at anew.
KEPT: Final = timedelta(hours=24)
LONGER: Final = timedelta(hours=1)
# Which Secret, in which version, the Job was given: a corrected login is tried at once.
SOURCE_VERSION: Final = f"{labels.GROUP}/source-version"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one inspection is told."""

    number: int
    url: str
    config: str
    annotations: dict[str, str]


def manifest(
    meta: Metadata, spec: CloneSpec, settings: Settings, attempt: Attempt
) -> dict[str, Any]:
    """Return the Job of one attempt to inspect the clone's source."""
    head = parts.metadata(
        names.inspect_job(meta, attempt.number), meta, settings.installation, spec.customer
    )
    pod_labels = {**head["labels"], labels.ROLE: "inspect", labels.EGRESS: "mover"}
    return {
        **parts.head(ports.JOB),
        "metadata": {
            **head,
            "annotations": attempt.annotations,
            "ownerReferences": parts.owner(meta),
        },
        "spec": {
            "backoffLimit": RETRIES,
            "activeDeadlineSeconds": ARCHIVE_SECONDS if spec.source.archive else SECONDS,
            "ttlSecondsAfterFinished": int(max(KEPT, settings.failed_ttl + LONGER).total_seconds()),
            "podFailurePolicy": _failure_policy(),
            "template": {
                "metadata": {"labels": pod_labels},
                "spec": _pod(spec, settings, _environment(meta, settings, attempt)),
            },
        },
    }


def _failure_policy() -> dict[str, Any]:
    never = {"containerName": CONTAINER, "operator": "In", "values": [int(ExitCode.NEVER)]}
    return {
        "rules": [
            {"action": "FailJob", "onExitCodes": never},
            {
                "action": "Ignore",
                "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
            },
        ]
    }


def _environment(meta: Metadata, settings: Settings, attempt: Attempt) -> dict[str, str]:
    server = settings.databases[0]
    return {
        "WPCLONE_CLONE_UID": meta.uid,
        "WPCLONE_CLONE_NAME": meta.name,
        "WPCLONE_TARGET_URL": attempt.url,
        "WPCLONE_DB_HOST": server.host,
        "WPCLONE_DB_PORT": str(server.port),
        "WPCLONE_SOURCE_SECRET": "/run/secrets/source",
        "WPCLONE_CA": "/etc/wpclone/ca",
        "WPCLONE_IMPORT": attempt.config,
    }


def _pod(spec: CloneSpec, settings: Settings, environment: dict[str, str]) -> dict[str, Any]:
    source = spec.source
    secret = {"secretName": source.secret or names.NONE, "optional": source.secret is None}
    # The mover says in a sentence that it is missing; a pod without it would only wait.
    authority = {"name": source.authority or names.NONE, "optional": True}
    where = settings.placement.mover
    pull = [{"name": settings.images.pull_secret}] if settings.images.pull_secret else []
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "imagePullSecrets": pull,
        "nodeSelector": where.node_selector,
        "tolerations": where.tolerations,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec, settings, environment)],
        "volumes": [
            {"name": "source", "secret": {**secret, "defaultMode": 0o440}},
            {"name": "source-ca", "configMap": authority},
            *parts.source_volumes(source),
            {"name": "ca", "configMap": {"name": settings.ca_config_map, "optional": True}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        ],
    }


def _container(spec: CloneSpec, settings: Settings, environment: dict[str, str]) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": settings.images.mover,
        "imagePullPolicy": settings.images.pull_policy,
        "command": ["python", "-m", "wpclone.mover", "inspect"],
        "env": [{"name": k, "value": v} for k, v in sorted(environment.items())],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": settings.resources.mover.memory_limit},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "source", "mountPath": "/run/secrets/source", "readOnly": True},
            {"name": "source-ca", "mountPath": "/etc/wpclone/source-ca", "readOnly": True},
            {"name": "ca", "mountPath": "/etc/wpclone/ca", "readOnly": True},
            *parts.source_mounts(spec.source),
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  a volume of the pod's own
        ],
    }
