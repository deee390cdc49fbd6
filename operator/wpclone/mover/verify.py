# SPDX-License-Identifier: Apache-2.0
"""Proves that what has been loaded is a whole WordPress under the clone's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mover import options
from wpclone.mover.filling import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wpclone.mover.connection import Connection
    from wpclone.mover.ledger import Arrived

CORE: Final = (
    *("options", "posts", "postmeta", "users", "usermeta", "comments", "commentmeta"),
    *("terms", "term_taxonomy", "term_relationships"),
)
_DB_VERSION: Final = "db_version"


def offered(tables: Collection[str], prefix: str) -> None:
    """Raise VerificationFailed unless the source offers all that makes a WordPress, and only that.

    Asked before anything is loaded, so that nothing is copied in vain.
    """
    missing = [name for name in CORE if prefix + name not in tables]
    if missing:
        raise _failed(
            f"The source offers no table {prefix}{missing[0]}: that is no whole WordPress"
        )
    stray = [name for name in tables if not name.startswith(prefix)]
    if stray:
        raise _failed(
            f"The source offers the table {clean(stray[0], 64)}, which does not belong to the site"
        )


def loaded(arrived: Mapping[str, Arrived], tables: Collection[str], prefix: str) -> None:
    """Raise VerificationFailed unless every table has arrived and the site is not an empty one."""
    missing = [name for name in tables if name not in arrived]
    if missing:
        raise _failed(f"Table {clean(missing[0], 64)} has not arrived")
    if not arrived[f"{prefix}options"].rows:
        raise _failed("The copied site has no options: WordPress would offer to install itself")


def settled(connection: Connection, prefix: str, home: str) -> None:
    """Raise VerificationFailed unless the copy knows its address and can be logged in to."""
    for name in ("home", "siteurl"):
        value = options.read(connection, prefix, name)
        if value != home.encode():
            text = clean((value or b"").decode("utf-8", "replace"), 100)
            raise _failed(f"The copied site's option {name} is {text!r} instead of {home}")
    if not (options.read(connection, prefix, _DB_VERSION) or b"").isdigit():
        raise _failed("The copied site does not say which version its database has")
    if not connection.value(f"SELECT COUNT(*) FROM {quoted(prefix + 'users')}"):  # noqa: S608  quoted
        raise _failed("The copied site has no users")


def _failed(sentence: str) -> ImportFailed:
    return ImportFailed(Reason.VERIFICATION_FAILED, sentence)
