# SPDX-License-Identifier: Apache-2.0
"""Parses the source's Secret into the one way of proving ourselves that it offers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from wpclone.api import advice, secrets
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError


@dataclass(frozen=True, slots=True)
class Pairing:
    """The key that the agent's page in wp-admin showed once."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationPassword:
    """An administrator's name and an Application Password of theirs."""

    username: str
    password: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode()


@dataclass(frozen=True, slots=True)
class Login:
    """An administrator's name and password."""

    username: str
    password: str = field(repr=False)


Credentials = Pairing | ApplicationPassword | Login


def read(secret: Mapping[str, str]) -> Credentials:
    """Return what a source Secret offers, the least powerful first; SourceError if nothing."""
    problem = secrets.source_problem(secret)
    if problem is not None:
        raise SourceError(
            Reason.CREDENTIALS_INVALID, f"{advice.THE_LOGIN} cannot be used: {problem}"
        )
    if secrets.AGENT_KEY in secret:
        return Pairing(_filled(secret, secrets.AGENT_KEY))
    username = _filled(secret, secrets.USERNAME)
    if secrets.APPLICATION_PASSWORD in secret:
        return ApplicationPassword(username, _filled(secret, secrets.APPLICATION_PASSWORD))
    return Login(username, _filled(secret, secrets.PASSWORD))


def _filled(secret: Mapping[str, str], key: str) -> str:
    value = secret[key].strip()
    if not value:
        raise SourceError(
            Reason.CREDENTIALS_INVALID,
            f"{advice.THE_LOGIN} cannot be used: its key '{key}' is empty",
        )
    # A password may begin or end with a blank; nothing else here can.
    return secret[key] if key == secrets.PASSWORD else value
