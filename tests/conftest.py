# SPDX-License-Identifier: Apache-2.0
"""Offers the fixtures that every layer of tests may ask for, and says who may run beside whom."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.cluster"]

# They count what the whole machine has (mounts, rules, processes): nobody else may come or go.
_WHOLE_MACHINE = Path(__file__).parent / "integration" / "local"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let stories on the cluster follow one another, while files without it run beside them.

    A story mostly waits for a cluster that works, so both together take hardly longer than the
    stories alone. They come first, because they take longest.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _group(item) != "cluster")


def _group(item: pytest.Item) -> str:
    on_cluster = "cluster" in getattr(item, "fixturenames", ())
    return "cluster" if on_cluster or _WHOLE_MACHINE in item.path.parents else str(item.path)
