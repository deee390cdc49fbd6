# SPDX-License-Identifier: Apache-2.0
"""Takes the plugin off a site again if we brought it there and opening came to nothing.

A plugin that is active would go by itself when it is idle; one that was only uploaded could not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from wpclone.errors import SourceError
from wpclone.mover.sources import agent_zip
from wpclone.mover.sources.site import install
from wpclone.mover.sources.site.admin import Admin

# A site may still be unpacking what we have hung up on.
_TRIES: Final = 5
_BEGINS: Final = 3
_PAUSE: Final = 0.5


class Stage(IntEnum):
    """How far we have come with bringing the plugin."""

    NOTHING = 0
    SENT = 1
    """It may be there, or not."""
    THERE = 2
    ASKED = 3
    """It may hold a session for us."""


class Luggage:
    """The plugin between its upload and the session it was brought for."""

    def __init__(
        self, home: str, log_in: Callable[[], Admin | None], sessions: Callable[[], int | None]
    ) -> None:
        """Take how to log in anew, and how to ask for the sessions: None if nobody answers."""
        self.stage = Stage.NOTHING
        self.admin: Admin | None = None
        """Who is bringing it, perhaps still logged in."""
        self._home = home
        self._log_in = log_in
        self._sessions = sessions

    def asking(self) -> None:
        """Take note that a session is asked for."""
        if self.stage is Stage.THERE:
            self.stage = Stage.ASKED

    def take_back(self, error: BaseException) -> None:
        """Clean up after an error; if that fails, the error gets a note of what may be left."""
        # An upload that the site itself has refused left nothing.
        left = Stage.SENT if isinstance(error, Exception) else Stage.NOTHING
        try:
            if self.stage is Stage.THERE and not isinstance(error, Exception):
                self._let_it_begin()
            if self.stage > left and not self._is_taken_back():
                error.add_note(self._note())
            if self.admin is not None:
                self.admin.logout()
        except SourceError:
            error.add_note(self._note())
        except BaseException as stopped:
            stopped.add_note(self._note())
            raise
        finally:
            self.stage = Stage.NOTHING

    def _let_it_begin(self) -> None:
        """Give a site that is activating it the time to end: files that go first leave a mess."""
        for _ in range(_BEGINS):
            if self._sessions() is not None:
                return
            time.sleep(_PAUSE)

    def _is_taken_back(self) -> bool:
        """Remove it; true also where others use it by now, who take it away when they go."""
        if (self._sessions() or 0) > (self.stage is Stage.ASKED):
            return True
        for _ in range(_TRIES):
            try:
                if self.admin is not None and install.remove(self.admin):
                    return True
            except SourceError:
                pass  # its login has ended, or was lost beside another one
            if self.admin is None or not self.admin.is_logged_in:
                self.admin = self._log_in()
            elif self.stage is Stage.SENT:
                time.sleep(_PAUSE)
        return False

    def _note(self) -> str:
        return (
            f"The agent plugin may still be on the site: look for {agent_zip.SLUG} at"
            f" {self._home}/wp-admin/plugins.php and delete it there"
        )
