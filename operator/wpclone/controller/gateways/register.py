# SPDX-License-Identifier: Apache-2.0
"""Keeps, on each shared server, the lists of whose a schema is and who else may read it.

What is noted before it is done cannot be left behind by a crash: a right to read another schema is
on the list before it is given, and leaves the list after it was taken away.
"""

from __future__ import annotations

from typing import Any, Final

import pymysql
from pymysql.constants import ER

from wpclone import errors
from wpclone.controller.ports import Owner

SCHEMA: Final = "wpclone"
_NO_SUCH: Final = frozenset({ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR})
# Taken away already, or gone with its user.
_NO_GRANT: Final = frozenset({ER.NONEXISTING_GRANT, ER.NONEXISTING_TABLE_GRANT, ER.CANNOT_USER})

Cursor = Any


def owner(cursor: Cursor, name: str) -> Owner | None:
    """Return whose the schema of this name is."""
    row = _row(cursor, f"SELECT installation, uid FROM {SCHEMA}.claims WHERE name = %s", name)  # noqa: S608  a constant
    return Owner(*map(str, row)) if row else None


def claim(cursor: Cursor, name: str, wanted: Owner) -> None:
    """Note whose the schema is; Refused if it is somebody else's."""
    cursor.execute(f"CREATE DATABASE IF NOT EXISTS {SCHEMA} CHARACTER SET utf8mb4")
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {SCHEMA}.claims (name VARCHAR(64) PRIMARY KEY, "
        "installation VARCHAR(63) NOT NULL, uid VARCHAR(64) NOT NULL, "
        "claimed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
    )
    cursor.execute(
        f"INSERT IGNORE INTO {SCHEMA}.claims (name, installation, uid) "  # noqa: S608  a constant
        "VALUES (%s, %s, %s)",
        (name, wanted.installation, wanted.uid),
    )
    if owner(cursor, name) != wanted:
        raise refused(name)


def unclaim(cursor: Cursor, name: str) -> None:
    """Forget the schema, and what its user could read."""
    if reads(cursor, name)[0]:
        cursor.execute(f"DELETE FROM {SCHEMA}.lent WHERE reader = %s", (name,))  # noqa: S608  a constant
    cursor.execute(f"DELETE FROM {SCHEMA}.claims WHERE name = %s", (name,))  # noqa: S608  a constant


def reads(cursor: Cursor, name: str) -> tuple[str, bool]:
    """Return the other schema that the user of this name may read, and whether that is certain."""
    row = _row(cursor, f"SELECT lender, given FROM {SCHEMA}.lent WHERE reader = %s", name)  # noqa: S608  a constant
    return (str(row[0]), bool(row[1])) if row else ("", True)


def doubt(cursor: Cursor, name: str) -> None:
    """Note that the user may be a new one, who has no rights yet."""
    if reads(cursor, name)[0]:
        cursor.execute(f"UPDATE {SCHEMA}.lent SET given = 0 WHERE reader = %s", (name,))  # noqa: S608  a constant


def lend(cursor: Cursor, name: str, wanted: Owner, lender: str) -> None:
    """Let the user read another schema; Refused unless both are of one installation."""
    theirs = owner(cursor, lender)
    # In a GRANT, `_` and `%` would be wildcards.
    if theirs is None or theirs.installation != wanted.installation or not lender.isalnum():
        raise refused(lender)
    if owner(cursor, name) != wanted:
        raise refused(name)
    if reads(cursor, name)[0] not in {"", lender}:
        reclaim(cursor, name, wanted)
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {SCHEMA}.lent (reader VARCHAR(64) PRIMARY KEY, "
        "lender VARCHAR(64) NOT NULL, given TINYINT NOT NULL, "
        "since TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
    )
    cursor.execute(
        f"REPLACE INTO {SCHEMA}.lent (reader, lender, given) VALUES (%s, %s, 0)",  # noqa: S608  a constant
        (name, lender),
    )
    cursor.execute(f"GRANT SELECT ON `{lender}`.* TO '{name}'@'%'")
    cursor.execute(f"UPDATE {SCHEMA}.lent SET given = 1 WHERE reader = %s", (name,))  # noqa: S608  a constant


def reclaim(cursor: Cursor, name: str, wanted: Owner) -> None:
    """Let the user read its own schema only."""
    if owner(cursor, name) != wanted:
        raise refused(name)
    lender, _ = reads(cursor, name)
    if not lender:
        return
    try:
        cursor.execute(f"REVOKE SELECT ON `{lender}`.* FROM '{name}'@'%'")  # noqa: S608  our names
    except pymysql.MySQLError as error:
        if code(error) not in _NO_GRANT:
            raise
    cursor.execute(f"DELETE FROM {SCHEMA}.lent WHERE reader = %s", (name,))  # noqa: S608  a constant


def refused(name: str) -> errors.Refused:
    """Return what is said of a name that is not ours."""
    return errors.Refused(f"The database {name} belongs to another installation")


def code(error: pymysql.MySQLError) -> int:
    """Return the server's number of an error, 0 where there is none."""
    return int(error.args[0]) if error.args and isinstance(error.args[0], int) else 0


def _row(cursor: Cursor, sql: str, name: str) -> tuple[Any, ...] | None:
    """Ask one of the lists, which nobody may have made yet."""
    try:
        cursor.execute(sql, (name,))
    except pymysql.MySQLError as error:
        if code(error) in _NO_SUCH:
            return None
        raise
    row: tuple[Any, ...] | None = cursor.fetchone()
    return row
