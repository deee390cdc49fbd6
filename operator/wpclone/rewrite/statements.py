# SPDX-License-Identifier: Apache-2.0
"""Recognises the few SQL statements whose meaning matters: INSERT, CREATE TABLE, SET sql_mode."""

from __future__ import annotations

import re
from typing import Final

_UTF_16: Final = "The dump is in UTF-16 and was not understood; convert it to UTF-8 first"
_GZIP: Final = "The dump is compressed and was not understood; pass it through zcat first"
# How what is no dump yet begins. Shells of Windows write in UTF-16 what a dump program prints.
FOREIGN: Final = {b"\xff\xfe": _UTF_16, b"\xfe\xff": _UTF_16, b"\x1f\x8b": _GZIP}
# By what the engine in machine code calls the two.
MARKS: Final = {"\ufeff": _UTF_16, "\x1f": _GZIP}

_NAME = rb"(?:`(?:[^`]|``)++`|\"[^\"]++\"|[\w$\x80-\xff-]++)"
_TABLE = rb"(?:" + _NAME + rb"\s*+\.\s*+)?(?P<table>" + _NAME + rb")"

LINE_COMMENT = rb"--(?=\s)[^\n]*+\n|#[^\n]*+\n"
COMMENT = LINE_COMMENT + rb"|/\*.*?\*/"
GAP = rb"(?:\s++|" + COMMENT + rb")*+"
TRAILER = re.compile(
    rb"(?:[\s\0]++|--[^\n]*+|#[^\n]*+|/\*.*?\*/|DELIMITER[ \t][^\n]*+)*+\Z",
    re.DOTALL | re.IGNORECASE,
)
DELIMITER = re.compile(rb"DELIMITER[ \t]++(?:(\S++)[^\n]*+(\n))?", re.IGNORECASE)
INSERT = re.compile(
    rb"(?:INSERT|REPLACE)\b"
    + GAP
    + rb"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\b"
    + GAP
    + rb")*+(?:INTO\b"
    + GAP
    + rb")?"
    + _TABLE
    + GAP
    + rb"(?:\((?P<columns>(?:[^()`\";#/-]++|"
    + COMMENT
    + rb"|/(?!\*)|-(?!-\s)|`[^`]*+`|\"[^\"]*+\")*+)\)"
    + GAP
    + rb")?VALUES?"
    + GAP
    + rb"(?=\()",
    re.IGNORECASE | re.DOTALL,
)
# Statements that write values: in a form we do not read, an address would stay unnoticed.
_SILENT = frozenset({b"INSERT ", b"REPLACE", b"UPDATE "})
_EXECUTED = re.compile(rb"/\*M?!\d*+\s*+(?:INSERT|REPLACE|UPDATE)\s", re.IGNORECASE)
BETWEEN = re.compile(GAP, re.DOTALL)
_LISTED = re.compile(COMMENT + rb"|(?P<name>" + _NAME + rb")", re.DOTALL)
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
# What may say something about the mode: executable comments in front of a statement, and itself.
_SPOKEN = re.compile(
    rb"(?:[\s\0]++|"
    + LINE_COMMENT
    + rb"|/\*(?!M?!).*?\*/)*+(?:/\*M?!\d*+(?P<run>.*?)\*/|(?P<rest>.++))",
    re.DOTALL,
)
# A server's own mode, and the one of tomorrow, do not change how this dump is read.
_SET = re.compile(rb"\s*+SET\s++(?!(?:@@)?(?:GLOBAL|PERSIST)(?:_ONLY)?\b)", re.IGNORECASE)
_MODE = re.compile(
    rb"(?<!global\.)(?<!persist\.)\bsql_mode`?\s*+:?=\s*+(?:@(?P<kept>[\w$.]++)|(?P<text>.*))",
    re.IGNORECASE | re.DOTALL,
)
_KEPT_MODE = re.compile(
    rb"@([\w$.]++)\s*+:?=\s*+@@(?:(?:session|local)\s*+\.\s*+)?sql_mode\b", re.IGNORECASE
)
# A dump keeps the mode in one or two variables; the bound only guards against hostile ones.
_MOST_KEPT = 64


def name(quoted: bytes) -> str:
    """Give a table's or column's name without its quotes."""
    for quote in (b"`", b'"'):
        if quoted.startswith(quote):
            quoted = quoted[1:-1].replace(quote * 2, quote)
            break
    return quoted.decode("utf-8", "replace")


def silent(statement: bytes, whole: bytes) -> bytes:
    """Give what writes values in a form that is not read: the statement, or a comment before it."""
    if statement[:7].upper() in _SILENT:
        return statement
    found = _EXECUTED.search(whole)
    return whole[found.start() :] if found else b""


def listed(columns: bytes) -> tuple[str, ...]:
    """Give the names of a column list."""
    return tuple(name(found[0]) for found in _LISTED.finditer(columns) if found["name"])


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


class Modes:
    """Follows what a dump says about backslashes: set, kept in a variable, put back."""

    def __init__(self) -> None:
        """Begin as a server does, with backslash escapes."""
        self._backslashes = True
        self._kept: dict[bytes, bool] = {}

    def after(self, statement: bytes) -> bool:
        """Tell whether strings have backslash escapes from this statement on."""
        for found in _SPOKEN.finditer(statement):
            text = found["rest"] if found["run"] is None else found["run"]
            if _SET.match(text):
                self._set(text)
        return self._backslashes

    def _set(self, text: bytes) -> None:
        for kept in _KEPT_MODE.finditer(text):
            if len(self._kept) < _MOST_KEPT:
                self._kept[kept[1].lower()] = self._backslashes
        found = _MODE.search(text)
        if found is None:
            return
        if found["kept"] is not None:
            self._backslashes = self._kept.get(found["kept"].lower(), True)
            return
        mode = found["text"].upper()
        is_named = b"NO_BACKSLASH_ESCAPES" in mode
        if b"@@" not in mode:
            self._backslashes = not is_named
        elif is_named:  # the mode as it is, with this added to it or taken from it
            self._backslashes = b"REPLACE" in mode
