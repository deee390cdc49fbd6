# SPDX-License-Identifier: Apache-2.0
"""The HTTP client comes back in time and with a reason, whatever the host does."""

from __future__ import annotations

import gzip
import time

import pytest

from tests.hostquirks import Behaviour, Request, Send, host, page
from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response
from wpclone.mover.sources.site import resolve

LOCAL = NetworkConfig(allow=("127.0.0.0/8",), http=True)


def ask(
    behaviour: Behaviour, *, seconds: float = 5, most: int = 100_000, times: int = 1
) -> Response:
    """Ask a host that behaves so."""
    with host(behaviour) as ours:
        client = Client(LOCAL)
        try:
            for _ in range(times - 1):
                client.request("GET", ours.url + "/x", seconds=seconds, most=most)
            return client.request("GET", ours.url + "/x", seconds=seconds, most=most)
        finally:
            client.close()


def trouble(behaviour: Behaviour, *, seconds: float = 5) -> SourceError:
    """Return the error that asking such a host ends in."""
    with pytest.raises(SourceError) as caught:
        ask(behaviour, seconds=seconds)
    assert caught.value.message.isprintable()
    return caught.value


def cut(_request: Request, send: Send) -> None:
    """Promise more than is sent."""
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")


def cut_chunk(_request: Request, send: Send) -> None:
    """End in the middle of a chunk."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nhalf of it")


def hang_up(_request: Request, _send: Send) -> None:
    """Say nothing."""


def babble(_request: Request, send: Send) -> None:
    """Say something that is not HTTP."""
    send(b"SSH-2.0-OpenSSH_9.2\r\n")


def endless(_request: Request, send: Send) -> None:
    """Never stop sending."""
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        send(b"x" * 65536)


def endless_head(_request: Request, send: Send) -> None:
    """Never stop sending headers."""
    send(b"HTTP/1.1 200 OK\r\n")
    while True:
        send(b"X-More: " + b"x" * 4096 + b"\r\n")


def bomb(_request: Request, send: Send) -> None:
    """Send little that unpacks to a lot."""
    packed = gzip.compress(b"\0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    send(head.encode() + packed)


@pytest.mark.parametrize(
    "behaviour",
    [cut, cut_chunk, hang_up, babble, endless, endless_head, bomb],
    ids=lambda b: b.__name__,
)
def test_an_answer_that_is_none_is_unreachable(behaviour: Behaviour) -> None:
    """Cut, endless and senseless answers end in one reason, and may be tried again."""
    error = trouble(behaviour)
    assert error.reason == Reason.SOURCE_UNREACHABLE
    assert error.retryable


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_slow_bytes_do_not_hold_us_up(start: bytes) -> None:
    """A byte now and then gains no time, in the head or in the body."""

    def drip(_request: Request, send: Send) -> None:
        send(start)
        while True:
            send(b"x")
            time.sleep(0.05)  # slowness is what is tested

    began = time.monotonic()
    error = trouble(drip, seconds=0.6)
    assert time.monotonic() - began < 3
    assert error.reason == Reason.SOURCE_UNREACHABLE


def test_a_length_that_is_too_short_leaves_no_rest_behind() -> None:
    """Bytes beyond the promised length do not become the next answer."""

    def lie(_request: Request, send: Send) -> bool:
        send(page("200 OK", "short") + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
        return True

    with host(lie) as ours:
        client = Client(LOCAL)
        bodies = {client.request("GET", ours.url, seconds=5).body for _ in range(2)}
        client.close()
    # The forged answer cannot be told from a real one on one connection: what protects the data
    # is the signature over each reply. Here only: nothing breaks, and no answer is longer.
    assert bodies <= {b"short", b"forged"}


def test_a_packed_answer_is_unpacked() -> None:
    """Hosts that compress unasked are understood."""

    def packed(_request: Request, send: Send) -> None:
        data = gzip.compress(b"hello")
        send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(data))
        send(data)

    assert ask(packed).body == b"hello"


def test_a_connection_is_used_again_and_may_have_died() -> None:
    """Requests share a connection; one that the host has closed meanwhile is replaced."""
    count = 0

    def sometimes(_request: Request, send: Send) -> bool:
        nonlocal count
        count += 1
        if count == 2:
            return False
        send(page("200 OK", str(count)))
        return True

    assert ask(sometimes, times=2).body == b"3"


def test_cookies_come_back_to_their_host() -> None:
    """One jar serves all requests, as one browser would."""

    def greet(request: Request, send: Send) -> None:
        send(page("200 OK", request.headers.get("cookie", ""), "Set-Cookie: a=1; path=/"))

    assert ask(greet, times=2).body == b"a=1"


def redirecting(target: str) -> Behaviour:
    """Return a host that sends everybody on; `{n}` counts."""
    count = 0

    def behave(_request: Request, send: Send) -> None:
        nonlocal count
        count += 1
        send(page("302 Found", "", f"Location: {target.format(n=count)}"))

    return behave


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/x", Reason.SOURCE_REDIRECTS),
        ("/{n}", Reason.SOURCE_REDIRECTS),
        ("https://elsewhere.example/", Reason.SOURCE_REDIRECTS),
        ("http://127.0.0.1.elsewhere.example/", Reason.SOURCE_REDIRECTS),
    ],
)
def test_redirects_end_in_a_reason(target: str, reason: Reason) -> None:
    """Loops, chains and foreign hosts are named; nothing is sent to a host nobody named."""
    with host(redirecting(target)) as ours:
        client = Client(LOCAL)
        with pytest.raises(SourceError) as caught:
            resolve.home(client, ours.url + "/x", 5)
        client.close()
    assert caught.value.reason == reason
    assert len(ours.asked) <= 4


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/", "http://[::1]:1/", "http://10.0.0.1/", "file:///etc"],
)
def test_a_redirect_is_vetted_like_an_address(target: str) -> None:
    """A site cannot send us where the user could not."""
    with host(redirecting(target)) as ours:
        client = Client(LOCAL)
        with pytest.raises(SourceError) as caught:
            client.page(ours.url, seconds=5)
        client.close()
    assert caught.value.reason == Reason.SOURCE_ADDRESS_FORBIDDEN
    assert len(ours.asked) == 1


def test_nobody_listening_is_unreachable() -> None:
    """A refused connection is told as such."""
    with host(hang_up) as ours:
        pass
    with pytest.raises(SourceError) as caught:
        Client(LOCAL).request("GET", ours.url, seconds=5)
    assert caught.value.reason == Reason.SOURCE_UNREACHABLE
    assert "refuses connections" in caught.value.message


def test_addresses_beyond_ascii_are_asked_for_as_browsers_do() -> None:
    """What a person types, and what a host sends raw in a redirect, goes percent-encoded."""

    def send_on(request: Request, send: Send) -> None:
        where = "" if request.path.endswith("b%C3%A9") else "/site/bé"
        status = "302 Found" if where else "200 OK"
        send(page(status, "here", f"Location: {where}"))

    with host(send_on) as ours:
        client = Client(LOCAL)
        answer = client.page(ours.url + "/straße?größe=1", seconds=5)
        client.close()
    paths = [request.path for request in ours.asked]
    assert paths == ["/stra%C3%9Fe?gr%C3%B6%C3%9Fe=1", "/site/b%C3%A9"]
    assert answer.body == b"here"
