# SPDX-License-Identifier: Apache-2.0
"""Cuts a CREATE TABLE into its words, names, texts and signs; refuses what has no place there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed

_TOKEN: Final = re.compile(
    rb"(?P<space>\s+)"
    rb"|(?P<comment>/\*.*?\*/)"
    rb"|(?P<name>`(?:[^`]|``)++`)"
    rb"|(?P<text>'(?:[^'\\]|\\.|'')*+')"
    rb"|(?P<word>[A-Za-z0-9_$.]++)"
    rb"|(?P<sign>[(),=+*/%<>!&|-])",
    re.DOTALL,
)
_FORBIDDEN_WORDS: Final = frozenset({b"SELECT", b"OUTFILE", b"DUMPFILE", b"LOAD_FILE", b"DEFINER"})


@dataclass(slots=True)
class Token:
    """One part of a definition: what it is, and its bytes."""

    kind: str
    text: bytes

    @property
    def upper(self) -> bytes:
        """The word or sign, in upper case; nothing for names, texts and white space."""
        return self.text.upper() if self.kind in {"word", "sign"} else b""


def tokens(table: str, ddl: bytes) -> Iterator[Token]:
    """Give the parts of a table's definition; ImportFailed at the first that is foreign to it."""
    at = 0
    text = ddl.strip().removesuffix(b";").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None or text.startswith(b"--", at):
            raise foreign(table, "its definition holds a sign that has no place there")
        token = Token(match.lastgroup, match.group())
        if token.upper in _FORBIDDEN_WORDS:
            raise foreign(table, f"its definition says {token.upper.decode()}")
        yield token
        at = match.end()


def foreign(table: str, why: str) -> ImportFailed:
    """Return the refusal of a definition."""
    return ImportFailed(
        Reason.IMPORT_FAILED,
        f"The source's table {clean(table, 64)} cannot be taken over: {why}",
    )
