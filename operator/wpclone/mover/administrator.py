# SPDX-License-Identifier: Apache-2.0
"""Gives the clone an administrator of its own by plain SQL: no code of the site runs for it."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import options
from wpclone.mover.filling import quoted

if TYPE_CHECKING:
    from wpclone.mover.config import Administrator
    from wpclone.mover.connection import Connection

# Tells our administrator from the source's users, for a second run and for a restore.
MARK: Final = "wpclone_administrator"
DISPLAY_NAME: Final = "Clone administrator"
EMAIL: Final = "administrator@clone.invalid"
_ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# 2^13 rounds, as WordPress itself writes; every WordPress reads this and makes a better one at
# the first login.
_ROUNDS_LOG2: Final = 13
_ROLE: Final = b's:13:"administrator"'


def create(connection: Connection, prefix: str, who: Administrator, uid: str) -> None:
    """Make the administrator, or renew our own; the source's users are never touched."""
    roles = options.read(connection, prefix, f"{prefix}user_roles") or b""
    if _ROLE not in roles:
        raise ImportFailed(
            Reason.VERIFICATION_FAILED, "The copied site knows no role of an administrator"
        )
    with connection.transaction():
        _give_rights(connection, prefix, _account(connection, prefix, who, uid), uid)


def inherit(connection: Connection, prefix: str, who: Administrator, uid: str) -> None:
    """Make the administrator of the clone that was copied our own: what he has written stays his.

    Whatever masking has made of his name.
    """
    users, meta = quoted(f"{prefix}users"), quoted(f"{prefix}usermeta")
    found = connection.query(
        f"SELECT u.ID FROM {users} u JOIN {meta} m ON m.user_id = u.ID"  # noqa: S608  quoted
        " WHERE m.meta_key = %s AND m.meta_value <> %s ORDER BY u.ID",
        (MARK, uid),
    )
    if not found:
        return
    ours = int(found[0][0])
    with connection.transaction():
        connection.run(
            f"UPDATE {users} SET user_login = %s, user_nicename = %s, user_email = %s,"  # noqa: S608  quoted
            " display_name = %s WHERE ID = %s",
            (who.username, who.username[:50], EMAIL, DISPLAY_NAME, ours),
        )
        connection.run(f"DELETE FROM {meta} WHERE meta_key = %s", (MARK,))  # noqa: S608  quoted
        connection.run(
            f"INSERT INTO {meta} (user_id, meta_key, meta_value) VALUES (%s, %s, %s)",  # noqa: S608  quoted
            (ours, MARK, uid),
        )


def _account(connection: Connection, prefix: str, who: Administrator, uid: str) -> int:
    """Make the account, or give our own the Secret's password; return its number."""
    users = quoted(f"{prefix}users")
    hashed = portable_hash(who.password, secrets.token_bytes(6))
    user_id = _existing(connection, prefix, who, uid)
    if user_id is not None:
        connection.run(f"UPDATE {users} SET user_pass = %s WHERE ID = %s", (hashed, user_id))  # noqa: S608  quoted
        return user_id
    connection.run(
        f"INSERT INTO {users} (user_pass, user_email, display_name, user_login,"  # noqa: S608  quoted
        " user_nicename, user_registered, user_url, user_activation_key, user_status)"
        " VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(), '', '', 0)",
        (hashed, EMAIL, DISPLAY_NAME, who.username, who.username[:50]),
    )
    return int(connection.value("SELECT LAST_INSERT_ID()"))


def _give_rights(connection: Connection, prefix: str, user_id: int, uid: str) -> None:
    meta = quoted(f"{prefix}usermeta")
    rights = {
        f"{prefix}capabilities": 'a:1:{s:13:"administrator";b:1;}',
        f"{prefix}user_level": "10",
        "nickname": DISPLAY_NAME,
        "rich_editing": "true",
        "show_admin_bar_front": "true",
        MARK: uid,
    }
    connection.run(
        f"DELETE FROM {meta} WHERE user_id = %s AND meta_key IN %s",  # noqa: S608  quoted
        (user_id, tuple(rights)),
    )
    for key, value in rights.items():
        connection.run(
            f"INSERT INTO {meta} (user_id, meta_key, meta_value) VALUES (%s, %s, %s)",  # noqa: S608  quoted
            (user_id, key, value),
        )


def _existing(connection: Connection, prefix: str, who: Administrator, uid: str) -> int | None:
    """Return our administrator's number if an earlier run made it; refuse somebody else's name."""
    found = connection.query(
        f"SELECT u.ID, m.meta_value FROM {quoted(prefix + 'users')} u"  # noqa: S608  quoted
        f" LEFT JOIN {quoted(prefix + 'usermeta')} m ON m.user_id = u.ID AND m.meta_key = %s"
        " WHERE u.user_login = %s",
        (MARK, who.username),
    )
    if not found:
        return None
    if found[0][1] != uid.encode():
        raise ImportFailed(
            Reason.IMPORT_FAILED,
            f"The source has a user {clean(who.username, 60)}, which was to be the clone's own",
        )
    return int(found[0][0])


def portable_hash(password: str, salt: bytes) -> str:
    """Return the hash that every WordPress understands (phpass, `$P$`)."""
    setting = _encode(salt)[:8]
    digest = hashlib.md5(setting.encode() + password.encode()).digest()  # noqa: S324  WordPress' choice
    for _ in range(1 << _ROUNDS_LOG2):
        digest = hashlib.md5(digest + password.encode()).digest()  # noqa: S324  WordPress' choice
    return f"$P${_ALPHABET[_ROUNDS_LOG2]}{setting}{_encode(digest)}"


def _encode(data: bytes) -> str:
    """Encode three bytes as four letters, lowest bits first."""
    out = []
    for at in range(0, len(data), 3):
        group = data[at : at + 3]
        value = int.from_bytes(group, "little")
        out += [_ALPHABET[(value >> (6 * i)) & 63] for i in range(len(group) + 1)]
    return "".join(out)
