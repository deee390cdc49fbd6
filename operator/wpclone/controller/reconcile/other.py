# SPDX-License-Identifier: Apache-2.0
"""Looks at the clone that another one copies."""

from __future__ import annotations

import asyncio
import contextlib
import json

from wpclone import errors
from wpclone.api import clones, names
from wpclone.api.mover import Mask
from wpclone.controller import ports
from wpclone.controller.plan import instance as instances
from wpclone.controller.plan.seen import Instance, Parent
from wpclone.controller.ports import Server
from wpclone.controller.reconcile import parse
from wpclone.controller.reconcile.world import World


async def clone(name: str | None, world: World) -> Parent | None:
    """Return the clone of that name as a source, or None if there is none."""
    body = await world.cluster.get(ports.CLONE, name) if name else None
    if body is None:
        return None
    meta, status = clones.metadata(body), clones.status(body)
    found, site = await asyncio.gather(
        world.cluster.get(ports.SITE, names.base(meta)),
        world.cluster.get(ports.DEPLOYMENT, names.base(meta)),
    )
    known = parse.instance(found, meta) if found else None
    spec = None
    with contextlib.suppress(errors.InvalidSpec):
        spec = clones.spec(body)
    return Parent(
        name=meta.name,
        uid=meta.uid,
        customer=spec.customer if spec else None,
        mask=_mask(known),
        server=_server(known),
        # Its instance comes before the status tells what was resolved, and goes only with its end.
        gone=meta.deleting_since is not None
        or (known is None and status.resolved is not None)
        or (known is not None and known.deleting),
        imported=bool(known and known.spec.get("imported")),
        suspended=bool(spec and spec.suspend),
        expired=bool(known and not known.spec.get("routed", True)),
        running=parse.deployment(site).ready if site else False,
    )


def _server(known: Instance | None) -> Server | None:
    """Return where a clone's database is; None if its record cannot be read."""
    if known is None:
        return None
    try:
        kept = json.loads(known.annotations.get(instances.RESOLVED) or "{}")
        host, port = str(known.spec["databaseHost"]), int(known.spec["databasePort"])
        return Server(str(kept["server"]), host, port)
    except (ValueError, LookupError, AttributeError, TypeError):
        return None


def _mask(known: Instance | None) -> Mask:
    """Return how a clone is masked; one whose record cannot be read may be masked most strictly."""
    if known is None:
        return Mask.NONE
    try:
        kept = json.loads(known.annotations.get(instances.RESOLVED) or "{}")
        return Mask(kept.get("mask") or Mask.NONE)
    except (ValueError, AttributeError):
        return Mask.STRICT
