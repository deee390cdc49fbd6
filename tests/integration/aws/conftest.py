# SPDX-License-Identifier: Apache-2.0
"""Gives each test an empty AWS: one process for all, begun anew each time."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

from tests import aws as simulated
from tests.aws import Simulator

# Long enough to be seen, where time does not stand still anyway.
QUICK = {
    "creating": 0.1,
    "backing_up": 0.1,
    "accepting": 0.1,
    "modifying": 0.1,
    "rebooting": 0.1,
    "starting": 0.1,
    "stopping": 0.1,
    "snapshot": 0.1,
    "deleting": 0.1,
}
Refuses = Callable[[str], contextlib.AbstractContextManager[None]]


@pytest.fixture(scope="session")
def process() -> Iterator[Simulator]:
    """Return a simulator that lives as long as the tests of this process."""
    if problem := simulated.missing():
        pytest.skip(problem)
    with simulated.simulator() as running:
        yield running


@pytest.fixture
def aws(process: Simulator) -> Simulator:
    """Return a simulator with nothing in it."""
    process.control.reset()
    process.control.settings(durations=QUICK)
    return process


@pytest.fixture
def refuses() -> Refuses:
    """Return a context in which AWS must refuse with a code."""

    @contextlib.contextmanager
    def refused(code: str) -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        assert caught.value.response["Error"]["Code"] == code

    return refused
