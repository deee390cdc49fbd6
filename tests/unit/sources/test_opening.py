# SPDX-License-Identifier: Apache-2.0
"""Opening is repeated where other clones of the same site may have come between, and only there."""

from __future__ import annotations

import time
from typing import cast

import pytest

from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import AgentPolicy
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response
from wpclone.mover.sources.credentials import Login
from wpclone.mover.sources.site import opening
from wpclone.mover.sources.site.admin import LoginForgotten
from wpclone.mover.sources.site.channel import Channel, Refusal
from wpclone.mover.sources.site.envelope import Session
from wpclone.mover.sources.site.opening import Opener

SESSION = Session("1", "key", 0.0)


class Quiet:
    """A channel that only forgets."""

    def forget(self) -> None:
        """Forget nothing: nothing was learnt."""


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the pauses instead of waiting."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def opened(monkeypatch: pytest.MonkeyPatch, *troubles: Exception) -> Session:
    """Open a session on a site that makes trouble so often."""
    left = list(troubles)

    def by_login(_self: Opener, _login: Login) -> Session:
        if left:
            raise left.pop(0)
        return SESSION

    monkeypatch.setattr(Opener, "_by_login", by_login)
    opener = Opener(
        cast("Client", None),
        cast("Channel", Quiet()),
        "https://www.acme.example",
        cast("Response", None),
        Login("admin", "canary"),
        AgentPolicy.AUTO,
        15.0,
    )
    return opener.open()


NONCE = Refusal("rest_cookie_invalid_nonce", "Cookie check failed", 0.0)
SPOILT = SourceError(Reason.AGENT_INSTALL_REFUSED, "the folder exists")


@pytest.mark.parametrize(
    "trouble",
    [[LoginForgotten()] * (opening.TRIES - 1), [NONCE], [SPOILT], [LoginForgotten(), NONCE]],
)
def test_what_another_clone_has_crossed_is_tried_again(
    trouble: list[Exception], monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    """A login that was lost beside another one, a plugin that two have uploaded at once."""
    assert opened(monkeypatch, *trouble) is SESSION
    assert len(waits) == len(trouble)


@pytest.mark.parametrize(
    ("trouble", "pauses"),
    [
        ([LoginForgotten()] * opening.TRIES, opening.TRIES - 1),
        ([SPOILT, SPOILT], 1),
        ([SourceError(Reason.SOURCE_REFUSED_LOGIN, "wrong password")], 0),
        ([Refusal("rest_forbidden", "no", 0.0)], 0),
    ],
)
def test_what_stays_is_told(
    trouble: list[Exception], pauses: int, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    """A clear refusal is told at once, the others after as many tries as they deserve."""
    with pytest.raises(SourceError):
        opened(monkeypatch, *trouble)
    assert len(waits) == pauses
