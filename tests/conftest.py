# SPDX-License-Identifier: Apache-2.0
"""Offers the fixtures that every layer of tests may ask for, and says who may run beside whom."""

from typing import Any, Final

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.cluster"]

# `pytest tests/property/rewrite --hypothesis-profile thorough --timeout 0`
settings.register_profile("thorough", max_examples=10_000)

# Where tests ask for the cluster; `local` also counts what the whole machine has (mounts, rules,
# processes), so that nobody else may come or go meanwhile.
ON_CLUSTER: Final = (
    "tests/acceptance/",
    "tests/contract/",
    "tests/e2e/",
    "tests/integration/admission/",
    "tests/integration/local/",
)


class Beside(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Lets stories on the cluster follow one another, while files without it run beside them.

    A story mostly waits for a cluster that works, so both together take hardly longer than the
    stories alone. (The marks of `--dist loadgroup` do nothing under pytest 9.2: xdist 3.8 writes
    them into an attribute that pytest reads no more.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "cluster" if nodeid.startswith(ON_CLUSTER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Beside:
    """Hand the tests out by who may run beside whom."""
    return Beside(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the stories first, because they take longest; nobody else may ask for the cluster."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            assert item.nodeid.startswith(ON_CLUSTER), f"{item.nodeid} asks for the cluster"
    items.sort(key=lambda item: not item.nodeid.startswith(ON_CLUSTER))
