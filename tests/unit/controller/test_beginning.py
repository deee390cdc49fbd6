# SPDX-License-Identifier: Apache-2.0
"""The process begins anew by itself wherever a new one would help, and else ends with a code."""

from __future__ import annotations

import pytest

from tests.fakes.world import settings
from wpclone import errors
from wpclone.controller import __main__ as program
from wpclone.controller import app
from wpclone.controller import settings as reading
from wpclone.controller.app.operate import Restart
from wpclone.controller.settings import Settings


@pytest.mark.parametrize(
    "trouble",
    [
        errors.Fenced("the lease is not held"),
        errors.Transient("GET /apis: ClientConnectorError"),
        Restart("SharedDatabaseSite has arrived"),
        ExceptionGroup("unhandled", [errors.Fenced("the lease is not held")]),
    ],
)
def test_what_a_new_process_would_cure_ends_none(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost lease or an API server that is away costs no restart of the container."""
    troubles = [trouble]

    async def operate(_: Settings) -> None:
        if troubles:
            raise troubles.pop()

    monkeypatch.setattr(reading, "load", settings)
    monkeypatch.setattr(app, "operate", operate)
    monkeypatch.setattr(program, "PAUSE", 0.0)
    assert program.main() == program.OK
    assert troubles == []


def test_a_refusal_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing rights are for a person to see: the container ends and says why."""

    async def operate(_: Settings) -> None:
        raise errors.Refused("GET /apis: 403")

    monkeypatch.setattr(reading, "load", settings)
    monkeypatch.setattr(app, "operate", operate)
    assert program.main() == program.FAILED
