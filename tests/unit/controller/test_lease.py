# SPDX-License-Identifier: Apache-2.0
"""The Lease: one holder, judged by our own clock, and a fence that shuts in time."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.fakes.others import FakeClock
from tests.fakes.world import START
from wpclone import errors
from wpclone.controller.gateways.lease import Lease
from wpclone.controller.settings import Timing


class LeaseApi:
    """An API server with one Lease."""

    def __init__(self) -> None:
        """Begin without one."""
        self.body: dict[str, Any] | None = None
        self.down = False
        self.version = 0

    async def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Answer as the API server does."""
        if self.down:
            raise errors.Transient("down")
        if method == "GET" and self.body is None:
            raise errors.NotFound(path)
        if method == "PUT" and self.body and body["metadata"] != self.body["metadata"]:
            raise errors.Conflict("version")
        if method != "GET":
            self.version += 1
            metadata = {**body["metadata"], "resourceVersion": str(self.version)}
            self.body = {**copy.deepcopy(body), "metadata": metadata}
        return copy.deepcopy(self.body or {})


def lease(api: LeaseApi, name: str, clock: FakeClock) -> Lease:
    """Return one candidate."""
    return Lease(api, "system", "wpclone-test", name, Timing(), clock)  # type: ignore[arg-type]


async def test_the_first_one_holds_and_the_second_waits() -> None:
    """Only the holder may write."""
    clock, api = FakeClock(START), LeaseApi()
    one, two = lease(api, "one", clock), lease(api, "two", clock)
    assert await one._try()
    assert not await two._try()
    one.check()
    with pytest.raises(errors.Fenced):
        two.check()


async def test_a_silent_holder_is_followed_after_the_lease_has_run_out() -> None:
    """Silence is measured by the standby's own clock since it last saw a change."""
    clock, api = FakeClock(START), LeaseApi()
    one, two = lease(api, "one", clock), lease(api, "two", clock)
    await one._try()
    await two._try()
    clock.advance(14)
    assert not await two._try()
    clock.advance(2)
    assert await two._try()
    assert api.body is not None
    assert api.body["spec"]["leaseTransitions"] == 1


async def test_a_holder_s_wrong_clock_does_not_matter() -> None:
    """A renewTime hours ago or ahead is no evidence."""
    clock, api = FakeClock(START), LeaseApi()
    one, two = lease(api, "one", clock), lease(api, "two", clock)
    await one._try()
    assert api.body is not None
    api.body["spec"]["renewTime"] = "2001-01-01T00:00:00.000000Z"
    assert not await two._try()


async def test_a_holder_that_wakes_up_late_writes_nothing() -> None:
    """The fence shuts by itself before anybody else may take over."""
    clock, api = FakeClock(START), LeaseApi()
    one = lease(api, "one", clock)
    await one._try()
    clock.advance(9.9)
    one.check()
    clock.advance(0.2)
    with pytest.raises(errors.Fenced):
        one.check()


async def test_an_api_server_that_is_away_shuts_the_fence_in_time() -> None:
    """Failed renewals do not prolong anything."""
    clock, api = FakeClock(START), LeaseApi()
    one = lease(api, "one", clock)
    await one._try()
    api.down = True
    clock.advance(5)
    assert not await one._try()
    one.check()
    clock.advance(6)
    with pytest.raises(errors.Fenced):
        one.check()


async def test_a_released_lease_is_free_at_once() -> None:
    """A stopped operator does not make its successor wait."""
    clock, api = FakeClock(START), LeaseApi()
    one, two = lease(api, "one", clock), lease(api, "two", clock)
    await one._try()
    await one.release()
    assert await two._try()
    with pytest.raises(errors.Fenced):
        one.check()
