# SPDX-License-Identifier: Apache-2.0
"""Reads any part of one large file behind an address, again where the network fails."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from wpclone.api.mover import ImportConfig
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import MAX_REDIRECTS, Client, Response, TooLong

# A part of this size takes a second or less, and what holds it stays small.
PART: Final = 4 * 1024 * 1024
_PROBE: Final = 65_536
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_PARTIAL, _OK, _NO_SUCH_PART = 206, 200, 416
_REFUSED: Final = frozenset({401, 403, 407})
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


class Blob(Protocol):
    """A file that can be read in parts; every method may raise `wpclone.errors.SourceError`."""

    name: str
    size: int

    def read(self, at: int, size: int) -> bytes:
        """Return up to `size` bytes from `at` on; nothing at the end, fewer only there."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def open_blob(uri: str, job: ImportConfig, certificates: Path | None) -> Blob:
    """Open the file at an address, or raise SourceError with the reason why it cannot be had."""
    client = Client(job.network, certificates)
    try:
        return WebBlob(client, uri, job)
    except BaseException:
        client.close()
        raise


class WebBlob:
    """A file on a web server that hands out parts; may be used from threads and forked children."""

    def __init__(self, client: Client, url: str, job: ImportConfig) -> None:
        """Find the file, through redirects, and learn its size."""
        self.name = clean(url.partition("?")[0])
        self._client = client
        self._seconds = job.limits.request_seconds
        self._budget = float(job.limits.source_budget_seconds)
        self._url, first = self._find(url)
        self._mark = _mark(first)
        self._whole = first.body if first.status == _OK else None
        self.size = len(first.body) if first.status == _OK else _extent(first, self.name)[2]

    def read(self, at: int, size: int) -> bytes:
        """Ask for one part, again and again within the source's budget."""
        size = min(size, self.size - at)
        if self._whole is not None or size <= 0:
            return (self._whole or b"")[at : at + max(0, size)]
        return patiently(lambda: self._part(at, size), self._budget)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _part(self, at: int, size: int) -> bytes:
        answer = self._ask(self._url, at, size, size)
        _judge(answer, self.name)
        begin, end, whole = _extent(answer, self.name)
        if _mark(answer) != self._mark or whole != self.size:
            raise SourceError(
                Reason.SOURCE_LOST, f"{self.name} has changed while it was being read"
            )
        if (begin, end + 1, len(answer.body)) != (at, at + size, size):
            raise _senseless(self.name)
        return answer.body

    def _find(self, url: str) -> tuple[str, Response]:
        """Follow redirects to the file; every address is vetted."""
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._ask(url, 0, _PROBE, _PROBE)
            except SourceError as error:
                if isinstance(error.__cause__, TooLong):
                    raise _whole_only(self.name) from error
                raise
            if answer.redirect is None:
                break
            url = answer.redirect
        else:
            raise SourceError(
                Reason.SOURCE_REDIRECTS, f"{self.name} redirects more than {MAX_REDIRECTS} times"
            )
        if answer.status != _OK:
            _judge(answer, self.name)
        return url, answer

    def _ask(self, url: str, at: int, size: int, most: int) -> Response:
        part = {"Range": f"bytes={at}-{at + size - 1}"}
        return self._client.request("GET", url, seconds=self._seconds, headers=part, most=most)


def patiently(read: Callable[[], bytes], budget: float) -> bytes:
    """Read, again and again for as many seconds, as long as trying again can help."""
    begun = time.monotonic()
    pause = _FIRST_PAUSE
    while True:
        try:
            return read()
        except SourceError as error:
            if not error.retryable or time.monotonic() - begun > budget:
                raise
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _judge(answer: Response, name: str) -> None:
    """Raise the reason why an answer is no part of a file."""
    status = answer.status
    if status == _PARTIAL:
        return
    if status == _OK:
        raise _whole_only(name)
    if status in _REFUSED:
        raise SourceError(Reason.SOURCE_REFUSED_LOGIN, f"{name} may not be read (status {status})")
    if status == _NO_SUCH_PART:
        raise SourceError(Reason.SOURCE_LAYOUT_UNSUPPORTED, f"{name} is empty")
    raise SourceError(
        Reason.SOURCE_UNREACHABLE,
        f"{name} cannot be had (status {status})",
        retryable=status in _BUSY,
    )


def _extent(answer: Response, name: str) -> tuple[int, int, int]:
    """Return which bytes an answer holds, and how many there are in all."""
    said = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if said is None:
        raise _senseless(name)
    return int(said[1]), int(said[2]), int(said[3])


def _mark(answer: Response) -> tuple[str, ...]:
    """Return what tells one content of a file from the next."""
    return tuple(answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))


def _whole_only(name: str) -> SourceError:
    return SourceError(
        Reason.SOURCE_UNREACHABLE,
        f"The server of {name} does not hand out parts of files (HTTP ranges); put it where they"
        " are, on an ordinary web server or in a bucket",
    )


def _senseless(name: str) -> SourceError:
    return SourceError(
        Reason.SOURCE_UNREACHABLE,
        f"The server of {name} sends other parts than it was asked for",
        retryable=True,
    )
