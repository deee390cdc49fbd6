# SPDX-License-Identifier: Apache-2.0
"""The properties of every pass, under random lives: edits, faults, restarts, slow neighbours."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.checks import well_told
from tests.fakes.cluster import Killed
from tests.fakes.controllers import IMPORTED, INSPECTED
from tests.fakes.world import Stage
from wpclone import errors
from wpclone.api.fields import rfc3339
from wpclone.api.mover import Outcome
from wpclone.api.reasons import FAILURES, Reason
from wpclone.controller import plan, ports, telemetry
from wpclone.controller.ports import Answer, Body
from wpclone.controller.reconcile import observe

Action = Callable[[Stage], None]
STEADY = {Reason.AVAILABLE, Reason.SUSPENDED, Reason.EXPIRED, Reason.REAPED, *FAILURES}

telemetry.start("critical", "json")


def _edit(**spec: Any) -> Action:
    return lambda world: world.edit(**spec) if not world.gone() else None


def _extend(minutes: int) -> Action:
    def action(world: Stage) -> None:
        if not world.gone():
            world.edit(extendUntil=rfc3339(world.clock.now() + timedelta(minutes=minutes)))

    return action


def _retry(value: str) -> Action:
    return lambda world: world.annotate(reconcile=value) if not world.gone() else None


def _anew(value: str) -> Action:
    mark = {"re-resolve": value}
    return lambda world: world.annotate(**mark) if not world.gone() else None


def _wait(seconds: float) -> Action:
    return lambda world: world.clock.advance(seconds)


def _movers(inspect: Outcome | None, copy_: Outcome | None) -> Action:
    return lambda world: world.controllers.outcomes.update({"inspect": inspect, "import": copy_})


def _fault(moment: str, ahead: int, fault: Callable[[], BaseException]) -> Action:
    def action(world: Stage) -> None:
        getattr(world.cluster.faults, moment)[len(world.cluster.writes) + ahead] = fault

    return action


def _lose(kind: ports.Kind) -> Action:
    def action(world: Stage) -> None:
        for body in list(world.cluster.find(kind)):
            if body["metadata"]["name"] != "acme-admin" and "decoy" not in body["metadata"]["name"]:
                world.cluster.remove(kind, body["metadata"]["name"])

    return action


def _database(reason: Reason | None) -> Action:
    def action(world: Stage) -> None:
        world.database.down = {"shared": reason} if reason else {}

    return action


def _route(answer: Answer) -> Action:
    return lambda world: setattr(world.route, "answer", answer)


LOST = Outcome.failed(Reason.SOURCE_LOST, "Gone at 50 %", retryable=True)
FAULTS = [lambda: errors.Conflict("x"), lambda: errors.Transient("x"), Killed]

ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.sampled_from([True, False]).map(lambda on: _edit(suspend=on)),
    st.sampled_from(["Link", "Login", "Public"]).map(lambda who: _edit(safety={"access": who})),
    st.sampled_from(["1m", "30m", "8h", "Never"]).map(lambda ttl: _edit(ttl=ttl)),
    st.integers(-60, 600).map(_extend),
    st.sampled_from("abc").map(_retry),
    st.sampled_from("ab").map(_anew),
    st.sampled_from([0.5, 5.0, 40.0, 700.0, 4000.0, 20_000.0]).map(_wait),
    st.builds(
        _movers,
        st.sampled_from([INSPECTED, LOST, None]),
        st.sampled_from([IMPORTED, LOST, None]),
    ),
    st.builds(
        _fault, st.sampled_from(["before", "after"]), st.integers(1, 4), st.sampled_from(FAULTS)
    ),
    st.sampled_from([ports.SECRET, ports.JOB, ports.POD, ports.DEPLOYMENT, ports.INGRESS]).map(
        _lose
    ),
    st.sampled_from([None, Reason.DATABASE_UNAVAILABLE]).map(_database),
    st.sampled_from([Answer(), Answer(Reason.ROUTE_UNREACHABLE, "no")]).map(_route),
    st.just(lambda world: world.restart()),
)
LIVES = st.lists(st.tuples(ACTIONS, st.integers(0, 4)), max_size=12)
SMALL = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def story(tell: Coroutine[Any, Any, None]) -> None:
    """Run a story on a loop of its own."""
    asyncio.run(tell)


async def step(world: Stage) -> float:
    """Run a pass and let the others act; a killed process starts anew."""
    try:
        then = await world.once()
    except Killed:
        world.restart()
        return 1.0
    world.controllers.step()
    if not world.gone() and world.status() and not then.failed:
        well_told(world)
    wait = 1.0 if then.failed else then.after
    return min(wait if wait is not None else 1.0, 30.0)


async def live(world: Stage, life: list[tuple[Action, int]]) -> None:
    """Let a clone live through a list of events, with some passes between them."""
    world.login()
    world.apply(ttl="1h")
    for action, passes in life:
        action(world)
        for _ in range(passes):
            world.clock.advance(await step(world))


async def settle(world: Stage) -> None:
    """Let everybody cooperate until nothing moves any more."""
    world.database.down = {}
    world.route.answer = Answer(guard="1", mails=0)
    world.controllers.outcomes = {}
    world.cluster.faults.before.clear()
    world.cluster.faults.after.clear()
    quiet = 0
    for _ in range(400):
        before = len(world.cluster.writes)
        world.clock.advance(min(await step(world), 5.0))
        if world.gone():
            return
        steady = world.reason() in STEADY
        quiet = quiet + 1 if steady and len(world.cluster.writes) == before else 0
        if quiet > 3:
            return
    raise AssertionError(f"never settles: {world.reason()}: {world.message()}")


@SMALL
@given(LIVES)
def test_every_life_settles_and_is_then_left_alone(life: list[tuple[Action, int]]) -> None:
    """Convergent and silent: an end is reached, and another pass makes no write."""

    async def tell() -> None:
        world = Stage()
        await live(world, life)
        await settle(world)
        before = len(world.cluster.writes)
        await world.once()
        assert world.cluster.writes[before:] == []

    story(tell())


@SMALL
@given(LIVES)
def test_every_life_can_be_left(life: list[tuple[Action, int]]) -> None:
    """Deleted at any moment, the clone goes and nothing of it is left."""

    async def tell() -> None:
        world = Stage()
        await live(world, life)
        world.delete()
        await settle(world)
        assert world.gone()
        assert world.left() == []
        assert world.database.empty

    story(tell())


@SMALL
@given(LIVES)
def test_only_what_is_ours_is_touched(life: list[tuple[Action, int]]) -> None:
    """Decoys with like names survive, and every delete says which object it means."""

    async def tell() -> None:
        world = Stage()
        decoys = [_decoy(world, kind) for kind in (ports.SECRET, ports.JOB, ports.CLAIM)]
        before = copy.deepcopy(decoys)
        await live(world, life)
        world.delete()
        await settle(world)
        found = [
            world.cluster.objects[plural, body["metadata"]["name"]]
            for plural, body in zip(
                ("secrets", "jobs", "persistentvolumeclaims"), before, strict=True
            )
        ]
        assert [body["metadata"]["uid"] for body in found] == [
            body["metadata"]["uid"] for body in before
        ]
        assert all(ref.uid for ref in world.cluster.deleted)

    story(tell())


@SMALL
@given(LIVES)
def test_a_plan_is_a_function_of_what_was_seen(life: list[tuple[Action, int]]) -> None:
    """Level-triggered: the same observation gives the same plan, whatever happened before."""

    async def tell() -> None:
        world = Stage()
        await live(world, life)
        seen = await observe.clone("acme", world.world)
        if seen is None:
            return
        decide = plan.teardown if plan.leaving(seen) else plan.provision
        assert decide(seen) == decide(seen)
        fresh = Stage()
        fresh.cluster, fresh.database = world.cluster, world.database
        fresh.clock, fresh.route = world.clock, world.route
        fresh.restart()
        again = await observe.clone("acme", fresh.world)
        assert again is not None
        if seen.inspect_place == again.inspect_place and seen.import_place == again.import_place:
            assert decide(again).steps == decide(seen).steps

    story(tell())


@SMALL
@given(LIVES)
def test_there_is_never_a_second_database_or_import(life: list[tuple[Action, int]]) -> None:
    """At every moment at most one schema, and at most one import at work."""

    async def tell() -> None:
        world = Stage()
        world.login()
        world.apply(ttl="1h")
        for action, passes in life:
            action(world)
            for _ in range(passes):
                world.clock.advance(await step(world))
                assert len(world.database.schemas) <= 1
                live_imports = [
                    pod["metadata"]["name"]
                    for pod in world.cluster.find_kind("Pod")
                    if "-import-" in pod["metadata"]["name"] and pod["status"]["phase"] == "Running"
                ]
                assert len(live_imports) <= 1

    story(tell())


def _decoy(world: Stage, kind: ports.Kind) -> Body:
    return world.cluster.put(
        {
            "apiVersion": kind.api_version,
            "kind": kind.name,
            "metadata": {"name": "acme-decoy", "labels": {"clones.betaweb.ai/clone": "acme"}},
            **({"spec": {"suspend": True}} if kind is ports.JOB else {}),
        }
    )
