# SPDX-License-Identifier: Apache-2.0
"""Asks for a part of a remote file: through redirects, with our proof for its own host alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import MAX_REDIRECTS, Client
from wpclone.mover.net.streams import Stream
from wpclone.mover.net.vet import shown
from wpclone.mover.sources.remote.places import Place

_PART: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)", re.IGNORECASE)
_REFUSED: Final = frozenset({401, 403, 407})
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 509})
WHOLE: Final = 200
PART: Final = 206
NOTHING: Final = 416


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a part of the file, or with all of it."""

    stream: Stream
    offset: int
    size: int | None
    """The size of the whole file, if the server tells it."""
    version: str
    """The server's word for the state of the file; another one means another content."""
    ranged: bool


def ask(client: Client, place: Place, seconds: float, offset: int, end: int | None) -> Answer:
    """Ask for the file from an offset to before an end; SourceError if there is no such answer."""
    last = "" if end is None else str(end - 1)
    stream = _followed(client, place, seconds, {"Range": f"bytes={offset}-{last}"})
    try:
        return _read(stream, place, offset)
    except BaseException:
        stream.close()
        raise


def _followed(client: Client, place: Place, seconds: float, headers: dict[str, str]) -> Stream:
    url, origin = place.url, client.vet(place.url).origin
    for _ in range(MAX_REDIRECTS + 1):
        target = client.vet(url)
        proof = place.sign(url) if target.origin == origin else {}
        stream = client.stream(url, seconds=seconds, headers={**headers, **proof})
        where = stream.redirect
        if where is None:
            return stream
        stream.close()
        if urlsplit(url).scheme == "https" and urlsplit(where).scheme != "https":
            raise SourceError(
                Reason.SOURCE_REDIRECTS,
                f"{place.shown} redirects to {shown(where)}, which is not https",
            )
        url = where
    raise SourceError(
        Reason.SOURCE_REDIRECTS, f"{place.shown} redirects more than {MAX_REDIRECTS} times"
    )


def _read(stream: Stream, place: Place, offset: int) -> Answer:
    head = stream.headers
    # Of a file written within the last second, Apache's tag is weak, and strong a moment later.
    version = head.get("ETag", "").removeprefix("W/") or head.get("Last-Modified") or ""
    if stream.status == WHOLE:
        length = head.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdigit() else None
        return Answer(stream, 0, size, version, ranged=False)
    part = _PART.fullmatch(head.get("Content-Range", "").strip())
    if stream.status == PART and part and int(part[1]) == offset and part[3] != "*":
        return Answer(stream, offset, int(part[3]), version, ranged=True)
    raise _refusal(stream.status, place)


def _refusal(status: int, place: Place) -> SourceError:
    if status in _REFUSED:
        return SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            f"{place.shown} may not be read with what the source Secret offers (HTTP {status})",
        )
    if status in _BUSY:
        return SourceError(
            Reason.SOURCE_UNREACHABLE, f"{place.shown} answers HTTP {status}", retryable=True
        )
    if status == NOTHING:
        return SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED, f"{place.shown} is empty or has become shorter"
        )
    if status == PART:
        return SourceError(
            Reason.SOURCE_UNREACHABLE,
            f"The server of {place.shown} sends another part than it was asked for",
        )
    return SourceError(
        Reason.SOURCE_UNREACHABLE, f"There is no file at {place.shown} (HTTP {status})"
    )
