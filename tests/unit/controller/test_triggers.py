# SPDX-License-Identifier: Apache-2.0
"""News, probes and the server's time: small judgements, each a table or a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from wpclone.api import labels
from wpclone.controller.app.health import Health, reply
from wpclone.controller.gateways.clock import ServerClock
from wpclone.controller.triggers import News

SEEN: dict[str, Any] = {
    "metadata": {"name": "a", "uid": "1", "generation": 1, "resourceVersion": "5"},
    "status": {},
}

EVENTS: dict[str, tuple[dict[str, Any], bool]] = {
    "the same again is no news": ({}, False),
    "our own status is no news": ({"resourceVersion": "6"}, False),
    "a new generation is news": ({"generation": 2}, True),
    "a deletion is news": ({"deletionTimestamp": "now"}, True),
    "another object of that name is news": ({"uid": "2"}, True),
    "a wish for a retry is news": ({"annotations": {labels.RECONCILE: "1"}}, True),
    "a pause is news": ({"annotations": {labels.PAUSED: "true"}}, True),
    "a stranger's annotation is no news": ({"annotations": {"other": "1"}}, False),
}


@pytest.mark.parametrize("case", EVENTS)
def test_news(case: str) -> None:
    """What wakes a clone that has been seen before."""
    change, wanted = EVENTS[case]
    news = News()
    assert news.about(None, SEEN)
    body = {**SEEN, "metadata": {**SEEN["metadata"], **change}}
    assert news.about("MODIFIED", body) is wanted, case


def test_a_deleted_object_is_news_and_forgotten() -> None:
    """Memory grows with what exists, not with what existed."""
    news = News()
    news.about(None, SEEN)
    assert news.about("DELETED", SEEN)
    assert (news.marks, news.versions) == ({}, {})


def test_a_new_spec_is_told_apart_from_other_news() -> None:
    """Only another generation resets the backoff."""
    news = News()
    news.about(None, SEEN)
    body = {**SEEN, "metadata": {**SEEN["metadata"], "generation": 2}}
    assert news.regenerated(body)
    assert not news.regenerated(SEEN)


def test_a_stuck_pass_is_unhealthy() -> None:
    """A key older than any pass may be ends the process."""
    age = 0.0
    health = Health(lambda: age, lambda _: None)
    assert health.problem(0) is None
    age = 1000.0
    assert health.problem(0) == "a pass is stuck"


def test_a_dead_watch_is_unhealthy() -> None:
    """A listing shows what the watch has not shown one and a half minutes later."""
    seen = {"a": "5"}
    health = Health(lambda: 0.0, seen.get)
    health.listed({"a": "6"}, now=100.0)
    assert health.problem(110.0) is None
    assert health.problem(191.0) == "the watch is dead"
    seen["a"] = "6"
    assert health.problem(191.0) is None


async def test_probes_answer_by_path() -> None:
    """Liveness at once, readiness once started, nothing else."""
    health = Health(lambda: 0.0, lambda _: None)
    assert reply(health, b"GET /healthz HTTP/1.1\r\n").startswith(b"HTTP/1.1 200")
    assert reply(health, b"GET /readyz HTTP/1.1\r\n").startswith(b"HTTP/1.1 503")
    health.started = True
    assert reply(health, b"GET /readyz HTTP/1.1\r\n").startswith(b"HTTP/1.1 200")
    assert reply(health, b"GET / HTTP/1.1\r\n").startswith(b"HTTP/1.1 404")


def test_a_machine_ten_minutes_off_follows_the_server() -> None:
    """Clones end by the API server's time, not by the node's."""
    clock = ServerClock()
    clock.learn(format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True))
    ahead = clock.now() - datetime.now(UTC)
    assert timedelta(minutes=9, seconds=58) < ahead < timedelta(minutes=10, seconds=2)
    clock.learn(format_datetime(datetime.now(UTC), usegmt=True))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_time_never_runs_back_around_the_limit_of_trust() -> None:
    """A clock that is off by just the limit is corrected once: an ended clone stays ended."""
    clock = ServerClock()
    last = clock.now()
    for off in (3.4, 2.4, 3.4, 2.4):
        told = (datetime.now(UTC) + timedelta(seconds=off + 0.5)).replace(microsecond=0)
        clock.learn(format_datetime(told, usegmt=True))
        assert clock.now() >= last
        last = clock.now()


def test_nonsense_in_a_date_header_is_overlooked() -> None:
    """A broken proxy does not break the clock."""
    clock = ServerClock()
    clock.learn("yesterday")
    clock.learn(None)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
