# SPDX-License-Identifier: Apache-2.0
"""A web host that misbehaves: it says byte by byte what a test wants it to say."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Send = Callable[[bytes], None]
Behaviour = Callable[[Request, Send], bool | None]
"""Answers a request by sending raw bytes; True keeps the connection open for another one."""


def page(status: str, body: str = "", *headers: str) -> bytes:
    """Return a whole answer."""
    data = body.encode()
    head = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(data)}")
    if not any(line.lower().startswith("content-type") for line in headers):
        head = (*head, "Content-Type: text/html; charset=utf-8")
    return "\r\n".join((*head, "", "")).encode() + data


@dataclass
class Host:
    """The host: where it listens, and what it was asked so far."""

    port: int
    scheme: str = "http"
    asked: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextlib.contextmanager
def host(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    """Run a host until the context ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = Host(listener.getsockname()[1], "https" if tls else "http")
        open_sockets: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    wire, _ = listener.accept()
                except OSError:
                    return
                open_sockets.append(wire)
                thread = threading.Thread(target=_serve, args=(ours, wire, behaviour, tls))
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield ours
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            for wire in open_sockets:
                with contextlib.suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(10)


def _serve(
    ours: Host, wire: socket.socket, behaviour: Behaviour, tls: ssl.SSLContext | None
) -> None:
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(wire.close)
        if tls is not None:
            wire = tls.wrap_socket(wire, server_side=True)
            stack.callback(wire.close)
        while True:
            request = _read(wire)
            if request is None:
                return
            ours.asked.append(request)
            if not behaviour(request, wire.sendall):
                return


def _read(wire: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = wire.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    size = min(int(headers.get("content-length", "0")), LIMIT)
    while len(body) < size:
        part = wire.recv(65536)
        if not part:
            return None
        body += part
    method, path, _ = first.split(" ", 2)
    return Request(method, path, headers, body)
