# SPDX-License-Identifier: Apache-2.0
"""Logs as in a cluster: one plain line each."""

from __future__ import annotations

import pytest

from wpclone.controller import telemetry


@pytest.fixture(autouse=True, scope="session")
def _logs() -> None:
    telemetry.start("warning", "json")
