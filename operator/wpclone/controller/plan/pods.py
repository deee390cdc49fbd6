# SPDX-License-Identifier: Apache-2.0
"""Explains why pods do not run: no room, no node, no volume, no image."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.controller.plan.seen import Deployment, Job, Pod

# The Job controller makes pods within a second; half a minute without one is a refusal.
REFUSED_AFTER: Final = timedelta(seconds=30)
# The scheduler's first try fails wherever somebody else has just touched the claim; it tries again.
UNPLACED_AFTER: Final = timedelta(seconds=5)
# Mounting a fresh volume takes seconds; longer, and something is wrong with it.
VOLUME_AFTER: Final = timedelta(seconds=60)
_PULLING: Final = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
)
_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing"})

Trouble = tuple[Reason, str]


def of_job(job: Job, now: datetime) -> Trouble | None:
    """Return why a Job's pods do not run, or None if they do or may soon."""
    if not job.pods and now - job.created >= REFUSED_AFTER:
        told = job.refusal or "the cluster gave no cause"
        return (
            Reason.POD_QUOTA_EXCEEDED,
            f"The pod of {job.ref.name} was not made, and is tried again: {told}",
        )
    return of_pods(job.pods, now)


def of_site(deployment: Deployment, pods: Iterable[Pod], now: datetime) -> Trouble | None:
    """Return why the site's pods do not run, or None if they do or may soon."""
    if deployment.refusal:
        return (
            Reason.POD_QUOTA_EXCEEDED,
            f"The site's pod was not made, and is tried again: {deployment.refusal}",
        )
    found = of_pods(pods, now)
    if found:
        return found
    crashed = next((pod for pod in pods if pod.waiting == "CrashLoopBackOff"), None)
    if crashed:
        return (
            Reason.SITE_UNHEALTHY,
            f"The site's container in pod {crashed.name} ends again and again",
        )
    return None


def of_pods(pods: Iterable[Pod], now: datetime) -> Trouble | None:
    """Return the trouble of the newest pod that is alive."""
    alive = sorted((pod for pod in pods if pod.live), key=lambda pod: pod.created)
    return _of(alive[-1], now) if alive else None


def _of(pod: Pod, now: datetime) -> Trouble | None:
    if pod.unschedulable and now - pod.created >= UNPLACED_AFTER:
        # The scheduler has one reason for everything; volumes show in its words only.
        volume = "volume" in pod.unschedulable.lower()
        reason = Reason.VOLUME_PENDING if volume else Reason.WAITING_FOR_NODE
        what = "a volume" if volume else "a node"
        return reason, f"Pod {pod.name} waits for {what}: {pod.unschedulable}"
    if pod.waiting in _PULLING:
        told = pod.waiting_message or pod.waiting
        return Reason.IMAGE_PULL_FAILED, f"The image of pod {pod.name} cannot be pulled: {told}"
    if pod.waiting in _STARTING and now - pod.created >= VOLUME_AFTER:
        return (
            Reason.VOLUME_PENDING,
            f"Pod {pod.name} has been waiting for its volumes for more than a minute",
        )
    if pod.waiting == "CreateContainerConfigError":
        return Reason.INTERNAL_ERROR, f"Pod {pod.name} cannot start: {pod.waiting_message}"
    return None
