# SPDX-License-Identifier: Apache-2.0
"""Opens connections to vetted addresses, with the host's own name in TLS, and keeps them alive."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wpclone.mover.net.timed import TimedSocket

if TYPE_CHECKING:
    from wpclone.mover.net.vet import Target

# One address of several may be dead: the others get their chance within the request's deadline.
CONNECT_SECONDS: Final = 10.0
_PROXY_PORT: Final = 3128


class Connection(http.client.HTTPConnection):
    """An HTTP connection to one vetted target."""

    def __init__(self, target: Target, tls: ssl.SSLContext, proxy: str | None) -> None:
        """Prepare; nothing is connected yet."""
        super().__init__(target.host, target.port)
        # Else the Host header would name port 443, and WordPress answers that with a redirect.
        self.default_port = 443 if target.scheme == "https" else 80
        self._target = target
        self._tls = tls
        self._proxy = urlsplit(proxy) if proxy else None
        self.deadline = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Tell whether nothing has been sent on it yet."""
        return self.sock is None

    def aim(self, target: Target) -> None:
        """Use this connection for another path of its origin."""
        self._target = target

    def limit(self, deadline: float) -> None:
        """Set until when the next request may last."""
        self.deadline = deadline
        if isinstance(self.sock, TimedSocket):
            self.sock.deadline = deadline

    def connect(self) -> None:
        """Connect to the first vetted address that answers, or through the proxy."""
        wire = self._dial()
        try:
            if self._proxy is not None and self._target.scheme == "https":
                self._ask_proxy(wire)
            if self._target.scheme == "https":
                wire.settimeout(self._left())
                wire = self._tls.wrap_socket(wire, server_hostname=self._target.host)
        except BaseException:
            wire.close()
            raise
        timed = TimedSocket(wire)
        timed.deadline = self.deadline
        self.sock = timed

    def request_target(self) -> str:
        """Give the path, or the whole address where a proxy wants it."""
        if self._proxy is not None and self._target.scheme == "http":
            return self._target.origin + self._target.path
        return self._target.path

    def _dial(self) -> socket.socket:
        if self._proxy is not None:
            where = (self._proxy.hostname or "", self._proxy.port or _PROXY_PORT)
            return socket.create_connection(where, timeout=self._left())
        failure: OSError = OSError("the name has no address")
        for address in self._target.addresses:
            try:
                limit = min(CONNECT_SECONDS, self._left())
                return socket.create_connection((address, self._target.port), timeout=limit)
            except OSError as error:
                failure = error
        raise failure

    def _ask_proxy(self, wire: socket.socket) -> None:
        name = f"{self._target.host}:{self._target.port}"
        wire.settimeout(self._left())
        wire.sendall(f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            wire.settimeout(self._left())
            # Byte by byte: what follows the head belongs to TLS.
            part = wire.recv(1)
            if not part or len(answer) > 16_384:  # noqa: PLR2004  more than any proxy has to say
                raise ConnectionError("the proxy did not answer")
            answer += part
        if answer.split(b" ", 2)[1:2] != [b"200"]:
            raise ConnectionError("the proxy refused the connection")

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class Pool:
    """Idle connections by origin. No two threads hold one at a time, no two processes share one."""

    def __init__(self, tls: ssl.SSLContext, proxy: str | None) -> None:
        """Take how to speak TLS, and through which proxy."""
        self._tls = tls
        self._proxy = proxy
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._idle: dict[str, list[Connection]] = {}
        self._closed = False

    def take(self, target: Target) -> Connection:
        """Give a connection to a target: an idle one, or a new one."""
        with self._lock:
            self._forget_parents()
            idle = self._idle.get(target.origin)
            held = idle.pop() if idle else None
        if held is None:
            return self.new(target)
        held.aim(target)
        return held

    def new(self, target: Target) -> Connection:
        """Give a new connection to a target."""
        return Connection(target, self._tls, self._proxy)

    def keep(self, target: Target, connection: Connection) -> None:
        """Put a connection back that is good for another request."""
        with self._lock:
            if not self._closed:
                self._idle.setdefault(target.origin, []).append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle now, and whatever is put back later."""
        with self._lock:
            self._closed = True
            self._close_idle()

    def _forget_parents(self) -> None:
        """Close our ends of connections that a parent process uses; it keeps its own ends."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._close_idle()

    def _close_idle(self) -> None:
        for connection in (one for some in self._idle.values() for one in some):
            with contextlib.suppress(OSError):
                connection.close()
        self._idle.clear()


def tls_context(certificates: Path | None) -> ssl.SSLContext:
    """Trust the system's authorities, and those in a folder in addition."""
    context = ssl.create_default_context()
    if certificates is not None and certificates.is_dir():
        for path in sorted(certificates.iterdir()):
            if path.suffix in {".crt", ".pem"} and path.is_file():
                context.load_verify_locations(path)
    return context
