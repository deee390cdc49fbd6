# SPDX-License-Identifier: Apache-2.0
"""An HTTP answer that is read piece by piece, each piece within a deadline of its own."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from wpclone.errors import SourceError
from wpclone.mover.net.vet import on_wire

if TYPE_CHECKING:
    from wpclone.mover.net.connections import Connection

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Stream:
    """The head of an answer, and its body as far as it has been read.

    The body comes as it was sent: whoever asks for bytes of a file wants no coding undone.
    """

    def __init__(
        self,
        url: str,
        connection: Connection,
        response: http.client.HTTPResponse,
        seconds: float,
        failed: Callable[[Exception], SourceError],
    ) -> None:
        """Take an answer whose head is there; `failed` names what goes wrong later."""
        self.url = url
        self.status = response.status
        self.headers: Message = response.headers
        self._connection = connection
        self._response = response
        self._seconds = seconds
        self._failed = failed

    @property
    def redirect(self) -> str | None:
        """Where it sends us, if it does."""
        return redirect(self.url, self.status, self.headers)

    def read(self, most: int) -> bytes:
        """Return the next bytes, b"" at the end; SourceError if they are cut or come too late."""
        try:
            self._connection.limit(time.monotonic() + self._seconds)
            data = self._response.read1(most)
            if not data and self._response.length:
                # `read1` reports an early end as an ordinary one.
                raise http.client.IncompleteRead(b"", self._response.length)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._failed(error) from error
        return data

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._response.close()
        with contextlib.suppress(OSError):
            self._connection.close()


def redirect(url: str, status: int, headers: Message) -> str | None:
    """Return where an answer sends us, if it does."""
    where = headers.get("Location")
    if not where or status not in REDIRECTS:
        return None
    # Headers are read as Latin-1, whatever their bytes are.
    return urljoin(url, on_wire(where.encode("latin-1", "replace")))
