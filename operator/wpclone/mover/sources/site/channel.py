# SPDX-License-Identifier: Apache-2.0
"""Finds a way for our requests to reach the agent, and remembers it.

Hosts differ in what they let through: pretty REST addresses, POST to the plain ones, or only GET.
The search uses the very requests that will carry the data, never a probe of another kind.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import MAX_PAGE, Client, Response
from wpclone.mover.sources.site import envelope, pages

# A request line longer than 8 KiB is refused by most servers.
MAX_QUERY: Final = 7000
_NO_CACHE: Final = {"Cache-Control": "no-cache", "Pragma": "no-cache"}
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask: the method, and whether the address is pretty."""

    method: str
    pretty: bool


WAYS: Final = (Way("POST", pretty=True), Way("POST", pretty=False), Way("GET", pretty=False))
Write = Callable[[str, str], bytes]
"""Writes the envelope of a request, given its method and its nonce."""


def fits(way: Way, body: bytes) -> bool:
    """Tell whether an envelope can go this way."""
    return way.method != "GET" or len(envelope.in_query(body)) <= MAX_QUERY


class Missing(Exception):  # noqa: N818  a finding: WordPress answered, and the agent is not there
    """WordPress answered that it knows no such route: the agent is not active."""


class Channel:
    """Carries requests to the agent's routes by the way that works on this host."""

    def __init__(self, client: Client, base: str, seconds: float) -> None:
        """Take the site's address, without a slash at its end, and the time a request may take."""
        self._client = client
        self._base = base
        self._seconds = seconds
        self._way: Way | None = None

    def send(  # noqa: PLR0913  the parts of one request
        self,
        way: Way,
        route: str,
        body: bytes,
        nonce: str,
        headers: Mapping[str, str] | None = None,
        most: int = MAX_PAGE,
    ) -> Response:
        """Send one envelope by one way."""
        url = self._address(way, route)
        head = _NO_CACHE | dict(headers or {})
        if way.method == "GET":
            url += f"&m={envelope.in_query(body)}&t={nonce}"
            sent = None
        else:
            head["Content-Type"] = "application/json"
            sent = body
        return self._client.request(
            way.method, url, seconds=self._seconds, headers=head, body=sent, most=most
        )

    def ways(self) -> tuple[Way, ...]:
        """Return the ways to try: the one that worked, or all of them."""
        return WAYS if self._way is None else (self._way,)

    @property
    def is_narrow(self) -> bool:
        """Tell whether only short requests can go the way that works here."""
        return self._way is not None and self._way.method == "GET"

    def remember(self, way: Way) -> None:
        """Use this way from now on."""
        self._way = way

    def forget(self) -> None:
        """Try all ways again: a host may have changed its mind."""
        self._way = None

    def plain(
        self, route: str, write: Write, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask a route that answers in JSON; raise Missing, Refusal or SourceError."""
        last: Response | None = None
        unknown = False
        refused: Refusal | None = None
        for way in self.ways():
            nonce = envelope.new_nonce()
            body = write(way.method, nonce)
            if not fits(way, body):
                continue
            last = self.send(way, route, body, nonce, headers)
            answer = parsed(last)
            if answer is not None and answer.get("agent") == "wpclone":
                if answer.get("nonce") == nonce:
                    self.remember(way)
                    return answer
                continue  # a cache answered
            code = str((answer or {}).get("code", ""))
            if code == "rest_no_route":
                unknown = True
            elif answer is not None and code:
                refused = refusal(answer)
                if code.startswith("wpclone_"):
                    raise refused
        if refused is not None:
            raise refused
        if unknown:
            raise Missing
        assert last is not None  # noqa: S101  there is always a way to try
        raise unusable(last)

    def _address(self, way: Way, route: str) -> str:
        if way.pretty:
            return f"{self._base}/wp-json/{envelope.SPACE}/{route}"
        return f"{self._base}/?rest_route=/{envelope.SPACE}/{route}"


class Refusal(Exception):  # noqa: N818  a finding: the agent answered, and said no
    """The agent, or the REST server before it, refused a request; `code` says why."""

    def __init__(self, code: str, message: str, ahead: float) -> None:
        """Keep the agent's word and how far its clock is ahead of ours."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.ahead = ahead


def refusal(answer: Mapping[str, Any]) -> Refusal:
    """Return the refusal in an answer of the REST server."""
    data = answer.get("data")
    theirs = data.get("time") if isinstance(data, dict) else None
    ahead = float(theirs) - time.time() if isinstance(theirs, int) else 0.0
    return Refusal(str(answer.get("code", "")), str(answer.get("message", "")), ahead)


def unusable(response: Response) -> SourceError:
    """Return the reason why an answer is not the agent's."""
    try:
        pages.refuse_odd(response)
    except SourceError as error:
        return error
    answer = parsed(response)
    if answer is not None and isinstance(answer.get("code"), str):
        return SourceError(
            Reason.SOURCE_BLOCKED_BY_FIREWALL,
            f"The source's REST API refuses us (HTTP {response.status}, {answer['code']}); a"
            f" security plugin has to allow the routes /{envelope.SPACE}/",
        )
    if pages.is_refusal(response):
        return pages.firewall(response)
    if response.status >= 500:  # noqa: PLR2004  the server's own trouble
        return SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"The source answers with an error ({pages.described(response)})",
            retryable=True,
        )
    return SourceError(
        Reason.SOURCE_BLOCKED_BY_FIREWALL,
        f"Something answers in place of the source's REST API ({pages.described(response)}): a"
        f" cache, a firewall or a security plugin has to let /{envelope.SPACE}/ through",
    )


def parsed(response: Response) -> dict[str, Any] | None:
    """Return the object in an answer, whatever is printed in front of it, or None."""
    text = response.body[:MAX_PAGE]
    start = text.find(b"{")
    # A page is never parsed: what begins with a tag is not for us.
    if start < 0 or text.lstrip()[:1] == b"<":
        return None
    try:
        value = json.loads(text[start:])
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
