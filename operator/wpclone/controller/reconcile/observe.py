# SPDX-License-Identifier: Apache-2.0
"""Looks at one clone and all that belongs to it; changes nothing outside this process."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import dataclass, replace
from typing import Any

from wpclone import errors
from wpclone.api import clones, labels, names, secrets
from wpclone.api.clones import CloneSpec, Metadata
from wpclone.api.mover import Progress
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.controller import plan, ports
from wpclone.controller.plan import database as databases
from wpclone.controller.plan import ending, instance, pods
from wpclone.controller.plan import parent as parents
from wpclone.controller.plan.seen import Databases, Job, Leftover, Pod, Seen
from wpclone.controller.ports import Body, DatabaseView
from wpclone.controller.reconcile import other, parse, places
from wpclone.controller.reconcile.world import World

TAIL_LINES = 20


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything in the cluster that carries a clone's UID."""

    jobs: tuple[Job, ...]
    imports: tuple[Job, ...]
    pods: tuple[Pod, ...]
    strays: tuple[Pod, ...]
    rest: tuple[Leftover, ...]


async def clone(name: str, world: World) -> Seen | None:
    """Return what there is of a clone now, or None if there is no such clone."""
    body = await world.cluster.get(ports.CLONE, name)
    if body is None:
        world.ledger.forget(name)
        return None
    seen = _first(body, world)
    world.ledger.known.add(name)
    if seen.meta.paused:
        return seen
    if plan.leaving(seen) and not seen.meta.held:
        world.ledger.forget(name)
        return seen
    seen = await _instance(seen, world)
    if plan.leaving(seen):
        world.ledger.forget(name)
        return await _leaving(seen, world)
    return await _living(seen, world)


def _first(body: Body, world: World) -> Seen:
    meta = clones.metadata(body)
    spec: CloneSpec | None = None
    problem = ""
    try:
        spec = clones.spec(body)
    except errors.InvalidSpec as error:
        problem = clean(str(error), 500)
    return Seen(
        now=world.clock.now(),
        settings=world.settings,
        meta=meta,
        spec=spec,
        status=clones.status(body),
        problem=problem,
    )


async def _instance(seen: Seen, world: World) -> Seen:
    try:
        body = await world.cluster.get(ports.SITE, names.base(seen.meta))
    except ports.KindMissing:
        return replace(seen, graph_missing=True)
    return replace(seen, instance=parse.instance(body, seen.meta) if body else None)


async def _leaving(seen: Seen, world: World) -> Seen:
    opener = names.copy_key(seen.meta) if parents.wanted(seen) else None
    everything, secret, site, login = await asyncio.gather(
        _inventory(seen.meta, world, rest=True),
        world.cluster.get(ports.SECRET, names.credentials(seen.meta)),
        world.cluster.get(ports.DEPLOYMENT, names.base(seen.meta)),
        world.cluster.get(ports.SECRET, opener) if opener else _nothing(),
    )
    seen = _with(seen, everything, site)
    seen = replace(
        seen,
        secret=parse.secret(secret, seen.uid) if secret else None,
        source_secret=parse.secret(login, seen.uid) if login else None,
    )
    return replace(seen, databases=await _databases(seen, world, _servers(seen, world)))


async def _living(seen: Seen, world: World) -> Seen:
    if seen.spec is None or seen.graph_missing:
        return seen
    seen = places.host(seen, world)
    if seen.instance is None:
        return await _new(seen, world)
    world.ledger.inspections.free(seen.name)
    imported = databases.imported(seen)
    over = ending.expired(seen, ending.times(seen, ending.available_at(seen)))
    everything, secret, site = await asyncio.gather(
        _inventory(seen.meta, world, rest=over),
        world.cluster.get(ports.SECRET, names.credentials(seen.meta)),
        world.cluster.get(ports.DEPLOYMENT, names.base(seen.meta)) if imported else _nothing(),
    )
    seen = _with(seen, everything, site)
    seen = replace(seen, secret=parse.secret(secret, seen.uid) if secret else None)
    seen = replace(seen, databases=await _databases(seen, world, [instance.server(seen)], secret))
    if not imported:
        return await _importing(seen, world)
    world.ledger.imports.free(seen.name)
    if not plan.asks(seen):
        return seen
    return replace(seen, answer=await world.route.check(instance.host(seen), seen.uid))


async def _new(seen: Seen, world: World) -> Seen:
    """See a clone without an instance: what it names, and what was inspected."""
    source = seen.spec.source if seen.spec else None
    wanted = source.secret if source else None
    everything, secret, login = await asyncio.gather(
        _inventory(seen.meta, world, rest=False),
        world.cluster.get(ports.SECRET, names.credentials(seen.meta)),
        world.cluster.get(ports.SECRET, wanted) if wanted else _nothing(),
    )
    seen = _with(seen, everything, None)
    seen = replace(
        seen,
        secret=parse.secret(secret, seen.uid) if secret else None,
        source_secret=parse.secret(login, seen.uid) if login else None,
    )
    seen = replace(seen, parent=await other.clone(parents.wanted(seen), world))
    seen = await _refusals(seen, world)
    if source and source.inspected and not places.inspected(seen):
        return places.inspecting(seen, world)
    world.ledger.inspections.free(seen.name)
    if seen.host_taken_by or (seen.secret is not None and not seen.secret.ours):
        world.ledger.imports.free(seen.name)
        return seen
    place = world.ledger.imports.ask(seen.name, seen.meta.created)
    seen = replace(seen, import_place=place)
    if place:
        return seen
    seen = replace(seen, databases=await _databases(seen, world, [instance.server(seen)], secret))
    return places.unless_failed(seen, world)


async def _importing(seen: Seen, world: World) -> Seen:
    job = seen.import_job
    if job and job.failure:
        world.ledger.imports.free(seen.name)
        return seen
    world.ledger.imports.hold(seen.name)
    seen = replace(seen, parent=await other.clone(parents.wanted(seen), world))
    seen = await _refusals(seen, world)
    job = seen.import_job
    running = next((pod for pod in job.pods if pod.phase == "Running"), None) if job else None
    if job is None or running is None:
        return places.unless_failed(seen, world)
    told = replace(job, progress=await _tail(running.name, world))
    imports = tuple(told if known.ref == job.ref else known for known in seen.imports)
    return replace(seen, imports=imports)


async def _tail(pod: str, world: World) -> Progress | None:
    now = world.clock.monotonic()
    read_at, last = world.tails.read.get(pod, (float("-inf"), None))
    if now - read_at < world.settings.poll:
        return last
    text = ""
    # The kubelet of a lost node never answers: progress is a courtesy, and deadlines go on.
    with contextlib.suppress(errors.Transient):
        async with world.tails.turns:
            text = await world.cluster.tail(pod, TAIL_LINES)
    told = [Progress.read(line) for line in text.splitlines()]
    known = [line for line in told if line is not None]
    last = known[-1] if known else last
    # Only what is running now: the memory of ended imports goes as new ones are read.
    recent = {k: v for k, v in world.tails.read.items() if now - v[0] < 10 * world.settings.poll}
    world.tails.read.clear()
    world.tails.read.update(recent | {pod: (now, last)})
    return last


async def _inventory(meta: Metadata, world: World, *, rest: bool) -> Inventory:
    chosen = labels.selector(meta.uid)
    kinds = [ports.JOB, ports.POD, *([ports.CLAIM, ports.INGRESS] if rest else [])]
    jobs, pods, *others = await asyncio.gather(
        *(world.cluster.list(kind, labelled=chosen) for kind in kinds)
    )
    found = [parse.pod(body) for body in pods]
    there = {body["metadata"]["name"] for body in jobs}
    left = [
        Leftover(parse.ref(kind, body), deleting=parse.deleting(body))
        for kind, bodies in zip(kinds[2:], others, strict=True)
        for body in bodies
    ]
    return Inventory(
        jobs=_ordered(jobs, "inspect", found),
        imports=_ordered(jobs, "import", found),
        pods=tuple(pod for pod in found if not pod.job),
        strays=tuple(pod for pod in found if pod.job and pod.job not in there),
        rest=tuple(left),
    )


def _ordered(bodies: list[Body], purpose: str, pods: list[Pod]) -> tuple[Job, ...]:
    mine = [parse.job(body, pods) for body in bodies if parse.purpose(body) == purpose]
    return tuple(sorted(mine, key=lambda job: job.attempt))


def _with(seen: Seen, found: Inventory, site: Body | None) -> Seen:
    return replace(
        seen,
        jobs=found.jobs,
        imports=found.imports,
        pods=found.pods,
        strays=found.strays,
        rest=found.rest,
        deployment=parse.deployment(site) if site else None,
    )


async def _refusals(seen: Seen, world: World) -> Seen:
    """Read why a Job has no pod, for those that should have had one long ago."""

    async def told(job: Job) -> Job:
        waited = seen.now - job.created >= pods.REFUSED_AFTER
        if job.pods or job.succeeded or job.failure or not waited:
            return job
        events = await world.cluster.list(
            ports.EVENT, fields=f"involvedObject.uid={job.ref.uid},reason=FailedCreate"
        )
        text = str(events[-1].get("message", "")) if events else ""
        return replace(job, refusal=clean(text, 300))

    jobs = [await told(job) for job in seen.jobs]
    imports = [await told(job) for job in seen.imports]
    return replace(seen, jobs=tuple(jobs), imports=tuple(imports))


def _servers(seen: Seen, world: World) -> list[str]:
    """Return every server that may have the clone's database, also one that was taken out."""
    known = {server.name for server in world.settings.databases}
    resolved = seen.status.resolved
    if resolved and resolved.database_server:
        known.add(resolved.database_server)
    return sorted(known)


async def _databases(
    seen: Seen, world: World, servers: list[str], secret: Body | None = None
) -> Databases:
    name = names.database(seen.uid)
    views: dict[str, DatabaseView] = {}
    mute: dict[str, str] = {}
    reason = Reason.DATABASE_UNAVAILABLE
    for server in servers:
        try:
            views[server] = await world.database.view(server, name)
        except ports.Unavailable as error:
            mute[server] = str(error)
            reason = error.reason
    password = _password(secret, seen.uid)
    drifted = False
    server = servers[0] if servers else ""
    if password and server in views and databases.complete(views[server]):
        drifted = not await world.database.admits(server, name, password)
    return Databases(views=views, mute=mute, reason=reason, drifted=drifted)


def _password(secret: Body | None, uid: str) -> str | None:
    if secret is None or not ports.is_ours(secret, uid):
        return None
    coded = (secret.get("data") or {}).get(secrets.DB_PASSWORD)
    return base64.b64decode(coded).decode() if coded else None


async def _nothing() -> Any:
    return None
