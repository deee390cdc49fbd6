# SPDX-License-Identifier: Apache-2.0
"""Skips these tests where there is no PHP."""

from __future__ import annotations

import pytest

from tests.unit.guard import php


@pytest.fixture(autouse=True)
def _php() -> None:
    if reason := php.missing():
        pytest.skip(reason)
