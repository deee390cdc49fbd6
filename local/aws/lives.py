# SPDX-License-Identifier: Apache-2.0
"""Moves instances on when their time has come, by one clock that all of them share."""

import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from local.aws.clock import Clock
from local.aws.plans import Life, Step


class Living(Protocol):
    """Whatever has a life."""

    @property
    def life(self) -> Life:
        """Where it stands."""
        ...


T = TypeVar("T", bound=Living)


class Lives(Generic[T]):
    """The lives of all instances; deeds are done beside each other, each instance's in turn."""

    def __init__(
        self,
        clock: Clock,
        all_of_them: Callable[[], Iterable[T]],
        perform: Callable[[T, Step], None],
    ) -> None:
        """Watch over those that the callable lists; `perform` does the deed that ends a step."""
        self.clock = clock
        self.moved: Callable[[], None] = lambda: None  # told of each step
        # Guards all that is known about the account; waited on by whoever waits for a change.
        self.changed = threading.Condition(threading.RLock())
        self._all = all_of_them
        self._perform = perform
        self._busy: set[int] = set()
        self._ending = False
        self._held = 0
        self._pool = ThreadPoolExecutor(4, "deed")
        self._thread = threading.Thread(target=self._watch, name="lives", daemon=True)

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """Let time stand still for good; deeds under way are finished."""
        with self.changed:
            self._ending = True
            self.changed.notify_all()
        self._thread.join()
        self._pool.shutdown()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody move on meanwhile; what is under way is finished first."""
        with self.changed:
            self._held += 1
            self.changed.wait_for(lambda: not self._busy)
            try:
                yield
            finally:
                self._held -= 1
                self.changed.notify_all()

    def _watch(self) -> None:
        with self.changed:
            while not self._ending:
                now = self.clock.now()
                everybody = [] if self._held else self._all()
                idle = [each for each in everybody if id(each) not in self._busy]
                for each in idle:
                    step = each.life.due(now)
                    if step is not None:
                        self._busy.add(id(each))
                        self._pool.submit(self._finish, each, step)
                rest = [e.life.until for e in idle if id(e) not in self._busy and e.life.until]
                self.changed.wait(self.clock.until(min(rest, default=None)))

    def _finish(self, one: T, step: Step) -> None:
        try:
            self._perform(one, step)
            failed = False
        except Exception:  # noqa: BLE001  whatever it was, AWS would report `failed` and go on
            traceback.print_exc()
            failed = True
        with self.changed:
            self._busy.discard(id(one))
            if failed:
                one.life.force("failed")
            elif one.life.ahead[:1] == [step]:  # unless forced elsewhere meanwhile
                one.life.go_on(self.clock.now())
            self.changed.notify_all()
        self.moved()
