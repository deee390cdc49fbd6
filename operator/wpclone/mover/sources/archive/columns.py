# SPDX-License-Identifier: Apache-2.0
"""Reads out of a CREATE TABLE in which character set each column holds its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    rb"(?P<name>`(?:[^`]|``)*+`)|'(?:[^'\\]|\\.|'')*+'|[(),]|[^\s`'(),]++", re.DOTALL
)
_TEXTS: Final = frozenset(
    b"CHAR VARCHAR TINYTEXT TEXT MEDIUMTEXT LONGTEXT ENUM SET NCHAR NVARCHAR".split()
)
UNICODE: Final = frozenset({"utf8", "utf8mb3", "utf8mb4"})
_PLAIN: Final = frozenset({"binary", "ascii"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `charset` is None where it holds no text."""

    name: str
    charset: str | None


def read(ddl: bytes, default: str) -> list[Column]:
    """Return the columns in their order; `default` is the character set of who does not say."""
    opening = ddl.index(b"(") + 1
    items: list[list[re.Match[bytes]]] = [[]]
    depth, end = 1, len(ddl)
    for token in _TOKEN.finditer(ddl, opening):
        depth += (token[0] == b"(") - (token[0] == b")")
        if depth == 0:
            end = token.end()
            break
        if depth == 1 and token[0] == b",":
            items.append([])
        else:
            items[-1].append(token)
    # Keys and checks begin with a word, columns with a name.
    columns = [[token[0] for token in item] for item in items if item and item[0]["name"]]
    whole = _said([word for token in _TOKEN.finditer(ddl, end) for word in token[0].split(b"=")])
    return [_column(tokens, whole or default) for tokens in columns]


def same_bytes(one: str, other: str) -> bool:
    """Tell whether text that is in both character sets has the same bytes in them."""
    return one == other or not _PLAIN.isdisjoint({one, other}) or {one, other} <= UNICODE


def _column(tokens: list[bytes], default: str) -> Column:
    name = tokens[0][1:-1].replace(b"``", b"`").decode("utf-8", "replace")
    kind = tokens[1].upper() if len(tokens) > 1 else b""
    if kind not in _TEXTS:
        return Column(name, "utf8mb4" if kind == b"JSON" else None)
    return Column(name, _said(tokens[2:]) or default)


def _said(words: list[bytes]) -> str | None:
    """Return the character set that words of a definition name, or that of their collation."""
    upper = [word.upper() for word in words]
    for at, word in enumerate(upper[:-1]):
        if word == b"CHARSET" or (word == b"SET" and at and upper[at - 1] == b"CHARACTER"):
            return words[at + 1].decode("ascii", "replace").lower()
    for at, word in enumerate(upper[:-1]):
        if word == b"COLLATE":
            return words[at + 1].decode("ascii", "replace").lower().split("_", 1)[0]
    return None
