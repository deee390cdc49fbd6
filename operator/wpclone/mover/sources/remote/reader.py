# SPDX-License-Identifier: Apache-2.0
"""Streams a remote file from any place of it on, through cut connections."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Final, Protocol

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.streams import Stream
from wpclone.mover.sources.remote.asking import Answer
from wpclone.mover.sources.remote.patience import Patience

READ: Final = 256 * 1024

Ask = Callable[[int, int | None], Answer]
"""Asks for the file from an offset to before an end."""
Begin = Callable[[], Generator[bytes]]
"""Begins a stream of bytes at their start."""


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
    """Bytes that only come from their start: what is before the wanted ones is thrown away.

    There is one stream per process, which goes on where it stands. Who wants an earlier place
    makes it begin anew; so among those who wait, the one who wants the earliest is the next.
    """

    ranged = False

    def __init__(
        self, begin: Begin, size: int | None, version: str, budget: float | None = None
    ) -> None:
        """Take how to begin, what is known, and how many seconds without a byte are borne.

        Without a budget nothing is tried twice: then `begin` itself is patient.
        """
        self._begin = begin
        self._budget = budget
        self.size = size
        self.version = version
        self._turn = threading.Condition()
        self._waiting: list[int] = []
        self._holder: tuple[int, object] | None = None
        self._process = os.getpid()
        self._open: Generator[bytes] | None = None
        self._rest = b""
        self._at = 0

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield bytes; no other thread can read until all are taken, or the stream is closed."""
        with self._my_turn(offset) as held:
            patience = None if self._budget is None else Patience(self._budget)
            while end is None or offset < end:
                if self._holder is not held:
                    raise RuntimeError("this stream has been left for another one")
                try:
                    data = self._next(offset, end)
                except SourceError as error:
                    self.close()
                    if patience is None:
                        raise
                    patience.bear(error)
                    continue
                if not data:
                    return
                if patience is not None:
                    patience.over()
                offset += len(data)
                yield data

    def close(self) -> None:
        """Hang up."""
        if self._open is not None:
            self._open.close()
        self._open, self._rest = None, b""

    def _next(self, offset: int, end: int | None) -> bytes:
        """Return bytes from an offset on: at once if the stream stands there."""
        if self._open is None or self._at > offset:
            self.close()
            self._open, self._at = self._begin(), 0
        while self._at < offset:
            if not self._take(offset - self._at):
                raise truncated()
        data = self._take(READ if end is None else end - offset)
        if not data and end is not None:
            raise truncated()
        return data

    def _take(self, most: int) -> bytes:
        """Return at most so many of the bytes that come next; b"" at their end."""
        data = self._rest or (next(self._open, b"") if self._open is not None else b"")
        data, self._rest = data[:most], data[most:]
        self._at += len(data)
        return data

    @contextlib.contextmanager
    def _my_turn(self, offset: int) -> Iterator[tuple[int, object]]:
        """Wait for the other threads; this one's own earlier stream, if it has one, is over."""
        if self._process != os.getpid():
            self._forget_parent()
        turn, me = self._turn, threading.get_ident()
        held = (me, object())
        with turn:
            self._waiting.append(offset)
            while min(self._waiting) < offset or self._is_other(me):
                turn.wait()
            self._waiting.remove(offset)
            self._holder = held
        try:
            yield held
        finally:
            with turn:
                # A parent's stream may end in its child, or one that was left: nobody's turn ends.
                if self._holder is held:
                    self._holder = None
                turn.notify_all()

    def _is_other(self, me: int) -> bool:
        return self._holder is not None and self._holder[0] != me

    def _forget_parent(self) -> None:
        """Leave the stream to the parent, which goes on with it; drop our copy of its end."""
        self._process = os.getpid()
        self._turn = threading.Condition()
        self._waiting, self._holder = [], None
        self.close()


def body(ask: Ask, size: int | None, version: str) -> Generator[bytes]:
    """Yield the whole file of a server that sends no parts."""
    answer = ask(0, None)
    with contextlib.closing(answer.stream) as stream:
        if answer.version != version or answer.size != size:
            raise changed()
        while data := stream.read(READ):
            yield data


def _some(answer: Stream, most: int) -> bytes:
    """Return some bytes of an answer that is not at its end yet."""
    data = answer.read(min(READ, most))
    if not data:
        raise cut()
    return data


def cut() -> SourceError:
    """Return the error for bytes that were promised and do not come."""
    return SourceError(
        Reason.SOURCE_LOST, "The archive's server ended its answer too early", retryable=True
    )


def truncated() -> SourceError:
    """Return the error for a file that is whole for its server, and not for us."""
    return SourceError(Reason.SOURCE_LOST, "The archive is cut off: it ends before its end")


def changed() -> SourceError:
    """Return the error for a file that is another one by now."""
    return SourceError(Reason.SOURCE_LOST, "The archive was replaced while it was being read")
