# SPDX-License-Identifier: Apache-2.0
"""Names the keys of the Secrets we read and write, and judges a source Secret by its keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# The clone's own Secret, `<name>-credentials`.
URL: Final = "url"
VISIT_URL: Final = "visit-url"
WORDPRESS_USERNAME: Final = "wordpress-username"
WORDPRESS_PASSWORD: Final = "wordpress-password"  # noqa: S105  the name of a key, not a password
DB_HOST: Final = "db-host"
DB_NAME: Final = "db-name"
DB_USERNAME: Final = "db-username"
DB_PASSWORD: Final = "db-password"  # noqa: S105  the name of a key, not a password
GATE_KEY: Final = "gate-key"
SALT: Final = "salt"

# The source's Secret, made by a person: one of these sets.
USERNAME: Final = "username"
PASSWORD: Final = "password"  # noqa: S105  the name of a key, not a password
APPLICATION_PASSWORD: Final = "application-password"  # noqa: S105  the name of a key
AGENT_KEY: Final = "agent-key"


def source_problem(keys: Iterable[str]) -> str | None:
    """Return why a source Secret with these keys cannot serve, in one sentence, or None."""
    found = set(keys)
    if AGENT_KEY in found:
        return None
    if USERNAME not in found:
        return "it has no key 'username' (and no 'agent-key')"
    if found.isdisjoint({PASSWORD, APPLICATION_PASSWORD}):
        return "it has no key 'password' or 'application-password' beside 'username'"
    return None
