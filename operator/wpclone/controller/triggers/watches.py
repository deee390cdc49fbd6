# SPDX-License-Identifier: Apache-2.0
"""Holds every trigger on one screen: which events wake which key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import kopf

from wpclone.api import clones, labels
from wpclone.controller.queue import Keyed
from wpclone.controller.triggers.news import News

# What is watched below a clone: group, version, plural.
CHILDREN = (
    (f"sites.{labels.GROUP}", "v1alpha1", "shareddatabasesites"),
    ("batch", "v1", "jobs"),
    ("apps", "v1", "deployments"),
)


def registry(queue: Keyed, news: News, *, graph: bool) -> kopf.OperatorRegistry:
    """Return the handlers; without the graph's kind, Kopf would wait for it in vain."""
    found = kopf.OperatorRegistry()

    @kopf.on.login(registry=found)
    def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)

    @kopf.on.event(clones.GROUP, clones.VERSION, clones.PLURAL, registry=found)
    async def clone(type: str | None, body: kopf.Body, name: str, **_: Any) -> None:  # noqa: A002  Kopf's word
        if news.regenerated(body):
            queue.fresh(name)
        if news.about(type, body):
            queue.wake(name)

    async def child(labels_: Mapping[str, str]) -> None:
        if labels.CLONE in labels_:
            queue.nudge(labels_[labels.CLONE])

    for group, version, plural in CHILDREN if graph else CHILDREN[1:]:

        @kopf.on.event(group, version, plural, registry=found, id=plural)
        async def below(labels: Mapping[str, str], **_: Any) -> None:
            await child(labels)

    return found
