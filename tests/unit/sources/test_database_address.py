# SPDX-License-Identifier: Apache-2.0
"""Where a database's name leads is held against the list once, and that is where we connect."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from wpclone.api.databases import AllowedDatabase
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.vet import Resolve
from wpclone.mover.sources.database import address

BY_NAME = AllowedDatabase(host="*.acme.example", port=3306)
INSIDE = AllowedDatabase(cidr="10.20.0.0/16", port=3306)
EVERYTHING = (AllowedDatabase(cidr="0.0.0.0/0", port=3306), AllowedDatabase(cidr="::/0", port=3306))


def leading(*answers: str) -> Resolve:
    """Return a resolver that always gives these answers."""
    return lambda _host, _port: answers


@pytest.mark.parametrize(
    ("answers", "allowed", "reason"),
    [
        (("198.51.101.7",), (BY_NAME,), "a listed name may lead to a public address"),
        (("10.20.3.4",), (INSIDE,), "a listed network takes any name"),
        (("10.20.3.4", "10.20.3.5"), (BY_NAME, INSIDE), "all answers are listed"),
        (("::ffff:10.20.3.4",), (INSIDE,), "an address in disguise is what it is"),
    ],
)
def test_listed_servers_are_connected_to(
    answers: Sequence[str], allowed: Sequence[AllowedDatabase], reason: str
) -> None:
    """The addresses come back as they were answered."""
    found = address.vetted("db.acme.example", 3306, allowed, leading(*answers))
    assert found == tuple(answers), reason


@pytest.mark.parametrize(
    ("host", "port", "answers", "allowed", "reason"),
    [
        ("db.acme.example", 3306, ("10.20.3.4",), (BY_NAME,), "a name must not lead inside"),
        ("db.acme.example", 3306, ("127.0.0.1",), (BY_NAME,), "nor to the pod itself"),
        ("db.acme.example", 3306, ("198.51.101.7", "10.20.3.4"), (BY_NAME,), "nor in part"),
        ("db.acme.example", 3307, ("198.51.101.7",), (BY_NAME,), "another port is not listed"),
        ("db.other.example", 3306, ("198.51.101.7",), (BY_NAME, INSIDE), "nor is another name"),
        ("db.acme.example", 3306, ("169.254.169.254",), EVERYTHING, "metadata never"),
        ("db.acme.example", 3306, ("fe80::1%eth0",), EVERYTHING, "link-local never"),
        ("db.acme.example", 3306, ("198.51.101.7",), (), "an empty list allows nothing"),
    ],
)
def test_others_are_not(
    host: str, port: int, answers: Sequence[str], allowed: Sequence[AllowedDatabase], reason: str
) -> None:
    """SourceAddressForbidden, with the address that it led to."""
    with pytest.raises(SourceError) as caught:
        address.vetted(host, port, allowed, leading(*answers))
    assert caught.value.reason == Reason.SOURCE_ADDRESS_FORBIDDEN, reason
    assert not caught.value.retryable


def test_a_name_server_is_asked_once() -> None:
    """Who answers differently the second time is not asked: the first answer is connected to."""
    answers = iter([["198.51.101.7"], ["10.20.3.4"]])
    found = address.vetted("db.acme.example", 3306, (BY_NAME,), lambda _h, _p: next(answers))
    assert found == ("198.51.101.7",)


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), False),
        (socket.gaierror(socket.EAI_AGAIN, "busy"), True),
        (TimeoutError("late"), True),
    ],
)
def test_a_name_that_does_not_resolve_is_named(error: OSError, *, retryable: bool) -> None:
    """SourceUnreachable; a name server that is busy may be asked again."""

    def fail(_host: str, _port: int) -> Sequence[str]:
        raise error

    with pytest.raises(SourceError, match=r"db\.acme\.example") as caught:
        address.vetted("db.acme.example", 3306, (BY_NAME,), fail)
    assert caught.value.reason == Reason.SOURCE_UNREACHABLE
    assert caught.value.retryable is retryable
