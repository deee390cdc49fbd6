# SPDX-License-Identifier: Apache-2.0
"""Reads the row of an INSERT into values, and writes back only those that have changed."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wpclone.rewrite import literals
from wpclone.rewrite.literals import Dialect


class Form(enum.Enum):
    """How a value is written in the dump."""

    RAW = "raw"  # NULL, a number, an expression
    TEXT = "text"  # a quoted literal, perhaps behind an introducer such as `_binary`
    HEX = "hex"  # 0x… or X'…'


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a row: the token as it stands in the dump, and what it means."""

    raw: bytes
    form: Form
    dialect: Dialect = literals.BACKSLASHES
    intro: bytes = b""

    @property
    def is_null(self) -> bool:
        """Tell whether it is the NULL of SQL."""
        return self.form is Form.RAW and self.raw.upper() == literals.NULL

    @property
    def data(self) -> bytes | None:
        """The bytes that the database would hold; None for NULL; digits for a number."""
        if self.form is Form.TEXT:
            return self.dialect.decode(self.raw[len(self.intro) :])
        if self.form is Form.HEX:
            return literals.unhex(self.raw[len(self.intro) :])
        return None if self.is_null else self.raw

    def with_data(self, data: bytes, was: bytes | None = None) -> Value:
        """Give a value that means other bytes, written in the same form.

        `was` is its present meaning, if the caller has it at hand.
        """
        old = self.raw[len(self.intro) :]
        if self.form is Form.HEX:
            raw = self.intro + literals.to_hex(data, old)
            return Value(raw, Form.HEX, self.dialect, self.intro)
        like = old if self.form is Form.TEXT else b"''"
        raw = self.intro + self.dialect.encode(data, like, was if like is old else None)
        return Value(raw, Form.TEXT, self.dialect, self.intro)

    def as_null(self) -> Value:
        """Give the NULL of SQL."""
        return Value(literals.NULL, Form.RAW, self.dialect)


RowHook = Callable[[str, tuple[str, ...], list[Value]], list[Value] | None]
"""Sees a row with its addresses already rewritten; gives the values to write, None to drop it."""

Hooked = Callable[[str], bool | Sequence[bytes]]
"""Says of a table whether its rows are shown: all, none, or those with an alarm.

An alarm is one of the signs given, in any letter case, or a number of eight digits.
"""

TableHook = Callable[[str, bytes], None]
"""Hears of a table's name and the statement that makes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where the values of a row stand in it; not whole if it could not be read to its end."""

    raw: bytes
    spans: list[tuple[int, int, Form, int]]
    dialect: Dialect
    is_whole: bool

    def value(self, at: int) -> Value:
        """Give one value of the row."""
        low, high, form, behind_intro = self.spans[at]
        return Value(self.raw[low:high], form, self.dialect, self.raw[low:behind_intro])

    def written(self, changes: Mapping[int, bytes]) -> bytes:
        """Give the row with some tokens changed: everything else keeps its bytes."""
        parts: list[bytes] = []
        done = 0
        for at in sorted(changes):
            low, high, _, _ = self.spans[at]
            parts += (self.raw[done:low], changes[at])
            done = high
        return b"".join((*parts, self.raw[done:])) if parts else self.raw


_FORMS = {"text": Form.TEXT, "hex": Form.HEX, "raw": Form.RAW}


def parse(raw: bytes, dialect: Dialect) -> Row:
    """Split a row, parentheses included, into its values."""
    spans: list[tuple[int, int, Form, int]] = []
    at = 1
    match = dialect.field.match
    while at < len(raw):
        found = match(raw, at)
        if found is None:
            break
        kind = found.lastgroup or "raw"
        low, high = found.span(kind)
        begin = found.start("intro")
        spans.append((begin if begin >= 0 else low, high, _FORMS[kind], low))
        at = found.end()
    return Row(raw, spans, dialect, is_whole=at == len(raw))
