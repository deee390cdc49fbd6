# SPDX-License-Identifier: Apache-2.0
"""Knows one column: how to select it, and how to write its value so that it loads back the same.

The literals are those that the agent plugin writes for a live site (`WPClone_Agent_Column`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

_FIRST_WORD: Final = re.compile(r"[a-z0-9]+")
_GENERATED: Final = re.compile(r"\b(VIRTUAL|STORED|PERSISTENT)( GENERATED)?\b", re.IGNORECASE)
_INTEGERS: Final = frozenset(("tinyint", "smallint", "mediumint", "int", "integer", "bigint"))
_EXACT: Final = _INTEGERS | {"decimal", "numeric"}
_NUMBERS: Final = _EXACT | {"float", "double", "year"}
_SPATIAL: Final = frozenset(
    (
        *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"),
        *("multipolygon", "geometrycollection", "geomcollection"),
    )
)
# Types of text that has no character set; the server refuses binary literals for them.
_PURE_TEXT: Final = frozenset(("json", "uuid", "inet4", "inet6"))
# Comparing with a literal follows the order of the index: not so for ENUM, SET and floats.
_ORDERED: Final = _EXACT | frozenset(
    ("char", "varchar", "binary", "varbinary", "date", "datetime", "timestamp")
)
_NUMBER: Final = re.compile(rb"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_PLAIN: Final = re.compile(rb"[^\0\n\r\x1a\\'\"]*+")
_ESCAPES: Final = (
    (b"\\", b"\\\\"),
    (b"\0", b"\\0"),
    (b"\n", b"\\n"),
    (b"\r", b"\\r"),
    (b"\x1a", b"\\Z"),
    (b"'", b"\\'"),
    (b'"', b'\\"'),
)


Writer = Callable[[bytes | None], bytes]
"""Writes one value as SQL."""


class Kind(Enum):
    """How a column's values travel."""

    NUMBER = "number"
    BIT = "bit"
    BINARY = "binary"
    TEXT = "text"
    FOREIGN = "foreign"  # text in another character set than the site's


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    kind: Kind
    charset: str
    site: str
    """Character set that the site's own connection speaks."""
    generated: bool = False

    @classmethod
    def read(cls, row: Mapping[str, str], site: str) -> Column:
        """Read a row of SHOW FULL COLUMNS."""
        word = _FIRST_WORD.match(row["type"].lower())
        kind, charset = word[0] if word else "", row["collation"].partition("_")[0]
        return cls(
            name=row["field"],
            type=kind,
            kind=_kind(kind, charset, site),
            charset=charset,
            site=site,
            generated=_GENERATED.search(row["extra"]) is not None,
        )

    @property
    def quoted(self) -> str:
        """The name as SQL."""
        return quoted(self.name)

    @property
    def may_be_long(self) -> bool:
        """Whether a value may be too long to be one of many in a row."""
        long = ("varchar", "varbinary", "vector")
        return self.type.endswith(("text", "blob", "json")) or self.type in long or self.is_spatial

    @property
    def is_spatial(self) -> bool:
        """Whether the column holds geometry."""
        return self.type in _SPATIAL

    @property
    def is_integer(self) -> bool:
        """Whether the column holds whole numbers."""
        return self.type in _INTEGERS

    @property
    def is_ordered(self) -> bool:
        """Whether a table can be paged by it."""
        return self.type in _ORDERED and self.kind is not Kind.FOREIGN

    @property
    def _converted(self) -> bool:
        return self.kind is Kind.FOREIGN and self.charset != ""

    def expression(self) -> str:
        """Return what to select to read the column."""
        if self.kind is Kind.BIT:
            return f"{self.quoted}+0"
        if self.type == "float":
            # As itself it shows six digits, and would come back as another number.
            return f"{self.quoted}+0e0"
        if not self._converted:
            return self.quoted
        # What the site cannot hold would arrive as '?': such a value travels as its stored bytes.
        name = self.quoted
        back = f"CONVERT(CONVERT({name} USING {self.site}) USING {self.charset})"
        # Both in one character set: older servers refuse to choose between two.
        text, stored = (
            f"CONVERT(CONCAT({value}) USING {self.site})"
            for value in (f"'t', {name}", f"'x', HEX({name})")
        )
        return f"IF(CAST({back} AS BINARY) <=> CAST({name} AS BINARY), {text}, {stored})"

    def survives(self, value: str) -> str:
        """Return the condition that a long value arrives without a loss."""
        if not self._converted:
            return "1"
        # Digests, because the server turns long binaries into NULL.
        back = f"CONVERT(CONVERT({value} USING {self.site}) USING {self.charset})"
        return f"MD5({back}) <=> MD5({value})"

    def is_long(self, limit: int) -> str:
        """Return the condition that a value is longer than a limit."""
        return f"IFNULL(LENGTH({self.quoted})>{limit},0)"

    def bounded(self, limit: int) -> str:
        """Return what to select to read the column, NULL where it is longer than a limit."""
        whole = self.expression()
        return f"IF({self.is_long(limit)},NULL,{whole})" if self.may_be_long else whole

    def writer(self) -> Writer:
        """Return what writes values, as `expression` reads them, as literals."""
        introducer, stored = self.introducer, f"_{self.charset} 0x".encode()

        def number(value: bytes | None) -> bytes:
            if value is None:
                return b"NULL"
            return value if _NUMBER.fullmatch(value) else string(value)

        # Binary not in hex: that would double what the loading server's packet has to hold.
        def plain(value: bytes | None) -> bytes:
            return b"NULL" if value is None else introducer + string(value)

        def marked(value: bytes | None) -> bytes:
            if value is None:
                return b"NULL"
            is_text = value[:1] == b"t" or len(value) == 1
            return introducer + string(value[1:]) if is_text else stored + value[1:]

        if self._converted:
            return marked
        return number if self.kind in {Kind.NUMBER, Kind.BIT} else plain

    @property
    def introducer(self) -> bytes:
        """What has to stand before a string with this column's text."""
        if self.kind is Kind.BINARY:
            return b"_binary"
        if self.kind is not Kind.FOREIGN:
            return b""
        # Text without a character set is ASCII, or Unicode in JSON.
        return b"_" + (self.site if self.charset else "utf8mb4").encode()

    def compared(self, operator: str, value: bytes) -> str:
        """Return the condition that compares the column with a value of it."""
        if self.kind is Kind.NUMBER:
            literal = value.decode("ascii") if _NUMBER.fullmatch(value) else "0"
        elif self.kind is Kind.BINARY:
            literal = f"X'{value.hex()}'"
        elif self.kind is Kind.TEXT and self.charset:
            literal = f"_{self.site} X'{value.hex()}'"
        else:
            literal = string(value).decode("ascii", "replace")
        return f"{self.quoted}{operator}{literal}"


def quoted(name: str) -> str:
    """Return a name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def string(data: bytes) -> bytes:
    """Write bytes as a string."""
    if _PLAIN.fullmatch(data):
        return b"'" + data + b"'"  # most values need no more than this look
    return b"'" + escaped(data) + b"'"


def escaped(data: bytes) -> bytes:
    """Write bytes as the inside of a string."""
    for plain, written in _ESCAPES:
        data = data.replace(plain, written)
    return data


def _kind(kind: str, charset: str, site: str) -> Kind:
    if kind == "bit":
        return Kind.BIT
    if kind in _NUMBERS:
        return Kind.NUMBER
    binary = kind.endswith(("blob", "binary")) or charset == "binary" or kind == "vector"
    if binary or kind in _SPATIAL:
        return Kind.BINARY
    if kind in _PURE_TEXT:
        return Kind.FOREIGN
    return Kind.TEXT if not charset or _same(charset, site) else Kind.FOREIGN


def _same(column: str, site: str) -> bool:
    """Tell whether bytes of a column mean the same to the site."""
    column = "utf8mb3" if column == "utf8" else column
    site = "utf8mb3" if site == "utf8" else site
    return column in {site, "ascii"} or (column == "utf8mb3" and site == "utf8mb4")
