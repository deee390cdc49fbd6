# SPDX-License-Identifier: Apache-2.0
"""Describes ACK's controllers as parts of a cluster: started only where somebody asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import identities, paths
from local.ack import programs, rights
from local.aws import part as aws
from local.processes import Daemon
from local.world import World

# A stand-in looks again sooner than the 30 s that are built into real controllers.
_REQUEUE = 3


def services() -> Iterator[programs.Service]:
    """Return the services that have a controller."""
    yield from programs.SERVICES.values()


def state(world: World) -> Path:
    """Return the file with the definitions that a cluster was given, if it ever asked for ACK."""
    return world.at.var / "ack" / "definitions.json"


def prepare(world: World) -> tuple[str, str]:
    """Give the controllers identities; return the definitions and the rights that they need."""
    from local.ack import definitions  # noqa: PLC0415  YAML: only who asks for ACK pays for it

    for service in services():
        identities.issue(world, service.part, *service.client)
    chosen = _listed(definitions.chosen())
    paths.write(state(world), chosen)
    return chosen, _listed(rights.manifests())


def daemon(world: World, service: programs.Service) -> Daemon:
    """Return the process of a service's controller, a real one or ours."""
    kubeconfig = world.at.etc / f"{service.part}.conf"
    place = programs.Place(aws.url(world), kubeconfig, requeue=_REQUEUE)
    return programs.daemon(service, place, world.net.netns)


def _listed(items: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
