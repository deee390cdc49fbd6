# SPDX-License-Identifier: Apache-2.0
"""How AWS' time passes, and an instance's life with it."""

from dataclasses import dataclass

import pytest

from local.aws import plans
from local.aws.clock import Clock
from local.aws.plans import Deed, Durations, Life

TIMES = Durations()


@dataclass
class Machine:
    """The machine's clock, set by hand."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return its time."""
        return self.seconds


def test_time_runs_stands_and_jumps() -> None:
    """The simulated clock follows the machine's at its own rate, never backwards."""
    machine = Machine()
    clock = Clock(machine)
    begun = clock.now()
    clock.run(60)
    machine.seconds += 2
    assert clock.now() - begun == pytest.approx(120)
    clock.run(0)
    machine.seconds += 1000
    clock.advance(30)
    assert clock.now() - begun == pytest.approx(150)
    with pytest.raises(ValueError, match="backwards"):
        clock.run(-1)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_waiting_is_measured_by_the_machine() -> None:
    """A fast clock makes short waits; one that stands still is woken only by a change."""
    clock = Clock(Machine())
    clock.run(10)
    assert clock.until(clock.now() + 20) == pytest.approx(2)
    assert clock.until(clock.now() - 5) == 0
    assert clock.until(None) is None
    clock.run(0)
    assert clock.until(clock.now() + 20) is None


def walk(life: Life, now: float) -> list[tuple[str, Deed]]:
    """Return the states a life passes until it rests, each with the deed that ends it."""
    passed = []
    while life.ahead:
        now = life.until or now
        step = life.due(now)
        assert step is not None
        passed.append((life.status, step.deed))
        life.go_on(now)
    return passed


@pytest.mark.parametrize(
    ("steps", "rest", "passes"),
    [
        (
            plans.creation(TIMES),
            "available",
            [("creating", Deed.START), ("backing-up", Deed.BACK_UP)],
        ),
        (plans.creation(TIMES, "failed"), "failed", [("creating", Deed.NOTHING)]),
        (
            plans.modification(TIMES, password=True),
            "available",
            [("available", Deed.NOTHING), ("resetting-master-credentials", Deed.APPLY)],
        ),
        (
            plans.deletion(TIMES, "last"),
            "available",
            [("deleting", Deed.COPY), ("deleting", Deed.REMOVE)],
        ),
        (plans.stop(TIMES), "stopped", [("stopping", Deed.STOP)]),
    ],
)
def test_each_way_passes_its_states_and_ends_at_rest(
    steps: list[plans.Step], rest: str, passes: list[tuple[str, Deed]]
) -> None:
    """The states are those AWS reports, in its order."""
    life = Life()
    life.begin(steps, 100.0, rest)
    assert walk(life, 100.0) == passes
    assert (life.status, life.due(1e9)) == (rest, None)


def test_no_step_ends_before_its_time() -> None:
    """A state lasts as long as it was told to."""
    life = Life()
    life.begin(plans.creation(TIMES), 100.0)
    assert life.due(100.0 + TIMES.creating - 0.01) is None
    assert life.due(100.0 + TIMES.creating) is not None


def test_what_comes_later_waits_for_what_is_under_way() -> None:
    """A snapshot and a deletion that follow each other are done in this order."""
    life = Life()
    life.begin(plans.snapshot(TIMES, "then"), 100.0)
    life.begin(plans.deletion(TIMES, None), 100.1)
    assert life.leaving
    assert [deed for _, deed in walk(life, 100.0)] == [Deed.COPY, Deed.REMOVE]


def test_a_forced_state_has_no_future() -> None:
    """It lasts until somebody forces another one."""
    life = Life()
    life.begin(plans.creation(TIMES), 100.0)
    life.force("failed")
    assert (life.status, life.due(1e9), life.leaving) == ("failed", None, False)
