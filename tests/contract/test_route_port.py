# SPDX-License-Identifier: Apache-2.0
"""What the port `Route` promises, against a real server behind a real certificate."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests import tls
from wpclone.api.reasons import Reason
from wpclone.controller.gateways.route import PublicRoute
from wpclone.controller.ports import Answer
from wpclone.controller.settings import Ingress

UID = "11111111-2222"
HOST = "acme.clones.test"


class Site(http.server.BaseHTTPRequestHandler):
    """A site that answers as arranged."""

    status: ClassVar[int] = 200
    headers_: ClassVar[dict[str, str]] = {}
    body: ClassVar[bytes] = b""
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append((self.headers["Host"], self.path))
        self.send_response(self.status)
        for name, value in self.headers_.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[int]:
    """Run the site, without TLS."""
    Site.status, Site.headers_, Site.body = (
        200,
        {"X-WPClone-UID": UID},
        b'{"guard":"1.2","mails":3}',
    )
    Site.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join(5)


@pytest.fixture
def route(site: int, tmp_path: Path) -> Iterator[PublicRoute]:
    """Return a route that connects to the site, whatever the name."""
    certificate = tls.pair(tmp_path, HOST)
    with tls.front(site, certificate) as port:
        yield PublicRoute(
            Ingress(address=f"127.0.0.1:{port}", ca_file=str(certificate.certificate))
        )


async def test_the_right_clone_is_recognised(route: PublicRoute) -> None:
    """By its UID; the guard's version and its count of mails come along."""
    assert await route.check(HOST, UID) == Answer(guard="1.2", mails=3)
    assert Site.asked == [(HOST, "/.wpclone/health")]


async def test_another_clone_is_a_conflict(route: PublicRoute) -> None:
    """A host that leads to somebody else's pods is never called available."""
    answer = await route.check(HOST, "another")
    assert answer.problem is Reason.NAME_CONFLICT


async def test_the_ingress_s_own_page_is_no_clone(route: PublicRoute) -> None:
    """200 or 404 without the header: the route does not lead there yet."""
    Site.headers_ = {}
    for status in (200, 404):
        Site.status = status
        assert (await route.check(HOST, UID)).problem is Reason.ROUTE_UNREACHABLE


async def test_an_unwell_site_is_unhealthy(route: PublicRoute) -> None:
    """The guard answers, but with an error."""
    Site.status = 500
    assert (await route.check(HOST, UID)).problem is Reason.SITE_UNHEALTHY


async def test_redirects_are_not_followed(route: PublicRoute) -> None:
    """The check goes to the configured ingress and nowhere else."""
    Site.status, Site.headers_ = 302, {"Location": "http://169.254.169.254/"}
    assert (await route.check(HOST, UID)).problem is Reason.ROUTE_UNREACHABLE
    assert len(Site.asked) == 1


async def test_a_certificate_for_another_name_is_invalid(route: PublicRoute) -> None:
    """What browsers refuse is not available."""
    answer = await route.check("other.clones.test", UID)
    assert answer.problem is Reason.CERTIFICATE_INVALID


async def test_an_ingress_that_is_away_is_unreachable() -> None:
    """Refused connections end in a sentence."""
    answer = await PublicRoute(Ingress(address="127.0.0.1:1")).check(HOST, UID)
    assert answer == Answer(Reason.ROUTE_UNREACHABLE, f"https://{HOST} cannot be reached")


async def test_a_name_nobody_knows_does_not_resolve() -> None:
    """Without a configured address the name has to resolve."""
    answer = await PublicRoute(Ingress()).check("nobody.invalid", UID)
    assert answer.problem is Reason.ROUTE_NOT_RESOLVING


async def test_nonsense_from_the_site_is_overlooked(route: PublicRoute) -> None:
    """The header decides; a body that is no JSON costs only its figures."""
    Site.body = b"<html>" * 10_000
    assert await route.check(HOST, UID) == Answer()
