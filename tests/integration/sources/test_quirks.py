# SPDX-License-Identifier: Apache-2.0
"""A real site behind a host that caches, blocks, cuts and dies: a whole copy, or a reason."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.hostquirks import Behaviour, Host, Request, Send, host, page
from tests.integration.sources.opening import opened
from tests.live_site import LiveSite
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError

Answer = tuple[int, list[tuple[str, str]], bytes]
DATA = ("manifest", "tables", "rows", "files", "fetch", "value")


def forward(site: LiveSite, request: Request) -> Answer:
    """Ask the real site as the proxy of a host does."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {name: value for name, value in request.headers.items() if name != "connection"}
    connection.request(request.method, request.path, request.body or None, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    skipped = {"transfer-encoding", "connection", "content-length", "keep-alive"}
    return answer.status, [h for h in answer.getheaders() if h[0].lower() not in skipped], body


def pass_on(answer: Answer, send: Send) -> None:
    """Send an answer as it is."""
    status, headers, body = answer
    lines = [
        f"HTTP/1.1 {status} X",
        *(f"{k}: {v}" for k, v in headers),
        f"Content-Length: {len(body)}",
    ]
    send("\r\n".join((*lines, "", "")).encode("latin-1") + body)


@contextlib.contextmanager
def proxied(
    site: LiveSite, quirk: Callable[[Request, Send, Answer | None], bool]
) -> Iterator[Host]:
    """Put a host with a quirk in front of the site; the quirk says whether it has answered."""

    def behave(request: Request, send: Send) -> None:
        if quirk(request, send, None):
            return
        answer = forward(site, request)
        if not quirk(request, send, answer):
            pass_on(answer, send)

    behaviour: Behaviour = behave
    with host(behaviour) as ours:
        before = site.url
        site.php(
            f"update_option( 'home', '{ours.url}' ); update_option( 'siteurl', '{ours.url}' );"
        )
        try:
            yield ours
        finally:
            site.php(
                f"update_option( 'home', '{before}' ); update_option( 'siteurl', '{before}' );"
            )


def is_data(request: Request) -> bool:
    """Tell whether a request asks the agent for data."""
    return any(f"wpclone-agent/v1/{route}" in request.path for route in DATA)


def copied(ours: Host) -> tuple[int, int]:
    """Copy the whole site; rows and bytes of files."""
    with opened(ours.url) as source:
        rows = 0
        for table in source.tables():
            count = sum(piece.rows for piece in source.rows(table, None))
            assert count == table.rows
            rows += count
        files = list(source.files())
        size = sum(len(chunk.data) for chunk in source.fetch(files))
        assert size == sum(file.size for file in files)
        source.close(finished=True)
        return rows, size


def test_pretty_addresses_answered_with_html(site: LiveSite) -> None:
    """A host that answers /wp-json/ with a page is reached by ?rest_route=."""

    def quirk(request: Request, send: Send, _answer: Answer | None) -> bool:
        if "/wp-json/" not in request.path:
            return False
        send(page("200 OK", "<!DOCTYPE html><title>Welcome</title>"))
        return True

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0


def test_post_blocked_everywhere(site: LiveSite) -> None:
    """A host that refuses POST to the REST API is read by GET, through its stale cache."""
    cache: dict[str, Answer] = {}

    def quirk(request: Request, send: Send, answer: Answer | None) -> bool:
        rest = "wpclone-agent" in request.path
        if answer is None and rest and request.method == "POST":
            send(page("403 Forbidden", "<title>403 Forbidden</title>"))
            return True
        if rest and answer is not None:
            cache.setdefault(request.path, answer)
            pass_on(cache[request.path], send)
            return True
        return False

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0


def test_a_stale_cache_is_seen_through(site: LiveSite) -> None:
    """A host that answers every pretty request with its first answer cannot pass it off as new."""
    first: dict[str, Answer] = {}

    def quirk(request: Request, send: Send, answer: Answer | None) -> bool:
        if answer is None or "/wp-json/" not in request.path:
            return False
        pass_on(first.setdefault(request.path, answer), send)
        return True

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0


def test_every_third_reply_is_cut(site: LiveSite) -> None:
    """Replies cut in mid-table and mid-file are asked for again; nothing is lost or doubled."""
    count = 0

    def quirk(request: Request, send: Send, answer: Answer | None) -> bool:
        nonlocal count
        if answer is None or not is_data(request):
            return False
        count += 1
        if count % 3:
            return False
        # Without a length the client cannot see that anything is missing.
        send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + answer[2][: len(answer[2]) * 2 // 3])
        return True

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0
    assert count > 3


def test_a_session_lost_at_the_upload_is_made_anew(site: LiveSite) -> None:
    """Of two logins in one moment WordPress keeps one session: the other logs in once more."""
    lost = 0

    def quirk(request: Request, send: Send, answer: Answer | None) -> bool:
        nonlocal lost
        if answer is not None or "action=upload-plugin" not in request.path or lost == 2:
            return False
        lost += 1
        send(page("302 Found", "", "Location: /wp-login.php?reauth=1"))
        return True

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0
    assert lost == 2


def test_noise_in_front_of_every_reply(site: LiveSite) -> None:
    """Notices that the site prints first do not spoil a reply."""

    def quirk(request: Request, send: Send, answer: Answer | None) -> bool:
        if answer is None or "wpclone-agent" not in request.path:
            return False
        status, headers, body = answer
        pass_on((status, headers, b"\nNotice: undefined index in theme.php\n" + body), send)
        return True

    with proxied(site, quirk) as ours:
        assert min(copied(ours)) > 0


def test_a_source_that_comes_back_is_waited_for(site: LiveSite) -> None:
    """A host that is away for a while in mid-copy costs time, not the copy."""
    away = threading.Event()

    def quirk(request: Request, send: Send, _answer: Answer | None) -> bool:
        if not away.is_set() or not is_data(request):
            return False
        send(page("502 Bad Gateway", "<title>502</title>"))
        return True

    with proxied(site, quirk) as ours, opened(ours.url) as source:
        tables = source.tables()
        away.set()
        timer = threading.Timer(1.5, away.clear)
        timer.start()
        assert sum(p.rows for t in tables for p in source.rows(t, None)) > 0
        timer.join()
        source.close(finished=True)


def test_a_source_that_dies_is_lost_within_its_budget(site: LiveSite) -> None:
    """A host that never comes back ends in SourceLost, which another attempt may repair."""
    dead = threading.Event()

    def quirk(_request: Request, _send: Send, _answer: Answer | None) -> bool:
        return dead.is_set()

    with proxied(site, quirk) as ours, opened(ours.url, sourceBudgetSeconds=3) as source:
        tables = source.tables()
        dead.set()
        began = time.monotonic()
        with pytest.raises(SourceError) as caught:
            list(source.rows(tables[0], None))
    assert time.monotonic() - began < 8
    assert caught.value.reason == Reason.SOURCE_LOST
    assert caught.value.retryable


BLOCKED = Reason.SOURCE_BLOCKED_BY_FIREWALL
IN_THE_WAY = (
    ("/", page("404 Not Found", "<title>Nothing here</title>"), Reason.SOURCE_NOT_WORDPRESS),
    ("/", page("200 OK", "<title>A static page</title>"), Reason.SOURCE_NOT_WORDPRESS),
    ("/", page("500 Internal Server Error"), Reason.SOURCE_UNREACHABLE),
    ("/", page("401 Unauthorized", "", 'WWW-Authenticate: Basic realm="x"'), BLOCKED),
    ("/", page("403 Forbidden", "<title>Just a moment...</title>cf-chl"), BLOCKED),
    ("/wp-login.php", page("403 Forbidden", "<title>Forbidden</title>"), BLOCKED),
    ("/wp-login.php", page("404 Not Found", "wp-content/"), Reason.SOURCE_REFUSED_LOGIN),
    (
        "/wp-admin/",
        page("302 Found", "", "Location: /wp-login.php?reauth=1"),
        Reason.SOURCE_REFUSED_LOGIN,
    ),
    ("wpclone-agent", page("200 OK", "<title>Cached</title>"), BLOCKED),
    (
        "wpclone-agent",
        page("503 X", "Briefly unavailable for scheduled maintenance"),
        Reason.SOURCE_IN_MAINTENANCE,
    ),
    ("update.php", page("413 Too Large", "<title>413</title>"), Reason.AGENT_INSTALL_REFUSED),
)


@pytest.mark.parametrize(("path", "answer", "reason"), IN_THE_WAY)
def test_what_stands_in_the_way_is_named(
    site: LiveSite, path: str, answer: bytes, reason: Reason
) -> None:
    """Each odd answer on the way in ends in its reason within seconds, in one harmless sentence."""

    def quirk(request: Request, send: Send, _answer: Answer | None) -> bool:
        if path == "/" or path in request.path:
            send(answer)
            return True
        return False

    began = time.monotonic()
    with proxied(site, quirk) as ours, pytest.raises(SourceError) as caught, opened(ours.url):
        pass
    assert caught.value.reason == reason, caught.value.message
    assert caught.value.message.isprintable()
    assert time.monotonic() - began < 30
