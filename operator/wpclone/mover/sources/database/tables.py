# SPDX-License-Identifier: Apache-2.0
"""Knows the tables of one site: which are its own, how each is paged, which rows belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.sources.database.columns import Column, quoted
from wpclone.mover.sources.database.wire import Wire

BASE: Final = "BASE TABLE"
# No site has more; a schema full of others is not listed to its end.
MAX_TABLES: Final = 20_000
_PARTS: Final = ("options", "posts", "users")


@dataclass(frozen=True, slots=True)
class Shape:
    """One table's columns, and the key by which it is paged: none if none can be relied on."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[Column, ...]
    beside: str = ""
    """What is joined to the table, as SQL, to tell which rows are wanted."""

    @property
    def quoted(self) -> str:
        """The name as SQL."""
        return quoted(self.name)

    @property
    def single_integer_key(self) -> Column | None:
        """The column that an integer key consists of, if it does."""
        return self.key[0] if len(self.key) == 1 and self.key[0].is_integer else None

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    def condition(self, limits: Mapping[str, int], prefix: str) -> str:
        """Return the condition for rows that belong to the copy."""
        parts = ["1"]
        for name, highest in limits.items():
            if column := self.column(name):
                parts.append(f"{column.quoted} <= {highest:d}")
        if self.name == f"{prefix}options":
            parts.append(r"option_name NOT LIKE 'wpclone\\_agent\\_%'")
        return " AND ".join(parts)

    def digest(self) -> str:
        """Return what tells one row from the next, for tables without a key."""
        parts = ",".join(f"IFNULL(MD5({column.expression()}),'-')" for column in self.columns)
        return f"MD5(CONCAT({parts}))"


def listed(wire: Wire) -> dict[str, str]:
    """Return every name in the schema, and what it is."""
    rows = wire.all("SHOW FULL TABLES", MAX_TABLES)
    return {text(row[0]): text(row[1]) for row in rows}


def prefixes(names: Iterable[str]) -> list[str]:
    """Return the prefixes under which there is a WordPress, longest first."""
    known = set(names)
    found = (name.removesuffix("options") for name in known if name.endswith("options"))
    whole = {p for p in found if p and all(p + part in known for part in _PARTS)}
    return sorted(whole, key=lambda prefix: (-len(prefix), prefix))


def own(names: Iterable[str], prefix: str, every: Iterable[str]) -> list[str]:
    """Return the names of one site: of several prefixes that fit a name, the longest has it."""
    by_length = sorted({prefix, *every}, key=len, reverse=True)

    def owner(name: str) -> str | None:
        return next((known for known in by_length if name.startswith(known)), None)

    return [name for name in names if owner(name) == prefix]


def shape(wire: Wire, name: str, site: str) -> Shape:
    """Read a table's columns and key."""
    columns = [
        Column.read(
            {"field": text(r[0]), "type": text(r[1]), "collation": text(r[2]), "extra": text(r[6])},
            site,
        )
        for r in wire.all(f"SHOW FULL COLUMNS FROM {quoted(name)}")
    ]
    copied = tuple(column for column in columns if not column.generated)
    if not copied:
        raise SourceError(
            Reason.SOURCE_LAYOUT_UNSUPPORTED, f"Table {clean(name, 64)} has no column to copy"
        )
    known = {column.name: column for column in copied}
    # Table, Non_unique, Key_name, Seq_in_index, Column_name, Collation, Cardinality, Sub_part,
    # Packed, Null
    index = [
        (text(r[2]), known.get(text(r[4])) if text(r[9]) != "YES" and r[7] is None else None)
        for r in wire.all(f"SHOW INDEX FROM {quoted(name)}")
        if text(r[1]) == "0"
    ]
    return Shape(name, copied, _key(index))


def _key(index: Sequence[tuple[str, Column | None]]) -> tuple[Column, ...]:
    """Pick the primary key, or else a unique index, if its order can be relied on."""
    keys: dict[str, list[Column | None]] = {}
    for name, column in index:
        keys.setdefault(name, []).append(column if column and column.is_ordered else None)
    for name in sorted(keys, key=lambda name: name != "PRIMARY"):
        key = tuple(column for column in keys[name] if column)
        if len(key) == len(keys[name]):
            return key
    return ()


def sizes(wire: Wire) -> dict[str, int]:
    """Return the bytes of data and indexes by table."""
    # Name, Engine, Version, Row_format, Rows, Avg_row_length, Data_length, Max_data_length,
    # Index_length
    rows = wire.all("SHOW TABLE STATUS", MAX_TABLES)
    return {text(row[0]): number(row[6]) + number(row[8]) for row in rows}


def definition(wire: Wire, name: str) -> bytes:
    """Return a table's real CREATE TABLE statement."""
    rows = wire.all(f"SHOW CREATE TABLE {quoted(name)}")
    return (rows[0][1] or b"") if rows else b""


def text(value: bytes | None) -> str:
    """Return a name or a word of the server's."""
    return (value or b"").decode("utf-8", "replace")


def number(value: bytes | None) -> int:
    """Return a number of the server's; nothing and nonsense are 0."""
    word = value or b""
    return int(word) if word.isdigit() and len(word) <= 20 else 0  # noqa: PLR2004  2**64
