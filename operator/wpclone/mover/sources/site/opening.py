# SPDX-License-Identifier: Apache-2.0
"""Opens a session with the agent, bringing the agent there first if it may."""

from __future__ import annotations

import hmac
import random
import time
from dataclasses import dataclass, field
from typing import Any, Final

from wpclone.api import advice
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import AgentPolicy
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client, Response
from wpclone.mover.sources.credentials import ApplicationPassword, Credentials, Login, Pairing
from wpclone.mover.sources.site import envelope, install, refusals
from wpclone.mover.sources.site.admin import Admin, LoginForgotten, RefusedInSilence
from wpclone.mover.sources.site.channel import Channel, Missing, Refusal
from wpclone.mover.sources.site.envelope import Session
from wpclone.mover.sources.site.luggage import Luggage, Stage

# 2: a piece of a long value is told in bytes.
PROTOCOL: Final = 2
# Routes of a plugin that has just been activated may answer 404 for a while (opcode caches).
APPEAR_SECONDS: Final = 60.0
# Another clone that has uploaded the plugin activates it within a few seconds.
NEIGHBOUR_SECONDS: Final = 5.0
# Ten clones of one site that are asked for at once log in at once.
TRIES: Final = 7


@dataclass(slots=True)
class Opener:
    """Opens sessions on one site, as often as one is needed."""

    client: Client
    channel: Channel
    home: str
    front: Response
    credentials: Credentials
    policy: AgentPolicy
    seconds: float
    temporary: bool = field(default=False, init=False)
    _luggage: Luggage = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing brought."""
        self._luggage = Luggage(self.home, self.admin, self._sessions)

    def open(self) -> Session:
        """Return a new session, or raise SourceError with the reason why there is none.

        Whatever ends this in between, also a signal, takes off what was brought until then.
        """
        try:
            return self._patiently()
        except BaseException as error:
            self._luggage.take_back(error)
            raise

    def _patiently(self) -> Session:
        for attempt in range(1, TRIES):
            try:
                return self._once()
            except SourceError as error:
                if not _crossed(error, attempt):
                    raise
            # The others' logins spread out the more, the more of them there are.
            time.sleep(random.uniform(0.2, 1.0) * attempt)  # noqa: S311  no secret
            self.channel.forget()
        return self._once()

    def _once(self) -> Session:
        try:
            match self.credentials:
                case Login() as login:
                    return self._by_login(login)
                case ApplicationPassword() as password:
                    return self._by_header(password)
                case Pairing(key):
                    return self._by_pairing(key)
        except Refusal as error:
            if error.code == "rest_cookie_invalid_nonce":
                raise LoginForgotten from error
            if error.code == "internal_server_error":
                raise refusals.stumbled(error) from error
            raise refusals.refused(error) from error

    def admin(self) -> Admin | None:
        """Log in and return the administrator's browser; None if the Secret holds no login."""
        if not isinstance(self.credentials, Login):
            return None
        admin = Admin(self.client, self.home, self.seconds)
        admin.login(self.credentials, self.front)
        return admin

    def is_gone(self) -> bool:
        """Tell whether the agent vanishes within seconds of its farewell, or is others' by now."""
        for _ in range(10):
            time.sleep(0.3)
            try:
                if self.channel.plain("hello", _greeting).get("sessions"):
                    return True
            except Missing:
                return True
            except Refusal:
                continue  # its files are going at this moment
        return False

    def _sessions(self) -> int | None:
        """Return how many sessions the agent has, or None if it does not answer."""
        try:
            return int(self.channel.plain("hello", _greeting).get("sessions") or 0)
        except (Missing, Refusal):
            return None

    def _by_login(self, login: Login) -> Session:
        admin = Admin(self.client, self.home, self.seconds)
        self._luggage.admin = admin
        admin.login(login, self.front)
        try:
            session = self._enter(admin)
        except Exception:
            admin.logout()
            raise
        # Who was told to stop stays logged in, to take the plugin off at once.
        admin.logout()
        self._luggage.stage = Stage.NOTHING
        return session

    def _enter(self, admin: Admin) -> Session:
        try:
            return self._ask({"X-WP-Nonce": admin.rest_nonce()})
        except Missing:
            if self.policy is AgentPolicy.EXISTING:
                raise refusals.missing(self.home) from None
        except _Outdated as error:
            if not error.temporary:
                raise refusals.too_old(self.home) from None
            install.remove(admin)
        return self._bring(admin)

    def _bring(self, admin: Admin) -> Session:
        """Bring the plugin, or use the copy that another clone has brought meanwhile."""
        try:
            self._carry(admin, over=False)
        except install.Occupied:
            self._luggage.stage = Stage.NOTHING
            try:
                return self._await({"X-WP-Nonce": admin.rest_nonce()}, NEIGHBOUR_SECONDS)
            except Missing:
                # Nobody activates it: an old copy, which a new one may replace.
                self._carry(admin, over=True)
        return self._appear({"X-WP-Nonce": admin.rest_nonce()})

    def _carry(self, admin: Admin, *, over: bool) -> None:
        self._luggage.stage = Stage.SENT
        answer = install.upload(admin, over=over)
        self._luggage.stage = Stage.THERE
        install.activate(admin, answer)

    def _by_header(self, password: ApplicationPassword) -> Session:
        head = {"Authorization": password.basic, "X-WPClone-Authorization": password.basic}
        try:
            return self._ask(head)
        except Missing:
            self._check_password(head)
            if self.policy is AgentPolicy.EXISTING:
                raise refusals.missing(self.home) from None
            raise install.refused(
                f"{self.home}/wp-admin/plugin-install.php?tab=upload",
                "an Application Password cannot upload plugins",
            ) from None
        except _Outdated:
            raise refusals.too_old(self.home) from None

    def _by_pairing(self, key: str) -> Session:
        try:
            try:
                return self._ask({}, key)
            except Refusal as error:
                if error.code != "wpclone_clock":
                    raise
                return self._ask({}, key, error.ahead)
        except Missing:
            raise refusals.missing(self.home) from None
        except _Outdated:
            raise refusals.too_old(self.home) from None

    def _appear(self, headers: dict[str, str]) -> Session:
        try:
            return self._await(headers, APPEAR_SECONDS)
        except Missing:
            raise install.refused(
                f"{self.home}/wp-admin/plugins.php", "it is active but does not answer"
            ) from None

    def _await(self, headers: dict[str, str], seconds: float) -> Session:
        """Open a session with an agent that is being activated, or raise Missing in the end."""
        deadline = time.monotonic() + seconds
        pause = 0.2
        while True:
            try:
                return self._ask(headers)
            except Missing:
                if time.monotonic() > deadline:
                    raise
            self.channel.forget()
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def _ask(
        self, headers: dict[str, str], pairing: str | None = None, ahead: float = 0.0
    ) -> Session:
        used = ""

        def write(method: str, nonce: str) -> bytes:
            nonlocal used
            used = nonce
            now = int(time.time() + ahead)
            return envelope.write(method, "open", {}, key=pairing, session="", now=now, nonce=nonce)

        self._luggage.asking()
        answer = self.channel.plain("open", write, headers)
        self.temporary = bool(answer.get("temporary"))
        if answer.get("protocol") != PROTOCOL:
            raise _Outdated(temporary=self.temporary)
        return _session(answer, used, pairing)

    def _check_password(self, headers: dict[str, str]) -> None:
        """Say so if it is the password that is wrong, before the plugin is asked for."""
        url = f"{self.home}/?rest_route=/wp/v2/users/me"
        answer = self.client.request("GET", url, seconds=self.seconds, headers=headers)
        if answer.status in {401, 403}:
            raise SourceError(
                Reason.SOURCE_REFUSED_LOGIN,
                f"The source refused the Application Password; {advice.CHECK_LOGIN}, and that the"
                " site allows Application Passwords",
            )


def _crossed(error: SourceError, attempt: int) -> bool:
    """Tell whether another clone of the same site may have come between, so that it helps to wait.

    Two that bring the plugin at once can spoil each other's upload; once is enough to find out.
    """
    if isinstance(error, LoginForgotten) or error.reason == Reason.SOURCE_LOST:
        return True
    may_be_chance = isinstance(error, RefusedInSilence)
    return attempt == 1 and (may_be_chance or error.reason == Reason.AGENT_INSTALL_REFUSED)


class _Outdated(Exception):  # noqa: N818  a finding: an agent is there, but speaks otherwise
    def __init__(self, *, temporary: bool) -> None:
        super().__init__()
        self.temporary = temporary


def _greeting(method: str, nonce: str) -> bytes:
    now = int(time.time())
    return envelope.write(method, "hello", {}, key=None, session="", now=now, nonce=nonce)


def _session(answer: dict[str, Any], nonce: str, pairing: str | None) -> Session:
    """Return the session in an answer; with a pairing key both sides derive its key."""
    name, theirs = str(answer.get("session", "")), answer.get("time")
    if pairing is None:
        key = str(answer.get("key", ""))
    else:
        key = envelope.sign(pairing, f"session|{name}|{nonce}")
    proof = envelope.sign(key, f"opened|{name}|{nonce}")
    if not name or not hmac.compare_digest(proof, str(answer.get("proof", ""))):
        raise SourceError(
            Reason.SOURCE_BLOCKED_BY_FIREWALL,
            "Something between us and the source changes what its agent answers",
        )
    return Session(name, key, float(theirs) - time.time() if isinstance(theirs, int) else 0.0)
