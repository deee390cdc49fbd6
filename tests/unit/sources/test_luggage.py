# SPDX-License-Identifier: Apache-2.0
"""What was brought to a site is taken back unless others use it; what cannot be is told."""

from __future__ import annotations

import time
from typing import cast

import pytest

from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.site import install
from wpclone.mover.sources.site.admin import Admin
from wpclone.mover.sources.site.luggage import Luggage, Stage

FAILED = SourceError(Reason.SOURCE_LOST, "away")


class Stopped(BaseException):
    """Somebody has told us to stop."""


class Browser:
    """An administrator who is logged in, or was."""

    is_logged_in = True

    def logout(self) -> None:
        """Log out."""
        self.is_logged_in = False


class Site:
    """A site that agrees to the removal at its last answer, or fails each time."""

    def __init__(self, *answers: bool | SourceError | Stopped) -> None:
        """Take the answers, in order."""
        self.answers = list(answers)
        self.logins = 0

    def remove(self, _admin: Admin) -> bool:
        """Answer to the removal."""
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def log_in(self) -> Admin:
        """Let an administrator in."""
        self.logins += 1
        return cast("Admin", Browser())


def notes(
    monkeypatch: pytest.MonkeyPatch,
    site: Site,
    stage: Stage,
    error: BaseException,
    sessions: int = 0,
) -> list[str]:
    """Take the plugin back after an error, and return what the error was told."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(install, "remove", site.remove)
    luggage = Luggage("https://www.acme.example", site.log_in, lambda: sessions)
    luggage.admin, luggage.stage = cast("Admin", Browser()), stage
    luggage.take_back(error)
    assert not luggage.admin.is_logged_in
    assert site.answers == [], "it was not asked so often"
    return list(getattr(error, "__notes__", ()))


@pytest.mark.parametrize(
    ("answers", "stage", "error", "sessions"),
    [
        ([], Stage.NOTHING, Stopped(), 0),
        ([False, False, True], Stage.SENT, Stopped(), 0),
        ([], Stage.SENT, SourceError(Reason.AGENT_INSTALL_REFUSED, "FTP"), 0),
        ([True], Stage.THERE, SourceError(Reason.AGENT_INSTALL_REFUSED, "broken"), 0),
        ([True], Stage.ASKED, Stopped(), 1),
        ([], Stage.THERE, Stopped(), 1),
        ([], Stage.ASKED, Stopped(), 2),
    ],
    ids=[
        "nothing was brought",
        "the site is still unpacking it",
        "the site has refused it",
        "it is there and of no use",
        "its one session is ours",
        "its one session is another clone's",
        "one of two sessions is another clone's",
    ],
)
def test_what_was_brought_is_taken_back(
    answers: list[bool],
    stage: Stage,
    error: BaseException,
    sessions: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only what is there is removed, and only where nobody else uses it."""
    assert notes(monkeypatch, Site(*answers), stage, error, sessions) == []


def test_what_stays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that does not agree, however often it is asked: where to look, and for what."""
    (note,) = notes(monkeypatch, Site(*[False] * 5), Stage.THERE, Stopped())
    assert "wpclone-agent at https://www.acme.example/wp-admin/plugins.php" in note


def test_a_stop_while_tidying_up_is_told_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop goes on, and takes the note with it."""
    stopped = Stopped()
    with pytest.raises(Stopped):
        notes(monkeypatch, Site(stopped), Stage.THERE, FAILED)
    assert "may still be on the site" in stopped.__notes__[0]
