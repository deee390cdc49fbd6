# SPDX-License-Identifier: Apache-2.0
"""Finds out whose site a dump holds: its prefix and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.archive import columns
from wpclone.mover.sources.archive.scanning import Dump, Found, unsupported

_OPTIONS: Final = "options"
_OTHERS: Final = ("posts", "users", "usermeta")


@dataclass(frozen=True, slots=True)
class Site:
    """The one site of a dump."""

    prefix: str
    siteurl: str
    home: str
    title: str
    multisite: bool


def site(dump: Dump) -> Site:
    """Return the site of a dump; SourceError if there is none, or more than one."""
    prefixes = [
        table.removesuffix(_OPTIONS)
        for table, options in dump.options.items()
        if options.get("siteurl") and options.get("home")
    ]
    whole = [p for p in prefixes if all(f"{p}{name}" in dump.tables for name in _OTHERS)]
    if not whole:
        raise SourceError(
            Reason.SOURCE_NOT_WORDPRESS,
            "The archive's dump holds no WordPress: no options with siteurl and home beside posts,"
            " users and usermeta",
        )
    if len(whole) > 1:
        named = ", ".join(clean(prefix, 20) for prefix in sorted(whole)[:4])
        raise unsupported(f"holds {len(whole)} sites, with the prefixes {named}; dump one of them")
    return _checked(dump, whole[0])


def _checked(dump: Dump, prefix: str) -> Site:
    ours = {name: found for name, found in dump.tables.items() if name.startswith(prefix)}
    for name, found in sorted(ours.items()):
        if not found.ddl:
            raise unsupported(f"has no definition of its table {clean(name, 64)}")
        if found.altered:
            raise unsupported(
                f"makes keys of its table {clean(name, 64)} by a later ALTER TABLE; use a dump of"
                " mariadb-dump, mysqldump or wp db export"
            )
        _readable(dump, found)
    options = dump.options[f"{prefix}{_OPTIONS}"]
    return Site(
        prefix,
        clean(options["siteurl"], 2048),
        clean(options["home"], 2048),
        clean(options.get("blogname", ""), 200),
        multisite=f"{prefix}blogs" in dump.tables and f"{prefix}site" in dump.tables,
    )


def _readable(dump: Dump, found: Found) -> None:
    """Refuse values that PHP never saw like this: lengths within them count other bytes."""
    if dump.charset in columns.UNICODE:
        return
    for column in columns.read(found.ddl, dump.charset):
        if column.charset and not columns.same_bytes(column.charset, dump.charset):
            raise unsupported(
                f"is written in {clean(dump.charset, 32)}, its table {clean(found.name, 64)} in"
                f" {clean(column.charset, 32)}; dump with --default-character-set=utf8mb4"
            )
