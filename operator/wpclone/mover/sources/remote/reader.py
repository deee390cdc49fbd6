# SPDX-License-Identifier: Apache-2.0
"""Streams a remote file from any place of it on, through cut connections."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.streams import Stream
from wpclone.mover.sources.remote.asking import Answer
from wpclone.mover.sources.remote.patience import Patience

READ: Final = 256 * 1024

Ask = Callable[[int, int | None], Answer]
"""Asks for the file from an offset to before an end."""


class Remote(Protocol):
    """A file of the outside; from several threads, and from forked children."""

    @property
    def size(self) -> int | None:
        """How long it is, if the server tells it."""
        ...

    @property
    def version(self) -> str:
        """The server's word for its state: another content has another one, if it has any."""
        ...

    @property
    def ranged(self) -> bool:
        """Whether any place of it can be had without what is before it."""
        ...

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield its bytes from an offset to before an end; SourceError if they are not all had."""
        ...

    def close(self) -> None:
        """Hang up whatever is open."""
        ...


class Ranged:
    """A file on a server that sends any part of it."""

    ranged = True

    def __init__(self, ask: Ask, size: int, version: str, budget: float) -> None:
        """Take how to ask, what the file is, and how many seconds without a byte are borne."""
        self._ask = ask
        self._budget = budget
        self.size: int | None = size
        self.version = version
        self._whole = size

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield bytes; a cut connection is taken up where it was cut."""
        end = self._whole if end is None else min(end, self._whole)
        patience = Patience(self._budget)
        while offset < end:
            try:
                with contextlib.closing(self._opened(offset, end)) as answer:
                    while offset < end:
                        data = _some(answer, end - offset)
                        offset += len(data)
                        patience.over()
                        yield data
            except SourceError as error:
                patience.bear(error)

    def close(self) -> None:
        """Leave it: each stream ends its own connection."""

    def _opened(self, offset: int, end: int) -> Stream:
        answer = self._ask(offset, end)
        if not answer.ranged:
            answer.stream.close()
            raise SourceError(
                Reason.SOURCE_UNREACHABLE,
                "The archive's server has stopped sending parts of the file",
                retryable=True,
            )
        if answer.version != self.version or answer.size != self._whole:
            answer.stream.close()
            raise changed()
        return answer.stream


class Sequential:
    """A file on a server that only sends it from its start: what comes before is thrown away.

    There is one stream per process, which goes on where it stands. Who wants an earlier place
    waits for those who want a later one to be done, and the file comes anew; so among those who
    wait the one who wants the earliest place is the next.
    """

    ranged = False

    def __init__(self, ask: Ask, size: int | None, version: str, budget: float) -> None:
        """Take how to ask, what the file is, and how many seconds without a byte are borne."""
        self._ask = ask
        self._budget = budget
        self.size = size
        self.version = version
        self._turn = threading.Condition()
        self._waiting: list[int] = []
        self._busy = False
        self._process = os.getpid()
        self._answer: Stream | None = None
        self._at = 0

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield bytes; nobody else can read until all are taken."""
        if end is None:
            end = self.size
        with self._my_turn(offset):
            patience = Patience(self._budget)
            while end is None or offset < end:
                try:
                    data = self._next(offset, end)
                except SourceError as error:
                    self._hang_up()
                    patience.bear(error)
                    continue
                if not data:
                    return
                patience.over()
                offset += len(data)
                yield data

    def close(self) -> None:
        """Hang up."""
        self._hang_up()

    def _next(self, offset: int, end: int | None) -> bytes:
        """Return bytes from an offset on: at once if the stream stands there."""
        if self._answer is None or self._at > offset:
            self._hang_up()
            self._begin()
        while self._at < offset:
            if not self._read(offset - self._at):
                raise cut()
        return self._read(READ if end is None else end - offset)

    def _begin(self) -> None:
        answer = self._ask(0, None)
        if answer.version != self.version or answer.size != self.size:
            answer.stream.close()
            raise changed()
        self._answer, self._at = answer.stream, 0

    def _read(self, most: int) -> bytes:
        if self._answer is None:
            raise cut()
        if self.size is None:
            data = self._answer.read(min(READ, most))
        else:
            data = _some(self._answer, most)
        self._at += len(data)
        return data

    def _hang_up(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    @contextlib.contextmanager
    def _my_turn(self, offset: int) -> Iterator[None]:
        if self._process != os.getpid():
            self._forget_parent()
        with self._turn:
            self._waiting.append(offset)
            while self._busy or min(self._waiting) < offset:
                self._turn.wait()
            self._waiting.remove(offset)
            self._busy = True
        try:
            yield
        finally:
            with self._turn:
                self._busy = False
                self._turn.notify_all()

    def _forget_parent(self) -> None:
        """Leave the stream to the parent, which goes on with it; close our copy of its end."""
        self._process = os.getpid()
        self._turn = threading.Condition()
        self._waiting, self._busy = [], False
        self._hang_up()


def _some(answer: Stream, most: int) -> bytes:
    """Return some bytes of an answer that is not at its end yet."""
    data = answer.read(min(READ, most))
    if not data:
        raise cut()
    return data


def cut() -> SourceError:
    """Return the error for bytes that were promised and do not come."""
    return SourceError(
        Reason.SOURCE_LOST, "The archive ended before all of it had come", retryable=True
    )


def changed() -> SourceError:
    """Return the error for a file that is another one by now."""
    return SourceError(Reason.SOURCE_LOST, "The archive was replaced while it was being read")
