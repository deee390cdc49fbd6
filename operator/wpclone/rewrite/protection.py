# SPDX-License-Identifier: Apache-2.0
"""Names the columns, options and metadata whose addresses are identities, never to be rewritten.

Tables are recognised by the end of their name together with the columns that WordPress gives
them, so that every prefix of a shared schema is covered, also those of a network's sites.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The order of core's columns, for dumps that have neither column lists nor CREATE TABLE.
_CORE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "options": _names("option_id option_name option_value autoload"),
    "posts": _names(
        """ID post_author post_date post_date_gmt post_content post_title post_excerpt post_status
        comment_status ping_status post_password post_name to_ping pinged post_modified
        post_modified_gmt post_content_filtered post_parent guid menu_order post_type
        post_mime_type comment_count"""
    ),
    "postmeta": _names("meta_id post_id meta_key meta_value"),
    "usermeta": _names("umeta_id user_id meta_key meta_value"),
    "users": _names(
        """ID user_login user_pass user_nicename user_email user_url user_registered
        user_activation_key user_status display_name"""
    ),
}

# The tables of a network's sites have a number behind the prefix.
_SITE = re.compile(r"\d+_")


def core_columns(table: str, prefix: str) -> tuple[str, ...]:
    """Give the columns of one of core's tables; none for any other."""
    rest = table.removeprefix(prefix)
    site = _SITE.match(rest)
    return _CORE_COLUMNS.get(rest[site.end() :] if site else rest, ())


@dataclass(frozen=True, slots=True)
class Keyed:
    """A table of names and values in which some names are protected."""

    key: str
    value: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Protection:
    """What is left alone: whole columns, and the values of some names."""

    columns: Mapping[str, frozenset[str]]
    keyed: Mapping[str, Keyed]

    def guard(self, table: str, columns: Sequence[str], prefix: str) -> Guard:
        """Resolve the rules for one table of a dump, in any letter case as servers do.

        Of a table whose columns nobody told, they are taken to be those of core's table.
        """
        for ending in (*self.columns, *self.keyed):
            is_ours = table.lower() == f"{prefix}{ending}".lower()
            if not is_ours and not f"_{table}".lower().endswith(f"_{ending}"):
                continue
            told = columns or _CORE_COLUMNS.get(ending, ())
            names = [name.lower() for name in told]
            fixed = self.columns.get(ending, frozenset[str]())
            keyed = self.keyed.get(ending)
            places = frozenset(at for at, name in enumerate(names) if name in fixed)
            if keyed is None or keyed.key not in names or keyed.value not in names:
                return Guard(places, None, -1, frozenset())
            at_key, at_value = names.index(keyed.key), names.index(keyed.value)
            return Guard(places, at_key, at_value, frozenset(n.encode() for n in keyed.names))
        return Guard(frozenset(), None, -1, frozenset())


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules for the rows of one table, by place."""

    places: frozenset[int]
    key: int | None
    value: int
    names: frozenset[bytes]


_SECRETS = _names(
    """auth_key auth_salt logged_in_key logged_in_salt nonce_key nonce_salt
    secure_auth_key secure_auth_salt secret_key secret_salt"""
)

DEFAULT = Protection(
    columns={
        "posts": frozenset({"guid"}),
        "users": frozenset({"user_pass", "user_activation_key"}),
        "signups": frozenset({"activation_key"}),
    },
    keyed={
        "options": Keyed(
            "option_name", "option_value", frozenset({"wc_subscriptions_siteurl", *_SECRETS})
        ),
        "sitemeta": Keyed("meta_key", "meta_value", frozenset(_SECRETS)),
        "usermeta": Keyed(
            "meta_key", "meta_value", frozenset({"session_tokens", "_application_passwords"})
        ),
    },
)
