# SPDX-License-Identifier: Apache-2.0
"""Learns from a schema what site is in it, and refuses what cannot be copied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed, SourceError
from wpclone.mover import ddl
from wpclone.mover.sources.base import Table
from wpclone.mover.sources.database import tables
from wpclone.mover.sources.database.columns import quoted
from wpclone.mover.sources.database.wire import Wire

_OPTIONS: Final = (
    *("home", "siteurl", "blogname", "db_version", "template", "stylesheet", "active_plugins"),
    *("upload_path", "_site_transient_update_core"),
)
# An option's value is read so far; WordPress' own list of updates comes early in its text.
_MOST_OF_A_VALUE: Final = 65_536
_CHECKED: Final = re.compile(rb'"version_checked";s:\d{1,2}:"([0-9][0-9A-Za-z.+-]{0,31})"')
_CHARSET: Final = re.compile(rb"define\(\s*['\"]DB_CHARSET['\"]\s*,\s*['\"]([a-z0-9]{1,16})['\"]")
_USERS: Final = re.compile(rb"^\s*define\(\s*['\"]CUSTOM_USER(?:_META)?_TABLE['\"]", re.MULTILINE)
_UPLOADS: Final = re.compile(rb"^\s*define\(\s*['\"]UPLOADS['\"]", re.MULTILINE)
_COLLATION: Final = re.compile(rb"\bCOLLATE[ =]([A-Za-z0-9_]{1,64})")
_SEQUENCE: Final = re.compile(rb"\bDEFAULT \(?nextval\(", re.IGNORECASE)
_ENGINE: Final = re.compile(rb"\bENGINE=(\w{1,32})")
_UNICODE: Final = frozenset({"utf8", "utf8mb3", "utf8mb4", "ascii", ""})


@dataclass(frozen=True, slots=True)
class Options:
    """What WordPress' own settings tell."""

    values: Mapping[str, bytes]

    def text(self, name: str, most: int) -> str:
        """Return a setting, harmless to show."""
        return clean(self.values.get(name, b"").decode("utf-8", "replace"), most)

    @property
    def wordpress(self) -> str:
        """The version that last asked for updates, or nothing."""
        found = _CHECKED.search(self.values.get("_site_transient_update_core", b""))
        return found[1].decode() if found else ""

    def versions(self) -> dict[str, str]:
        """Return what an update would change: what it is about, and its version."""
        named = {"the database": "db_version", "the theme": "stylesheet"}
        found = {what: self.text(name, 120) for what, name in named.items()}
        for name in self.values:
            if name.endswith("_db_version"):
                found[clean(name, 120)] = self.text(name, 120)
        found["plugins"] = self.text("active_plugins", 1000)
        return found


def prefix(names: Mapping[str, str], wanted: str | None, schema: str) -> str:
    """Return the site's prefix: what is wanted, or the only one that there is."""
    base = [name for name, kind in names.items() if kind == tables.BASE]
    found = tables.prefixes(base)
    told = ", ".join(clean(prefix, 64) for prefix in sorted(found)[:5])
    if wanted is not None and wanted not in found:
        other = f"; it has them under {told}" if found else ""
        raise SourceError(
            Reason.SOURCE_NOT_WORDPRESS,
            f"The schema {clean(schema, 64)} has no tables {wanted}options, {wanted}posts and"
            f" {wanted}users{other}",
        )
    if not found:
        raise SourceError(
            Reason.SOURCE_NOT_WORDPRESS,
            f"The schema {clean(schema, 64)} has no tables of WordPress, or the login may not see"
            " them",
        )
    if wanted is None and len(found) > 1:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            f"The schema {clean(schema, 64)} has several sites ({told}); name one in"
            " source.database.tablePrefix",
        )
    return wanted or found[0]


def refuse_network(names: Mapping[str, str], prefix: str) -> None:
    """Raise the reason if the tables are those of a network of sites."""
    if all(prefix + part in names for part in ("blogs", "site", "sitemeta")):
        raise SourceError(
            Reason.MULTISITE_UNSUPPORTED,
            "The source is a WordPress network (multisite), which cannot be copied yet",
        )


def options(wire: Wire, prefix: str) -> Options:
    """Read the settings; refuse a site without those that every WordPress has."""
    table = quoted(f"{prefix}options")
    wanted = ",".join(f"'{name}'" for name in _OPTIONS)
    rows = wire.all(
        f"SELECT option_name, CAST(LEFT(option_value, {_MOST_OF_A_VALUE}) AS BINARY) FROM {table}"  # noqa: S608  quoted
        f" WHERE option_name IN ({wanted}) OR option_name LIKE '%\\_db\\_version'",
        1000,
    )
    found = Options({tables.text(name): value or b"" for name, value in rows})
    for name in ("home", "siteurl", "db_version"):
        if not found.values.get(name):
            raise SourceError(
                Reason.SOURCE_NOT_WORDPRESS,
                f"The table {clean(prefix, 64)}options has no option {name}, which every WordPress"
                " has",
            )
    return found


def refuse_layout(wire: Wire, prefix: str, found: Options, config: bytes) -> None:
    """Raise the reason if the site keeps its files or users where they cannot be copied."""
    roles = f"{prefix}user_roles"
    names = wire.all(
        f"SELECT option_name FROM {quoted(prefix + 'options')}"  # noqa: S608  quoted
        " WHERE option_name LIKE '%user\\_roles'",
        1000,
    )
    known = [tables.text(row[0]) for row in names]
    odd = [name for name in known if name != roles and name.lower() == roles.lower()]
    uploads = found.text("upload_path", 200).replace("\\", "/").strip("/")
    problem = None
    if odd and roles not in known:
        # A server that ignores case stores the table's name in small letters.
        own = clean(odd[0].removesuffix("user_roles"), 64)
        problem = f"its tables are called {prefix}…, its settings say {own}…"
    elif _USERS.search(config):
        problem = "users are kept in tables with another prefix"
    elif _UPLOADS.search(config) or (uploads and not f"/{uploads}/".count("/wp-content/")):
        problem = "the uploads folder is outside wp-content"
    if problem:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            f"The source keeps its files or users where they cannot be copied: {problem}",
        )


def charset(wire: Wire, prefix: str, config: bytes) -> str:
    """Return the character set that the site's own connection speaks.

    wp-config.php says it. Without that file it is the one that the site's settings are stored in:
    WordPress makes its tables in the character set that it speaks.
    """
    said = _CHARSET.search(config)
    if said:
        found = said[1].decode()
    else:
        rows = wire.all(f"SHOW FULL COLUMNS FROM {quoted(prefix + 'options')} LIKE 'option_value'")
        found = tables.text(rows[0][2]).partition("_")[0] if rows else ""
    known = {tables.text(row[0]) for row in wire.all("SHOW CHARACTER SET")}
    return "utf8mb4" if found in _UNICODE or found not in known else found


def refuse_definition(table: Table) -> None:
    """Raise the reason if no server of ours could make a table as the source has it."""
    if _SEQUENCE.search(table.ddl):
        raise SourceError(
            Reason.DATABASE_ENGINE_MISMATCH,
            f"Table {clean(table.name, 64)} takes its numbers from a sequence, which is not copied",
        )
    # What a server knows is seen when it loads; here, that there is nothing foreign at all.
    collations = {word.decode().lower() for word in _COLLATION.findall(table.ddl)}
    every = collations | {f"{name}_general_ci" for name in ("utf8", "utf8mb3", "utf8mb4")}
    engines = {word.decode().lower() for word in _ENGINE.findall(table.ddl)}
    dialect = ddl.Dialect(frozenset(every), frozenset(engines))
    try:
        ddl.mapped(table.name, table.ddl, dialect)
    except ImportFailed as error:
        raise SourceError(Reason.DATABASE_ENGINE_MISMATCH, error.message) from error
