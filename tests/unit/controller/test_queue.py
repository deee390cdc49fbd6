# SPDX-License-Identifier: Apache-2.0
"""The queue: one pass per key at a time, none lost, on a loop whose time jumps."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from wpclone.controller.ports import Next
from wpclone.controller.queue import Keyed, backoff
from wpclone.controller.queue.later import Later


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that never sleeps: where it would, its time jumps ahead."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._jumped = 0.0
        super().__init__(_NoWait(self))

    def time(self) -> float:
        """Return the loop's own time."""
        return self._jumped

    def jump(self, seconds: float | None) -> None:
        """Let time pass at once."""
        self._jumped += seconds or 0.0


class _NoWait(selectors.DefaultSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        found: list[Any] = super().select(0)
        if not found:
            self._loop.jump(timeout)
        return found


Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


@pytest.fixture
def run() -> Iterator[Run]:
    """Return a way to run a coroutine function on a jumping loop."""
    loop = JumpingLoop()
    yield lambda story: loop.run_until_complete(story())
    loop.close()


class Recorder:
    """Work that notes when it ran, and answers as told."""

    def __init__(self, *answers: Next, takes: float = 0.0) -> None:
        """Take the answers in turn; the last one repeats."""
        self.answers = list(answers) or [Next()]
        self.takes = takes
        self.ran: list[tuple[float, str]] = []
        self.at_once = 0
        self.most = 0

    async def __call__(self, key: str) -> Next:
        """Run once."""
        self.ran.append((asyncio.get_running_loop().time(), key))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.takes)
        self.at_once -= 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def during(queue: Keyed, seconds: float, *later: tuple[float, Callable[[], None]]) -> None:
    """Run a queue for a while, doing things at their times."""
    loop = asyncio.get_running_loop()
    for when, action in later:
        loop.call_at(when, action)
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await queue.run()


def queue(work: Recorder, workers: int = 4) -> Keyed:
    """Return a queue without chance."""
    return Keyed(work, workers=workers, jitter=lambda: 1.0)


def test_a_key_woken_often_runs_once(run: Run) -> None:
    """Wakes before the pass begins are one pass."""
    work = Recorder()

    async def story() -> None:
        keys = queue(work)
        for _ in range(100):
            keys.wake("a")
        await during(keys, 10)

    run(story)
    assert [key for _, key in work.ran] == ["a"]


def test_a_key_woken_during_its_pass_runs_exactly_once_more(run: Run) -> None:
    """No wake is lost, and no key has two passes at once."""
    work = Recorder(takes=5)

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")
        await during(keys, 60, *((1.0 + n, lambda: keys.wake("a")) for n in range(3)))

    run(story)
    assert len(work.ran) == 2
    assert work.most == 1


def test_workers_are_bounded(run: Run) -> None:
    """However many keys there are, only so many passes run."""
    work = Recorder(takes=1)

    async def story() -> None:
        keys = queue(work, workers=3)
        for number in range(30):
            keys.wake(str(number))
        await during(keys, 60)

    run(story)
    assert len(work.ran) == 30
    assert work.most == 3


def test_look_again_is_kept_to_the_moment(run: Run) -> None:
    """A pass that asks for an hour gets an hour."""
    work = Recorder(Next(after=3600.0), Next())

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")
        await during(keys, 7200)

    run(story)
    assert [when for when, _ in work.ran] == [0.0, 3600.0]


def test_an_early_wake_replaces_the_arranged_time(run: Run) -> None:
    """The pass that comes sooner arranges anew; the old time is void."""
    work = Recorder(Next(after=100.0), Next())

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")
        await during(keys, 1000, (10.0, lambda: keys.wake("a")))

    run(story)
    assert [when for when, _ in work.ran] == [0.0, 10.0]


def test_failures_back_off_and_success_forgets_them(run: Run) -> None:
    """Gaps double; after a success the first gap is short again."""
    bad = Next(failed=True)
    work = Recorder(bad, bad, bad, Next(after=1.0), bad, Next())

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")
        await during(keys, 1000)

    run(story)
    times = [when for when, _ in work.ran]
    gaps = [round(b - a, 3) for a, b in pairwise(times)]
    assert gaps == [0.25, 0.5, 1.0, 1.0, 0.25]


def test_a_new_spec_forgets_failures(run: Run) -> None:
    """Whoever corrects a spec does not pay for the old one."""
    work = Recorder(Next(failed=True))

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")

        def corrected() -> None:
            work.ran.clear()
            keys.fresh("a")
            keys.wake("a")

        await during(keys, 100.3, (100.0, corrected))

    run(story)
    assert [when for when, _ in work.ran] == [100.0, 100.25]


def test_a_burst_below_a_clone_is_one_pass(run: Run) -> None:
    """Nudges within a tenth of a second are seen by one pass."""
    work = Recorder()

    async def story() -> None:
        keys = queue(work)
        for number in range(8):
            asyncio.get_running_loop().call_at(0.01 * number, lambda: keys.nudge("a"))
        await during(keys, 10)

    run(story)
    assert len(work.ran) == 1


def test_the_age_of_a_stuck_pass_shows(run: Run) -> None:
    """What the probe judges by grows while a pass does not end."""
    work = Recorder(takes=1000)
    ages: list[float] = []

    async def story() -> None:
        keys = queue(work)
        keys.wake("a")
        await during(keys, 400, (300.0, lambda: ages.append(keys.oldest())))

    run(story)
    assert ages == [300.0]


BACKOFFS = {
    "the first wait is short": (1, 1.0, None, 0.25),
    "jitter halves at most": (1, 0.0, None, 0.125),
    "waits double": (4, 1.0, None, 2.0),
    "waits are capped": (40, 1.0, None, 60.0),
    "what was asked for is a floor": (1, 1.0, 30.0, 30.0),
}


@pytest.mark.parametrize("case", BACKOFFS)
def test_backoff(case: str) -> None:
    """The wait is a function of the failures, of chance, and of what was asked for."""
    failures, jitter, asked, wanted = BACKOFFS[case]
    assert backoff.seconds(failures, jitter, asked) == wanted, case


def test_a_thousand_ends_in_one_second_come_in_order() -> None:
    """The one heap gives every key once, the earliest first."""
    heap = Later()
    for number in range(1000):
        heap.put(str(number), 5000.0 - number)
        heap.put(str(number), 1000.0 + number / 1000)
    assert len(heap) == 1000
    assert heap.next() == 1000.0
    assert heap.due(1000.5) == [str(number) for number in range(501)]
    heap.drop("999")
    assert heap.due(9000.0) == [str(number) for number in range(501, 999)]
    assert heap.next() is None
