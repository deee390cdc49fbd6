# SPDX-License-Identifier: Apache-2.0
"""How the mover logs in to a database server that may not be what it seems."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from wpclone.errors import ImportFailed
from wpclone.mover.config import Database
from wpclone.mover.connection import Connection

PASSWORD = "s3cret-password"


class Impostor:
    """Speaks just enough of the protocol to ask for the password in clear text."""

    def __init__(self, plugin: bytes) -> None:
        """Listen; `plugin` is the way of logging in that is asked for."""
        self.heard = b""
        self._plugin = plugin
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        with peer:
            peer.settimeout(5)
            greeting = (
                b"\x0a8.0.0\0"
                b"\1\0\0\0"
                b"saltsalt\0"
                b"\x00\x82"
                b"\x21\2\0"
                b"\x08\0"
                b"\x15" + bytes(10) + b"saltsaltsalt\0" + b"mysql_native_password\0"
            )
            self._send(peer, 0, greeting)
            self.heard += peer.recv(4096)
            self._send(peer, 2, b"\xfe" + self._plugin + b"\0" + b"Password: \0")
            try:
                self.heard += peer.recv(4096)
            except OSError:
                return

    @staticmethod
    def _send(peer: socket.socket, number: int, body: bytes) -> None:
        peer.sendall(len(body).to_bytes(3, "little") + bytes([number]) + body)


@pytest.fixture(params=[b"mysql_clear_password", b"dialog", b"mysql_old_password"])
def impostor(request: pytest.FixtureRequest) -> Iterator[Impostor]:
    """Run a server that wants the password as it is."""
    server = Impostor(request.param)
    yield server
    server.close()


def test_the_password_is_never_sent_as_it_is(impostor: Impostor) -> None:
    """The login ends there and then, and the password has not crossed the wire."""
    database = Database("127.0.0.1", impostor.port, "wpc", "wpc", PASSWORD)
    with pytest.raises(ImportFailed, match="clear text") as caught, Connection(database, "l", 0):
        pass
    impostor.close()
    assert caught.value.reason == "DatabaseUnavailable"
    assert b"wpc" in impostor.heard
    assert PASSWORD.encode() not in impostor.heard
