# SPDX-License-Identifier: Apache-2.0
"""Names the keys of the Secrets we read and write, and judges a source Secret by its keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from wpclone.api.sourcekinds import SourceKind

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
ACCESS_KEY_ID: Final = "access-key-id"
SECRET_ACCESS_KEY: Final = "secret-access-key"  # noqa: S105  the name of a key
SESSION_TOKEN: Final = "session-token"  # noqa: S105  the name of a key, not a token
ARCHIVE_URL: Final = "url"

# The Secret that the operator makes for the import of another clone.
COPY_KEY: Final = "copy-key"


def copy_key(secret: str, uid: str) -> str:
    """Return the key with which the clone with this UID may read one whose salt is `secret`.

    The other clone's guard makes the same (wordpress/guard/copy.php).
    """
    return hmac.new(secret.encode(), f"wpclone-copy:{uid}".encode(), hashlib.sha256).hexdigest()


def problem(kind: SourceKind, keys: Iterable[str]) -> str | None:
    """Return why a Secret with these keys cannot serve a kind of source, in one sentence."""
    if kind is SourceKind.DATABASE:
        missing = [key for key in (USERNAME, PASSWORD) if key not in set(keys)]
        return f"it has no key '{missing[0]}'" if missing else None
    if kind is SourceKind.ARCHIVE:
        return archive_problem(keys)
    return source_problem(keys)


def archive_problem(keys: Iterable[str]) -> str | None:
    """Return why a Secret with these keys opens no archive, in one sentence, or None."""
    found = set(keys)
    sets = ({ARCHIVE_URL}, {USERNAME, PASSWORD}, {ACCESS_KEY_ID, SECRET_ACCESS_KEY})
    if any(needed <= found for needed in sets):
        return None
    return (
        "it has neither the key 'url', nor 'username' and 'password', nor 'access-key-id' and"
        " 'secret-access-key'"
    )


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
