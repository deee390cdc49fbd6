# SPDX-License-Identifier: Apache-2.0
"""Calls the agent's routes, patiently: a reply that is cut, stale or late is asked for again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wpclone.api.mover import Limits
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import Response
from wpclone.mover.sources.site import channel, envelope, frames
from wpclone.mover.sources.site.channel import Channel, Missing, Refusal
from wpclone.mover.sources.site.envelope import Session
from wpclone.mover.sources.site.frames import Damaged, Frame, NotOurs

# A reply's budget is soft: one row or one piece of a value may come on top of it.
MOST_REPLY: Final = 96 * 1024 * 1024
_LEAST_BYTES: Final = 64 * 1024
_MOST_BYTES: Final = 4 * 1024 * 1024
_LEAST_SECONDS: Final = 1.0
# For every reply of this kind the source reads a whole long value: there shall be few of them.
_TIMES: Final = {"value": 4}
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 15.0
# New sessions in a row without a good reply between them: more help nobody.
_MOST_SESSIONS: Final = 4


class Failed(Exception):  # noqa: N818  a finding: the agent tried and says what went wrong
    """The agent could not do what was asked; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the agent's word."""
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Pace:
    """How much to ask for at once: less after a failure, more again after success."""

    most_seconds: float
    most_bytes: int = _MOST_BYTES
    seconds: float = 0.0
    bytes: int = 1024 * 1024

    def __post_init__(self) -> None:
        """Begin with the time that a request may take."""
        self.seconds = self.most_seconds
        self.bytes = min(self.bytes, self.most_bytes)

    def slower(self) -> None:
        """Ask for half."""
        self.seconds = max(_LEAST_SECONDS, self.seconds / 2)
        self.bytes = max(_LEAST_BYTES, self.bytes // 2)

    def faster(self) -> None:
        """Ask for a little more."""
        self.seconds = min(self.most_seconds, self.seconds * 1.2)
        self.bytes = min(self.most_bytes, int(self.bytes * 1.5))


@dataclass(slots=True)
class _Trouble:
    """What went wrong since the last good reply."""

    deadline: float
    pause: float = _FIRST_PAUSE
    sessions: int = 0

    def wait(self, error: SourceError) -> None:
        """Pause before the next try, or give the source up."""
        if time.monotonic() + self.pause > self.deadline:
            raise SourceError(
                Reason.SOURCE_LOST,
                f"The source stopped answering and did not come back: {error.message}",
                retryable=True,
            ) from error
        # Some spread, so that parallel streams do not come back as one.
        time.sleep(self.pause * random.uniform(0.5, 1.0))  # noqa: S311  no secret
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)


class Agent:
    """The agent on the other side of an open session."""

    def __init__(
        self,
        way: Channel,
        session: Session,
        reopen: Callable[[], Session],
        limits: Limits,
    ) -> None:
        """Take the channel, the session, how to get another one, and how patient to be.

        With a rate, a reply brings no more than may come in a second.
        """
        self._channel = way
        self._session = session
        self._reopen = reopen
        self._budget = limits.source_budget_seconds
        self._proved = False
        self._renewing = threading.Lock()
        self._over = False
        # The agent stops by itself well before we would hang up.
        self.pace = Pace(
            most_seconds=max(_LEAST_SECONDS, min(10.0, limits.request_seconds * 0.6)),
            most_bytes=max(_LEAST_BYTES, min(_MOST_BYTES, limits.rate or _MOST_BYTES)),
        )

    @property
    def is_narrow(self) -> bool:
        """Tell whether only short requests reach the agent."""
        return self._channel.is_narrow

    def call(self, route: str, args: Mapping[str, Any], *, patient: bool = True) -> list[Frame]:
        """Return the frames of a whole, verified reply; raise Failed or SourceError.

        Without patience nothing is tried twice, and no session is opened anew.
        """
        trouble = _Trouble(time.monotonic() + (self._budget if patient else 0.0))
        while True:
            session = self._session
            try:
                reply = self._once(route, args)
            except SourceError as error:
                # Before the first good reply a clear refusal is the answer, not a disturbance.
                if not patient or not (error.retryable or self._proved):
                    raise
                self.pace.slower()
                trouble.wait(error)
            except (Missing, Refusal) as error:
                if not patient:
                    raise _ended(error) from error
                with self._renewing:
                    if self._over:
                        raise _ended(error) from error
                    # Another thread may have been here first.
                    if self._session is session:
                        self._renew(error, trouble)
            else:
                self._proved = True
                self.pace.faster()
                return reply

    def end(self) -> None:
        """Open no session any more: a call still under way must not bring the agent back.

        Waits for a session that is being opened right now, so that the farewell ends that one.
        """
        with self._renewing:
            self._over = True

    def _renew(self, error: Missing | Refusal, trouble: _Trouble) -> None:
        """Open a new session, because the old one has ended or the agent went away with it."""
        if isinstance(error, Refusal) and error.code == "wpclone_clock":
            self._session = Session(self._session.id, self._session.key, error.ahead)
        trouble.sessions += 1
        if trouble.sessions > _MOST_SESSIONS:
            raise _ended(error) from error
        self._channel.forget()
        if isinstance(error, Missing) and trouble.sessions == 1:
            # Another clone may be bringing the agent anew just now; the session outlives that.
            time.sleep(random.uniform(0.5, 1.5))  # noqa: S311  no secret
        elif not isinstance(error, Refusal) or error.code != "wpclone_clock":
            self._session = self._reopen()

    def _once(self, route: str, args: Mapping[str, Any]) -> list[Frame]:
        most = self.pace.bytes * _TIMES.get(route, 1)
        asked = dict(args) | {"seconds": self.pace.seconds, "bytes": most}
        last: Response | None = None
        damage: str | None = None
        for way in self._channel.ways():
            nonce = envelope.new_nonce()
            now = int(time.time() + self._session.ahead)
            key, name = self._session.key, self._session.id
            body = envelope.write(
                way.method, route, asked, key=key, session=name, now=now, nonce=nonce
            )
            if not channel.fits(way, body):
                continue
            last = self._channel.send(way, route, body, nonce, most=MOST_REPLY)
            try:
                found = frames.read(last.body, key, nonce)
            except NotOurs:
                _raise_refusal(last)
                continue
            except Damaged as error:
                damage = str(error)
                continue
            self._channel.remember(way)
            return _checked(found)
        self._channel.forget()
        if damage is not None or last is None:
            raise SourceError(
                Reason.SOURCE_LOST, f"A reply of the source is damaged: {damage}", retryable=True
            )
        raise channel.unusable(last)


def _ended(error: Missing | Refusal) -> SourceError:
    said = f": {clean(error.message, 120)}" if isinstance(error, Refusal) else ""
    return SourceError(
        Reason.SOURCE_LOST, f"The source ends every session at once{said}", retryable=True
    )


def _raise_refusal(response: Response) -> None:
    """Raise what the REST server says in its own JSON, if that is what came."""
    answer = channel.parsed(response)
    code = str((answer or {}).get("code", ""))
    if code == "rest_no_route":
        raise Missing
    if answer is not None and code.startswith("wpclone_"):
        raise channel.refusal(answer)


def _checked(found: list[Frame]) -> list[Frame]:
    for frame in found:
        if frame.kind == "E":
            said = frame.json()
            raise Failed(str(said.get("code", "")), str(said.get("message", "")))
    return found
