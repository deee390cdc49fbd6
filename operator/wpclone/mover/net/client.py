# SPDX-License-Identifier: Apache-2.0
"""The mover's only HTTP client: one cookie jar, a deadline per call, a cap on what it reads."""

from __future__ import annotations

import http.client
import http.cookiejar
import socket
import ssl
import time
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final

from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.connections import Connection, Pool, tls_context
from wpclone.mover.net.streams import Stream, redirect
from wpclone.mover.net.throttle import Throttle
from wpclone.mover.net.vet import Resolve, Target, Vetter, lookup, shown

AGENT: Final = "WordPress-Clone/0.1"
MAX_REDIRECTS: Final = 3
MAX_PAGE: Final = 4 * 1024 * 1024
_READ: Final = 256 * 1024
# Who ends a connection in the middle ends TLS without its farewell.
_CUT: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; `url` is the address that gave it."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever its bytes."""
        return self.body.decode("utf-8", "replace")

    @property
    def redirect(self) -> str | None:
        """Where it sends us, if it does."""
        return redirect(self.url, self.status, self.headers)


class Client:
    """Speaks to vetted hosts; may be used from several threads and from forked children."""

    def __init__(
        self,
        settings: NetworkConfig,
        certificates: Path | None = None,
        resolve: Resolve = lookup,
        rate: int | None = None,
    ) -> None:
        """Take where it may connect to, whom to trust in addition, and how names are resolved.

        No more than `rate` bytes a second come in the long run.
        """
        self._throttle = Throttle(rate)
        self._vetter = Vetter(settings, resolve)
        self._pool = Pool(tls_context(certificates), settings.proxy)
        self.cookies = http.cookiejar.CookieJar()

    def vet(self, url: str) -> Target:
        """Return where a URL may be asked for, or raise SourceError."""
        return self._vetter.vet(url)

    def request(  # noqa: PLR0913  the parts of one request
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        most: int = MAX_PAGE,
    ) -> Response:
        """Ask once, following nothing; raise SourceError if no whole answer comes in time."""
        target = self._vetter.vet(url)
        self._throttle.wait()
        deadline = time.monotonic() + seconds
        head = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        head |= self._cookie_header(url) | dict(headers or {})
        try:
            answer = self._ask(target, deadline, method, head, body, most)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise _failure(target, error, seconds) from error
        response = Response(url, answer[0], answer[1], answer[2])
        self._throttle.spend(len(response.body))
        self._keep_cookies(response)
        return response

    def stream(self, url: str, *, seconds: float, headers: Mapping[str, str]) -> Stream:
        """Ask for a body of any size, following nothing; each read has `seconds` to itself.

        The stream has a connection of its own, which ends with it.
        """
        target = self._vetter.vet(url)
        connection = self._pool.new(target)
        head = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity", **headers}
        try:
            connection.limit(time.monotonic() + seconds)
            connection.request("GET", connection.request_target(), None, head)
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise _failure(target, error, seconds) from error
        return Stream(
            url, connection, response, seconds, lambda error: _failure(target, error, seconds)
        )

    def page(
        self, url: str, *, seconds: float, may_go: Callable[[str, str], bool] | None = None
    ) -> Response:
        """Fetch a page through at most three redirects, each vetted like the first address."""
        seen = [url]
        while True:
            response = self.request("GET", seen[-1], seconds=seconds)
            where = response.redirect
            if where is None:
                return response
            if where in seen:
                raise _redirects(f"{shown(url)} redirects in a circle and never shows a page")
            if len(seen) > MAX_REDIRECTS:
                raise _redirects(f"{shown(url)} redirects more than {MAX_REDIRECTS} times")
            if may_go is not None and not may_go(seen[-1], where):
                raise _redirects(f"{shown(url)} redirects to {shown(where)}, which is another site")
            seen.append(where)

    def close(self) -> None:
        """Close every idle connection."""
        self._pool.close()

    def _ask(  # noqa: PLR0913  the parts of one request
        self,
        target: Target,
        deadline: float,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        most: int,
    ) -> tuple[int, Message, bytes]:
        connection = self._pool.take(target)
        while True:
            reused = not connection.is_fresh
            try:
                answer = _exchange(connection, deadline, method, headers, body, most)
            except (http.client.BadStatusLine, *_CUT):
                connection.close()
                if not reused:
                    raise
                # The host has closed an idle connection, as it may; all we ask may be asked twice.
                connection = self._pool.new(target)
            except BaseException:
                connection.close()
                raise
            else:
                self._pool.keep(target, connection)
                return answer

    def _cookie_header(self, url: str) -> dict[str, str]:
        request = urllib.request.Request(url)  # noqa: S310  never opened, only asked for cookies
        self.cookies.add_cookie_header(request)
        cookie = request.get_header("Cookie")
        return {"Cookie": cookie} if cookie else {}

    def _keep_cookies(self, response: Response) -> None:
        request = urllib.request.Request(response.url)  # noqa: S310  never opened
        self.cookies.extract_cookies(_Headers(response.headers), request)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Headers:
    """What the cookie jar wants of a response."""

    headers: Message

    def info(self) -> Message:
        return self.headers


def _exchange(  # noqa: PLR0913  the parts of one request
    connection: Connection,
    deadline: float,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    most: int,
) -> tuple[int, Message, bytes]:
    connection.limit(deadline)
    connection.request(method, connection.request_target(), body, dict(headers))
    response = connection.getresponse()
    try:
        data = _read(response, most)
    finally:
        response.close()
    return response.status, response.headers, data


def _read(response: http.client.HTTPResponse, most: int) -> bytes:
    """Read at most `most` bytes, unpacked; a longer answer is an error and ends the connection."""
    coding = (response.getheader("Content-Encoding") or "").strip().lower()
    # 32 + 15: gzip or zlib, whichever it is.
    unpack = zlib.decompressobj(47) if coding in {"gzip", "x-gzip", "deflate"} else None
    parts: list[bytes] = []
    size = 0
    while data := response.read1(_READ):
        if unpack is not None:
            data = unpack.decompress(data, most - size + 1)
        parts.append(data)
        size += len(data)
        if size > most:
            raise TooLong(f"more than {most} bytes")
    if response.length:
        # `read1` reports an early end as an ordinary one.
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


class TooLong(http.client.HTTPException):
    """The answer is longer than anything we asked for."""


def _failure(target: Target, error: Exception, seconds: float) -> SourceError:
    where = clean(target.origin)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean(error.verify_message or "it cannot be verified")
        return SourceError(
            Reason.SOURCE_TLS_INVALID, f"The certificate of {where} is not valid: {why}"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, _CUT):
        why = clean(error.reason or "protocol error")
        return SourceError(Reason.SOURCE_TLS_INVALID, f"TLS with {where} failed: {why}")
    if isinstance(error, TimeoutError | socket.timeout):
        text = f"{where} did not answer within {seconds:.0f} seconds"
    elif isinstance(error, TooLong):
        text = f"{where} sent {error}, which is no answer to what was asked"
    elif isinstance(error, ConnectionRefusedError):
        text = f"{where} refuses connections"
    elif isinstance(error, (http.client.IncompleteRead, *_CUT)):
        text = f"{where} cut the connection"
    elif isinstance(error, http.client.HTTPException | zlib.error):
        text = f"{where} does not speak HTTP as it should"
    else:
        text = f"{where} cannot be reached: {clean(getattr(error, 'strerror', None) or 'error')}"
    return SourceError(Reason.SOURCE_UNREACHABLE, text, retryable=True)


def _redirects(message: str) -> SourceError:
    return SourceError(Reason.SOURCE_REDIRECTS, message)
