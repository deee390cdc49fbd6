# SPDX-License-Identifier: Apache-2.0
"""What comes from a source is paid for in time, whoever of the mover asked for it."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import dataclass, field

import pytest

from wpclone.mover.net.throttle import Throttle


@dataclass
class Clock:
    """A time that passes only by sleeping."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Tell the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += seconds


@pytest.mark.parametrize(
    ("reason", "rate", "sizes", "waits"),
    [
        ("the first request waits for nothing", 100, [], []),
        ("what has come is paid for before the next one", 100, [250], [2.5]),
        ("parallel answers are paid for together", 100, [100, 200], [3.0]),
        ("without a rate nothing waits", None, [10_000_000], []),
    ],
)
def test_what_has_come_is_paid_for(
    reason: str, rate: int | None, sizes: list[int], waits: list[float]
) -> None:
    """Bytes divided by the rate, from the moment they came."""
    clock = Clock()
    throttle = Throttle(rate, clock.now, clock.sleep)
    for size in sizes:
        throttle.spend(size)
    throttle.wait()
    assert clock.slept == waits, reason


def test_time_in_which_nothing_came_is_not_saved_up() -> None:
    """After a long pause the source is not asked for everything at once."""
    clock = Clock()
    throttle = Throttle(100, clock.now, clock.sleep)
    throttle.spend(100)
    clock.time += 3600
    throttle.spend(500)
    throttle.wait()
    assert clock.slept == [5.0]


def test_a_forked_child_spends_from_the_same_purse() -> None:
    """Rows and files are fetched by two processes, and the source has one rate for both."""
    clock = Clock()
    throttle = Throttle(100, clock.now, clock.sleep)
    child = multiprocessing.get_context("fork").Process(target=throttle.spend, args=(300,))
    child.start()
    child.join()
    throttle.spend(100)
    throttle.wait()
    assert clock.slept == [4.0]


def test_a_child_that_died_with_the_lock_stops_nobody() -> None:
    """Whoever was killed in the middle of counting is not waited for."""
    clock = Clock()
    throttle = Throttle(100, clock.now, clock.sleep)
    holder = threading.Thread(target=throttle._lock.acquire)
    holder.start()
    holder.join()
    throttle.spend(1000)
    throttle.wait()
    assert clock.slept == [10.0]
