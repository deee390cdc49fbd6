# SPDX-License-Identifier: Apache-2.0
"""Turns what goes wrong with a source's database server into reasons for a person."""

from __future__ import annotations

import ssl
import struct
from typing import Final

import pymysql

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover import mysqlerrors

# What PyMySQL says when a server does not keep to the protocol.
NONSENSE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
_SHUT: Final = frozenset({1044, 1045, 1130, 1142, 1143, 1227, 1251, 1370, 1698, 1862})
_NO_SCHEMA: Final = 1049
_NO_TLS: Final = frozenset({2026, 3159})


class Oversized(RuntimeError):  # noqa: N818  reads as a sentence where it is raised
    """The server sent more at once than any row has."""


def problem(error: Exception, where: str, doing: str, *, plain: bool = False) -> SourceError:
    """Return what an error means to a person, who is told what we were doing.

    `plain` says that TLS is switched off.
    """
    cause = getattr(error, "original_exception", None) or error
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return _untrusted(cause, where)
    if isinstance(error, pymysql.MySQLError):
        return _of_server(error, where, doing, plain=plain)
    if isinstance(error, OSError):
        return _lost(where, clean(error.strerror or str(error) or "error"))
    if isinstance(error, Oversized):
        return SourceError(
            Reason.SOURCE_TOO_LARGE, f"{where} sends more at once than any row has, while {doing}"
        )
    return _nonsense(where)


def _of_server(error: pymysql.MySQLError, where: str, doing: str, *, plain: bool) -> SourceError:
    code = mysqlerrors.number(error)
    text = clean(str(error.args[1]) if len(error.args) > 1 else str(error), 200)
    if code in _NO_TLS:
        return SourceError(
            Reason.SOURCE_TLS_INVALID,
            f"{where} and source.database.tls.mode do not agree on TLS: {text}",
        )
    if code in _SHUT:
        # MariaDB says no more than this where it demands TLS.
        hint = "; or it demands TLS, which source.database.tls.mode switches off" if plain else ""
        return SourceError(Reason.SOURCE_REFUSED_LOGIN, f"{where} refuses the login: {text}{hint}")
    if code == _NO_SCHEMA:
        return SourceError(
            Reason.SOURCE_REFUSED_LOGIN,
            f"{where} has no schema of that name, or the login may not see it: {text}",
        )
    if mysqlerrors.is_gone(error) or code in mysqlerrors.REPEATABLE:
        return _lost(where, text)
    if not code:
        return _nonsense(where)  # the client's own words, for a packet that has no place here
    return SourceError(Reason.SOURCE_LOST, f"{where} refused a query while {doing}: {text}")


def _nonsense(where: str) -> SourceError:
    return SourceError(
        Reason.SOURCE_UNREACHABLE, f"{where} does not speak MySQL's protocol as it should"
    )


def _untrusted(error: ssl.SSLError, where: str) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean(error.verify_message or "it cannot be verified", 200)
        return SourceError(
            Reason.SOURCE_TLS_INVALID,
            f"The certificate of {where} is not valid: {why}; name the authority in"
            " source.database.tls.caRef",
        )
    return SourceError(
        Reason.SOURCE_TLS_INVALID,
        f"TLS with {where} failed: {clean(error.reason or 'protocol error', 200)}",
    )


def _lost(where: str, why: str) -> SourceError:
    return SourceError(Reason.SOURCE_UNREACHABLE, f"{where} does not answer: {why}", retryable=True)
