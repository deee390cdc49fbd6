# SPDX-License-Identifier: Apache-2.0
"""A database as a source is a stranger: what it asks for is not given, what it sends is bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.database import reading, rogue
from tests.integration.database.rogue import Manner, Talk
from tests.mariadb import Login
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.database import wire
from wpclone.mover.sources.database.source import DatabaseSource

PASSWORD = "canary-of-the-source"
SECRET = "/etc/passwd"


def ask_for_a_file(talk: Talk) -> None:
    """Answer the first question with the wish to read a file of the client."""
    talk.let_in()
    for _ in talk.questions():
        talk.send(b"\xfb" + SECRET.encode())


def ask_for_a_file_later(talk: Talk) -> None:
    """Let the connection be made, and ask when the tables are to be listed."""
    talk.let_in()
    for question in talk.questions():
        talk.send(b"\xfb" + SECRET.encode() if question.startswith(b"SHOW") else rogue.OK)


def ask_for_a_plain_password(talk: Talk) -> None:
    """Wish for another way to log in: the password as it is."""
    talk.greet()
    talk.hear()
    talk.send(b"\xfemysql_clear_password\0")
    talk.hear()


def babble(talk: Talk) -> None:
    """Say something that is not MySQL."""
    talk.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def no_version(talk: Talk) -> None:
    """Name a version that is no number."""
    talk.greet(version=b"\xff\xfe")
    talk.hear()


def hang_up(_talk: Talk) -> None:
    """Say nothing, and go."""


def half_a_packet(talk: Talk) -> None:
    """Promise a packet and send half of it."""
    talk.let_in()
    talk.hear()
    talk.raw(b"\x40\x00\x00\x01half")


def endless_packet(talk: Talk) -> None:
    """Answer with a packet that never ends."""
    talk.let_in()
    talk.hear()
    while True:
        talk.send(bytes(rogue.MOST))


def endless_rows(talk: Talk) -> None:
    """Have more tables than anybody can list."""
    talk.let_in()
    for question in talk.questions():
        if not question.startswith(b"SHOW FULL TABLES"):
            talk.send(rogue.OK)
            continue
        talk.send(b"\x02")
        talk.column()
        talk.column()
        talk.send(rogue.END)
        while True:
            talk.send(b"\x03tab\x0aBASE TABLE")


def nonsense_rows(talk: Talk) -> None:
    """Send rows with fewer columns than announced."""
    talk.let_in()
    for question in talk.questions():
        if not question.startswith(b"SHOW FULL TABLES"):
            talk.send(rogue.OK)
            continue
        talk.send(b"\x02")
        talk.column()
        talk.column()
        talk.send(rogue.END)
        talk.send(b"\x20tab")
        talk.send(rogue.END)


MANNERS: dict[str, tuple[Manner, Reason]] = {
    "it wants a file of ours": (ask_for_a_file, Reason.SOURCE_UNREACHABLE),
    "it wants a file of ours later": (ask_for_a_file_later, Reason.SOURCE_UNREACHABLE),
    "it wants the password as it is": (ask_for_a_plain_password, Reason.SOURCE_REFUSED_LOGIN),
    "it does not speak MySQL": (babble, Reason.SOURCE_UNREACHABLE),
    "its version is no number": (no_version, Reason.SOURCE_UNREACHABLE),
    "it hangs up": (hang_up, Reason.SOURCE_UNREACHABLE),
    "it sends half a packet": (half_a_packet, Reason.SOURCE_UNREACHABLE),
    "its packet never ends": (endless_packet, Reason.SOURCE_TOO_LARGE),
    "its tables never end": (endless_rows, Reason.SOURCE_TOO_LARGE),
    "its rows make no sense": (nonsense_rows, Reason.SOURCE_UNREACHABLE),
}


def trouble(manner: Manner, folder: Path, **changes: object) -> tuple[SourceError, list[bytes]]:
    """Open and inspect such a server; return the error and all that it has heard."""
    with rogue.server(manner) as running:
        login = Login("acme", "reader", PASSWORD)
        config = reading.config(running.port, login, folder, seconds=1, **changes)  # type: ignore[arg-type]
        with pytest.raises(SourceError) as caught:
            DatabaseSource.open(config).inspect()
        return caught.value, running.heard


@pytest.mark.parametrize("case", MANNERS)
def test_whatever_a_server_does_ends_in_a_reason(case: str, tmp_path: Path) -> None:
    """No file and no password goes over, and the end comes with a reason and one sentence."""
    manner, reason = MANNERS[case]
    error, heard = trouble(manner, tmp_path)
    assert error.reason == reason, error.message
    assert error.message.isprintable()
    everything = b"".join(heard)
    assert PASSWORD.encode() not in everything
    assert Path(SECRET).read_bytes()[:20] not in everything


def test_the_client_never_offers_to_send_files(tmp_path: Path) -> None:
    """The flag LOCAL_FILES is off: an honest server would not even ask."""
    _, heard = trouble(ask_for_a_file, tmp_path)
    flags = int.from_bytes(heard[0][:4], "little")
    assert not flags & 0x80


def test_a_server_without_tls_gets_no_login_where_tls_is_wanted(tmp_path: Path) -> None:
    """Whoever sits in between could take the offer of TLS away: then nothing more is said."""
    error, heard = trouble(ask_for_a_file, tmp_path, tls={"mode": "Required"})
    assert error.reason == Reason.SOURCE_TLS_INVALID
    assert heard == []


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers take half a second only."""
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 0.5)


@pytest.mark.usefixtures("hurried")
def test_a_server_that_sends_a_byte_at_a_time_gains_nothing(tmp_path: Path) -> None:
    """An answer has to be whole in time, however busily it arrives."""

    def drip(talk: Talk) -> None:
        talk.let_in()
        talk.hear()
        talk.raw(b"\xff\x00\x00\x01")
        while True:
            talk.raw(b"x")
            time.sleep(0.1)  # the pace is what is tested

    begun = time.monotonic()
    error, _ = trouble(drip, tmp_path)
    assert error.reason == Reason.SOURCE_UNREACHABLE
    assert time.monotonic() - begun < 20


def test_nothing_can_be_written_over_our_connections(site: reading.Site) -> None:
    """Even a login that may write is not used for it: the session itself is read-only."""
    site.server.execute(f"GRANT ALL ON `{site.schema}`.* TO '{site.reader.user}'@'%'")
    source = site.open()
    with pytest.raises(SourceError, match="READ ONLY"), source._facts.lent() as line:
        line.run("DELETE FROM wp_options")
    assert site.query("SELECT COUNT(*) FROM wp_options") != [(0,)]
