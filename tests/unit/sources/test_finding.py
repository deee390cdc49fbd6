# SPDX-License-Identifier: Apache-2.0
"""The site's real address is found before anything is posted, directly or through a proxy."""

from __future__ import annotations

import pytest

from tests.hostquirks import Request, Send, host, page
from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client
from wpclone.mover.sources import credentials
from wpclone.mover.sources.credentials import ApplicationPassword, Login, Pairing
from wpclone.mover.sources.site import resolve


def to_loopback(_host: str, _port: int) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


def test_the_address_with_or_without_www_is_found() -> None:
    """A redirect to www. is taken over; one to a language's folder is not."""

    def send_on(request: Request, send: Send) -> None:
        name = request.headers["host"]
        if name.startswith("acme.test"):
            send(page("301 Moved", "", f"Location: http://www.{name}{request.path}"))
        elif request.path == "/":
            send(page("302 Found", "", "Location: /en/"))
        else:
            send(page("200 OK", "<link href='/wp-content/x.css'>"))

    with host(send_on) as ours:
        client = Client(NetworkConfig(allow=("127.0.0.0/8",), http=True), resolve=to_loopback)
        home, front = resolve.home(client, f"http://acme.test:{ours.port}/", 5)
        client.close()
    assert home == f"http://www.acme.test:{ours.port}"
    assert front.status == 200


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("http://acme.test/", "https://acme.test/", True),
        ("https://acme.test/", "https://www.acme.test/x", True),
        ("https://www.acme.test/", "https://acme.test/", True),
        ("https://acme.test/", "http://acme.test/", False),
        ("https://acme.test/", "https://evil.test/", False),
        ("https://acme.test/", "https://acme.test.evil.test/", False),
        ("https://acme.test/", "https://x@acme.test/", False),
    ],
)
def test_a_redirect_stays_on_the_site_or_is_none(old: str, new: str, same: bool) -> None:  # noqa: FBT001
    """A login goes to the host that the user named, and never from https back to http."""
    assert resolve.is_same_site(old, new) is same


def test_a_proxy_is_asked_for_plain_addresses() -> None:
    """With a proxy the request goes there, with the whole address in it."""

    def greet(_request: Request, send: Send) -> None:
        send(page("200 OK", "through the proxy"))

    with host(greet) as proxy:
        settings = NetworkConfig(allow=("127.0.0.0/8",), http=True, proxy=proxy.url)
        client = Client(settings, resolve=to_loopback)
        answer = client.request("GET", "http://www.acme.test/page?x=1", seconds=5)
        client.close()
    assert answer.body == b"through the proxy"
    assert proxy.asked[0].path == "http://www.acme.test/page?x=1"
    assert proxy.asked[0].headers["host"] == "www.acme.test"


def test_a_proxy_is_asked_for_a_tunnel() -> None:
    """For https the proxy is asked to connect; its refusal is a reason."""

    def refuse(_request: Request, send: Send) -> None:
        send(page("403 Forbidden"))

    with host(refuse) as proxy:
        settings = NetworkConfig(allow=("127.0.0.0/8",), proxy=proxy.url)
        client = Client(settings, resolve=to_loopback)
        with pytest.raises(SourceError) as caught:
            client.request("GET", "https://www.acme.test/", seconds=5)
    assert caught.value.reason == Reason.SOURCE_UNREACHABLE
    assert (proxy.asked[0].method, proxy.asked[0].path) == ("CONNECT", "www.acme.test:443")


def test_a_proxy_opens_no_door_to_the_inside() -> None:
    """What must not be asked directly must not be asked through a proxy either."""

    def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("only the proxy resolves")

    client = Client(NetworkConfig(proxy="http://127.0.0.1:1"), resolve=nobody)
    for url in ("https://169.254.169.254/", "https://10.0.0.1/", "https://0x7f.1/"):
        with pytest.raises(SourceError) as caught:
            client.request("GET", url, seconds=5)
        assert caught.value.reason == Reason.SOURCE_ADDRESS_FORBIDDEN


@pytest.mark.parametrize(
    ("secret", "proof"),
    [
        ({"username": "a", "password": " b "}, Login("a", " b ")),
        ({"username": "a", "application-password": "x y\n"}, ApplicationPassword("a", "x y")),
        ({"agent-key": "k", "username": "a", "password": "b"}, Pairing("k")),
    ],
)
def test_a_secret_offers_one_way(secret: dict[str, str], proof: credentials.Credentials) -> None:
    """The least powerful proof in a Secret is used."""
    assert credentials.read(secret) == proof


@pytest.mark.parametrize(
    "secret", [{}, {"username": "a"}, {"password": "b"}, {"username": "a", "password": ""}]
)
def test_a_secret_that_offers_nothing_is_invalid(secret: dict[str, str]) -> None:
    """What is missing or empty is named; nothing of the Secret is repeated."""
    with pytest.raises(SourceError) as caught:
        credentials.read(secret)
    assert caught.value.reason == Reason.CREDENTIALS_INVALID
