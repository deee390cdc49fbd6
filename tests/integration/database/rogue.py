# SPDX-License-Identifier: Apache-2.0
"""Speaks MySQL's protocol as no honest server would."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# LONG_PASSWORD, LOCAL_FILES, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH and so on: all but TLS.
CAPABILITIES = 0xFFFFFFFF & ~0x800 & ~0x20 & ~0x1000000
OK = b"\x00\x00\x00\x02\x00\x00\x00"
END = b"\xfe\x00\x00\x02\x00"
MOST = 16_777_215


@dataclass
class Talk:
    """One conversation with a client."""

    wire: socket.socket
    heard: list[bytes]
    number: int = 0

    def send(self, payload: bytes) -> None:
        """Send one packet."""
        self.raw(struct.pack("<I", len(payload))[:3] + bytes([self.number]) + payload)
        self.number = (self.number + 1) % 256

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.wire.sendall(data)

    def hear(self) -> bytes:
        """Wait for one packet; nothing once the client has gone."""
        head = self._exactly(4)
        if not head:
            return b""
        self.number = (head[3] + 1) % 256
        payload = self._exactly(int.from_bytes(head[:3], "little"))
        self.heard.append(payload)
        return payload

    def greet(self, plugin: bytes = b"mysql_native_password", version: bytes = b"8.0.36") -> None:
        """Send the first packet of every conversation."""
        low, high = CAPABILITIES & 0xFFFF, CAPABILITIES >> 16
        self.send(
            b"\x0a" + version + b"\0" + struct.pack("<I", 7) + b"12345678\0"
            + struct.pack("<HBHH", low, 45, 2, high) + b"\x15" + bytes(10)
            + b"123456789012\0" + plugin + b"\0"
        )  # fmt: skip

    def let_in(self) -> None:
        """Greet, and accept whoever comes."""
        self.greet()
        self.hear()
        self.send(OK)

    def questions(self) -> Iterator[bytes]:
        """Hear one question after the other, without the command's number."""
        while packet := self.hear():
            yield packet[1:]

    def column(self, name: bytes = b"x") -> None:
        """Describe one column of text."""
        texts = b"".join(bytes([len(t)]) + t for t in (b"def", b"", b"", b"", name, name))
        self.send(texts + b"\x0c" + struct.pack("<HIBHB", 45, 255, 253, 0, 0) + b"\0\0")

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.wire.recv(min(65536, size - len(data)))
            if not part:
                return b""
            data += part
        return data


Manner = Callable[[Talk], None]


@dataclass
class Rogue:
    """A running server, and everything it has heard."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def server(manner: Manner) -> Iterator[Rogue]:
    """Run a server that talks to every client in this manner."""
    rogue = Rogue(0)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(30)
            with contextlib.suppress(OSError):
                manner(Talk(self.request, rogue.heard))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as running:
        rogue.port = running.server_address[1]
        thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield rogue
        finally:
            running.shutdown()
            thread.join(10)
