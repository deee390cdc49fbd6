# SPDX-License-Identifier: Apache-2.0
"""Gives a socket one deadline for everything: a host that sends a byte a second gains nothing."""

from __future__ import annotations

import io
import socket
import time
from typing import Any


class TimedSocket:
    """What `http.client` needs of a socket, under a deadline that each request sets anew."""

    def __init__(self, wire: socket.socket) -> None:
        """Take over a connected socket."""
        self._wire = wire
        self.deadline = time.monotonic()

    def arm(self) -> None:
        """Let the next operation last until the deadline; TimeoutError if it has passed."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._wire.settimeout(left)

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline."""
        self.arm()
        self._wire.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Give a reader that stays good when `http.client` closes its socket early."""
        if mode != "rb":
            raise ValueError(mode)
        return io.BufferedReader(_TimedReader(self, self._wire.makefile("rb", buffering=0)))

    def close(self) -> None:
        """Close, once every reader is closed."""
        self._wire.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, timed: TimedSocket, raw: io.RawIOBase) -> None:
        self._timed = timed
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._timed.arm()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
