# SPDX-License-Identifier: Apache-2.0
"""A remote file is read from any place on, whatever its server can and whatever is cut."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.hostquirks import Host, Request, Send, host
from wpclone.api.mover import ImportConfig, S3Config
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.remote import opening, places
from wpclone.mover.sources.remote.reader import Ranged, Remote, Sequential

CONTENT = os.urandom(700_000)
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def job(**limits: int) -> ImportConfig:
    """Return a job that may read from this machine."""
    return ImportConfig.model_validate(
        {
            "attempt": 1,
            "source": {"kind": "archive"},
            "network": {"allow": ["127.0.0.0/8"], "http": True},
            "limits": {"request_seconds": 2, "source_budget_seconds": 5, **limits},
        }
    )


def part(request: Request, content: bytes = CONTENT, tag: str = "one") -> tuple[bytes, bytes]:
    """Return the head and the body that a server with ranges answers with."""
    found = _RANGE.fullmatch(request.headers["range"])
    assert found
    low = int(found[1])
    high = min(int(found[2] or len(content)), len(content) - 1)
    head = (
        f"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {low}-{high}/{len(content)}\r\n"
        f'ETag: "{tag}"\r\nContent-Length: {high + 1 - low}\r\n\r\n'
    )
    return head.encode(), content[low : high + 1]


def with_ranges(request: Request, send: Send) -> None:
    """Answer as most servers do."""
    send(b"".join(part(request)))


def without_ranges(_request: Request, send: Send) -> None:
    """Answer with everything, whatever was asked."""
    send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT)


def without_length(_request: Request, send: Send) -> None:
    """Answer with everything, and do not say how long it is."""
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for low in range(0, len(CONTENT), 50_000):
        chunk = CONTENT[low : low + 50_000]
        send(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    send(b"0\r\n\r\n")


@contextlib.contextmanager
def opened(ours: Host, secret: dict[str, str] | None = None, **limits: int) -> Iterator[Remote]:
    """Open the file of a host."""
    remote = opening.remote(f"{ours.url}/site.tar", secret or {}, job(**limits), None)
    with contextlib.closing(remote):
        yield remote


def whole(stream: Iterator[bytes]) -> bytes:
    """Read a stream to its end."""
    return b"".join(stream)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [(with_ranges, Ranged), (without_ranges, Sequential), (without_length, Sequential)],
)
def test_any_part_is_had_from_any_server(behaviour: Callable[..., None], kind: Any) -> None:
    """Forwards, backwards, all of it: the bytes are those of the file."""
    with host(behaviour) as ours, opened(ours) as remote:
        assert isinstance(remote, kind)
        assert whole(remote.stream(300_000, 300_010)) == CONTENT[300_000:300_010]
        assert whole(remote.stream(600_000, 600_001)) == CONTENT[600_000:600_001]
        assert whole(remote.stream(5, 400_000)) == CONTENT[5:400_000]
        assert whole(remote.stream(699_999)) == CONTENT[699_999:]
        assert whole(remote.stream()) == CONTENT


def test_a_server_without_ranges_is_asked_anew_only_for_an_earlier_place() -> None:
    """What comes later is skipped to; what came earlier costs another beginning."""
    with host(without_ranges) as ours, opened(ours) as remote:
        for low in (0, 100_000, 500_000):
            assert whole(remote.stream(low, low + 10)) == CONTENT[low : low + 10]
        assert len(ours.asked) == 2  # the first look, and one stream
        assert whole(remote.stream(0, 10)) == CONTENT[:10]
        assert len(ours.asked) == 3


def test_streams_of_several_threads_do_not_mix() -> None:
    """Each thread gets its own part, though the server knows only one way."""
    with host(without_ranges) as ours, opened(ours) as remote:
        got: dict[int, bytes] = {}

        def read(low: int) -> None:
            got[low] = whole(remote.stream(low, low + 60_000))

        threads = [threading.Thread(target=read, args=(low,)) for low in range(0, 600_000, 60_000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert got == {low: CONTENT[low : low + 60_000] for low in range(0, 600_000, 60_000)}


@pytest.mark.parametrize("ranged", [True, False])
def test_a_cut_stream_goes_on_where_it_was_cut(*, ranged: bool) -> None:
    """A connection that ends in the middle is taken up again; no byte is missing or doubled."""
    cuts = [100_000, 200_000, 50_000]

    def cutting(request: Request, send: Send) -> None:
        if ranged:
            head, body = part(request)
        else:
            head, body = (
                f"HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}\r\n\r\n".encode(),
                CONTENT,
            )
        send(head + (body[: cuts.pop(0)] if len(body) > 1 and cuts else body))

    with host(cutting) as ours, opened(ours) as remote:
        assert whole(remote.stream()) == CONTENT
    assert not cuts


def test_a_file_that_was_written_just_now_stays_the_same_file() -> None:
    """Apache's tag of it is weak for a second: the bytes are the same ones afterwards."""
    asked: list[Request] = []

    def behaviour(request: Request, send: Send) -> None:
        asked.append(request)
        head, content = part(request)
        send((head.replace(b"ETag: ", b"ETag: W/") if len(asked) == 1 else head) + content)

    with host(behaviour) as ours, opened(ours) as remote:
        assert b"".join(remote.stream(100)) == CONTENT[100:]
    assert len(asked) > 1


def test_a_file_that_is_replaced_meanwhile_is_not_mixed() -> None:
    """Another ETag means another file: its bytes are not taken."""
    tags = iter(["one", "one", "two"])

    def replaced(request: Request, send: Send) -> None:
        send(b"".join(part(request, tag=next(tags))))

    with host(replaced) as ours, opened(ours) as remote:
        assert whole(remote.stream(0, 10)) == CONTENT[:10]
        with pytest.raises(SourceError) as caught:
            whole(remote.stream(10, 20))
    assert caught.value.reason == Reason.SOURCE_LOST
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        ("401 Unauthorized", Reason.SOURCE_REFUSED_LOGIN, False),
        ("403 Forbidden", Reason.SOURCE_REFUSED_LOGIN, False),
        ("404 Not Found", Reason.SOURCE_UNREACHABLE, False),
        ("416 Range Not Satisfiable", Reason.SOURCE_LAYOUT_UNSUPPORTED, False),
        ("503 Busy", Reason.SOURCE_UNREACHABLE, True),
    ],
)
def test_a_refusal_has_its_reason(status: str, reason: Reason, *, retryable: bool) -> None:
    """What the server says becomes a reason, and whether it may get better."""

    def refuse(_request: Request, send: Send) -> None:
        send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    with (
        host(refuse) as ours,
        pytest.raises(SourceError) as caught,
        opened(ours, request_seconds=1),
    ):
        pass
    assert (caught.value.reason, caught.value.retryable) == (reason, retryable)


def test_the_login_is_for_its_own_host_alone() -> None:
    """A redirect to elsewhere is followed, without the password."""
    with host(with_ranges) as elsewhere:

        def send_away(_request: Request, send: Send) -> None:
            where = f"http://127.0.0.1:{elsewhere.port}/there?key=1"
            send(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

        with host(send_away) as ours, opened(ours, {"username": "u", "password": "p"}) as remote:
            assert whole(remote.stream(0, 5)) == CONTENT[:5]
        basic = "Basic " + base64.b64encode(b"u:p").decode()
        assert {request.headers["authorization"] for request in ours.asked} == {basic}
        assert not any("authorization" in request.headers for request in elsewhere.asked)


def test_endless_redirects_end() -> None:
    """Whoever sends us around for ever is left."""

    def around(_request: Request, send: Send) -> None:
        send(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    with host(around) as ours, pytest.raises(SourceError) as caught, opened(ours):
        pass
    assert caught.value.reason == Reason.SOURCE_REDIRECTS


def test_a_secret_address_is_used_and_never_told() -> None:
    """The key `url` holds the whole address; no message shows more than what is public."""
    with host(with_ranges) as ours:
        secret = {"url": f"{ours.url}/site.tar?signature=hidden"}
        with opened(ours, secret) as remote:
            assert whole(remote.stream(0, 3)) == CONTENT[:3]
        assert ours.asked[0].path == "/site.tar?signature=hidden"

        other = {"url": "https://other.example/site.tar?signature=hidden"}
        with pytest.raises(SourceError) as caught, opened(ours, other):
            pass
        assert caught.value.reason == Reason.CREDENTIALS_INVALID
        assert "hidden" not in caught.value.message
        place = places.place(f"{ours.url}/site.tar", secret, S3Config())
        assert "hidden" not in repr(place)


@pytest.mark.parametrize(
    ("uri", "s3", "url"),
    [
        (
            "s3://bucket/a b/site.tar",
            {"region": "eu-central-1"},
            "https://bucket.s3.eu-central-1.amazonaws.com/a%20b/site.tar",
        ),
        (
            "s3://with.dot/site.tar",
            {},
            "https://s3.us-east-1.amazonaws.com/with.dot/site.tar",
        ),
        (
            "s3://bucket/site.tar",
            {"endpoint": "https://minio.example:9000/"},
            "https://minio.example:9000/bucket/site.tar",
        ),
    ],
)
def test_a_bucket_has_an_address(uri: str, s3: dict[str, str], url: str) -> None:
    """AWS' own addresses, or those below an endpoint of the operator's."""
    assert places.place(uri, {}, S3Config(**s3)).url == url


def test_a_secret_without_the_keys_is_told() -> None:
    """A bucket is not read with a web login."""
    with pytest.raises(SourceError) as caught:
        places.place("s3://b-b/k", {"username": "u", "password": "p"}, S3Config())
    assert caught.value.reason == Reason.CREDENTIALS_INVALID
    assert "access-key-id" in caught.value.message
