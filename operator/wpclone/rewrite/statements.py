# SPDX-License-Identifier: Apache-2.0
"""Recognises the few SQL statements whose meaning matters: INSERT, CREATE TABLE, SET sql_mode."""

from __future__ import annotations

import re

_NAME = rb"(?:`(?:[^`]|``)++`|\"[^\"]++\"|[\w$\x80-\xff-]++)"
_TABLE = rb"(?:" + _NAME + rb"\s*+\.\s*+)?(?P<table>" + _NAME + rb")"

# White space and comments, executable ones included: none of them begins an INSERT.
TRIVIA = re.compile(rb"(?:\s++|\xef\xbb\xbf|--(?=\s)[^\n]*+\n|#[^\n]*+\n|/\*.*?\*/)*+", re.DOTALL)
TRAILER = re.compile(
    rb"(?:[\s\0]++|--[^\n]*+|#[^\n]*+|/\*.*?\*/|DELIMITER[ \t][^\n]*+)*+\Z",
    re.DOTALL | re.IGNORECASE,
)
DELIMITER = re.compile(rb"DELIMITER[ \t]++(?:(\S++)[^\n]*+(\n))?", re.IGNORECASE)
INSERT = re.compile(
    rb"(?:INSERT|REPLACE)\s++(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s++)*+(?:INTO\s++)?"
    + _TABLE
    + rb"\s*+(?:\((?P<columns>(?:[^()`\";]++|`[^`]*+`|\"[^\"]*+\")*+)\)\s*+)?VALUES?\s*+(?=\()",
    re.IGNORECASE,
)
SPACE = re.compile(rb"\s*+")
_CREATE = re.compile(
    rb"CREATE\s++(?:TEMPORARY\s++)?TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?" + _TABLE + rb"\s*+\(",
    re.IGNORECASE,
)
_PART = re.compile(
    rb"(?P<name>`(?:[^`]|``)*+`)|'(?:[^'\\]|\\.|'')*+'|\"[^\"]*+\"|[(),]|[^\s`'\"(),]++", re.DOTALL
)
_NO_COLUMN = frozenset(
    b"PRIMARY KEY INDEX UNIQUE FULLTEXT SPATIAL CONSTRAINT FOREIGN CHECK PERIOD".split()
)
_MODE = re.compile(rb"\bSET\b.*?\bsql_mode\s*+:?=(.*)", re.IGNORECASE | re.DOTALL)
_CHANGES_MODE = re.compile(rb"\bsql_mode\b", re.IGNORECASE)


def name(quoted: bytes) -> str:
    """Give a table's or column's name without its quotes."""
    for quote in (b"`", b'"'):
        if quoted.startswith(quote):
            quoted = quoted[1:-1].replace(quote * 2, quote)
            break
    return quoted.decode("utf-8", "replace")


def listed(columns: bytes) -> tuple[str, ...]:
    """Give the names of a column list."""
    return tuple(name(found[0]) for found in re.finditer(_NAME, columns))


def created(statement: bytes, at: int) -> tuple[str, tuple[str, ...]] | None:
    """Give table and columns of a CREATE TABLE at a place; None for anything else."""
    head = _CREATE.match(statement, at)
    if head is None:
        return None
    columns: list[str] = []
    depth, opens = 1, True
    for part in _PART.finditer(statement, head.end()):
        text = part[0]
        if opens and depth == 1:
            is_column = part["name"] is not None or (
                text.upper() not in _NO_COLUMN and text not in b"(),"
            )
            if is_column:
                columns.append(name(text))
        depth += (text == b"(") - (text == b")")
        if depth == 0:
            break
        opens = text == b","
    return name(head["table"]), tuple(columns)


def backslashes_after(statement: bytes) -> bool | None:
    """Tell whether strings have backslash escapes from here on; None if nothing is said of it."""
    if _CHANGES_MODE.search(statement) is None:
        return None
    found = _MODE.search(statement)
    if found is None:
        return None
    return b"NO_BACKSLASH_ESCAPES" not in found[1].upper()
