# SPDX-License-Identifier: Apache-2.0
"""Turns the database's error numbers into reasons that a person can act upon."""

from __future__ import annotations

import re
import ssl
from typing import Final

import pymysql

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed

# The connection is gone or was never made; the same work on a new one can succeed.
GONE: Final = frozenset(
    {
        1040,  # too many connections
        1053,  # shutdown in progress
        1077,  # normal shutdown
        1203,  # this user's connections are used up
        1226,  # this user has exceeded a resource limit
        1927,  # connection was killed
        2002,  # no socket
        2003,  # no connection, time-out while connecting included
        2006,  # server has gone away
        2013,  # lost connection during query, time-out included
        2014,  # commands out of sync: the end of a connection cut in mid-packet
        4031,  # disconnected because of inactivity
        2055,  # lost connection, with the system's error
    }
)
# The transaction was rolled back whole, and can be repeated on the same connection.
REPEATABLE: Final = frozenset({1205, 1213})
# Disk or table full.
_FULL: Final = frozenset({1021, 1114})
# A file could not be made or written; the text says why: the system's errors 28 (no space) and 122
# (quota), or the storage engine's 135.
_MAYBE_FULL: Final = frozenset({3, 1005, 1026, 1030})
_FULL_WORDS: Final = re.compile(
    r"\b(?:errcode|errno|error):? ?(?:28|122|135)\b|no space left", re.IGNORECASE
)
# The server let us in to nothing: user or schema are not there (yet), or not with this password.
_SHUT: Final = frozenset({1044, 1045, 1049, 1130, 1698})
_PACKET_TOO_LARGE: Final = 1153
_NO_TLS: Final = 2026


def number(error: pymysql.MySQLError) -> int:
    """Return the server's or client's error number, 0 where there is none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def is_gone(error: pymysql.MySQLError) -> bool:
    """Say whether the connection was lost, so that the work can go on with a new one."""
    # A connection that we closed ourselves, or that broke while sending, has number 0.
    return number(error) in GONE or isinstance(error, pymysql.err.InterfaceError)


def is_repeatable(error: pymysql.MySQLError) -> bool:
    """Say whether a step that may be repeated should be."""
    return is_gone(error) or number(error) in REPEATABLE


def is_shut(error: pymysql.MySQLError) -> bool:
    """Say whether the server does not know our user or schema (yet)."""
    return number(error) in _SHUT


def is_untrusted(error: pymysql.MySQLError) -> bool:
    """Say whether we hung up, because the server cannot prove who it is."""
    cause = getattr(error, "original_exception", None)
    return number(error) == _NO_TLS or isinstance(cause, ssl.SSLCertVerificationError)


def is_about_us(error: pymysql.MySQLError) -> bool:
    """Say whether the server is unwell or full, rather than unhappy with the statement."""
    return is_repeatable(error) or is_full(error)


def is_full(error: pymysql.MySQLError) -> bool:
    """Say whether the server has run out of room."""
    code = number(error)
    return code in _FULL or (
        code in _MAYBE_FULL and _FULL_WORDS.search(str(error.args[-1])) is not None
    )


def failure(error: pymysql.MySQLError, doing: str) -> ImportFailed:
    """Return what this error means to a person, who is told what we were doing."""
    code = number(error)
    text = clean(str(error.args[1]) if len(error.args) > 1 else str(error))
    if is_untrusted(error):
        return ImportFailed(
            Reason.DATABASE_UNAVAILABLE,
            f"The clone's database server does not prove who it is ({text}); compare its"
            " certificate with database.ca in the ConfigMap of further authorities",
            retryable=True,
        )
    if is_full(error):
        return ImportFailed(
            Reason.DATABASE_FULL, f"The clone's database server has no room left while {doing}"
        )
    if is_gone(error) or code in _SHUT:
        sentence = f"The clone's database server does not answer as it should while {doing}: {text}"
        return ImportFailed(Reason.DATABASE_UNAVAILABLE, sentence, retryable=True)
    if code in REPEATABLE:
        sentence = f"The clone's database server was too busy while {doing}: {text}"
        return ImportFailed(Reason.DATABASE_TIMEOUT, sentence, retryable=True)
    if code == _PACKET_TOO_LARGE:
        return ImportFailed(
            Reason.IMPORT_FAILED, f"A row is larger than the database server accepts, {doing}"
        )
    sentence = f"The clone's database server refused a statement while {doing}: {text}"
    return ImportFailed(Reason.IMPORT_FAILED, sentence)
