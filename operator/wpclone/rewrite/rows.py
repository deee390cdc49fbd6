# SPDX-License-Identifier: Apache-2.0
"""Reads the row of an INSERT into values, and writes back only those that have changed."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
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

    def with_data(self, data: bytes) -> Value:
        """Give a value that means other bytes, written in the same form."""
        old = self.raw[len(self.intro) :]
        if self.form is Form.HEX:
            return Value(
                self.intro + literals.to_hex(data, old), Form.HEX, self.dialect, self.intro
            )
        like = old if self.form is Form.TEXT else b"''"
        raw = self.intro + self.dialect.encode(data, like)
        return Value(raw, Form.TEXT, self.dialect, self.intro)

    def as_null(self) -> Value:
        """Give the NULL of SQL."""
        return Value(literals.NULL, Form.RAW, self.dialect)


RowHook = Callable[[str, tuple[str, ...], list[Value]], list[Value] | None]
"""Sees a row with its addresses already rewritten; gives the values to write, None to drop it."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row and where each stands in it; not whole if it could not be read."""

    raw: bytes
    values: list[Value]
    spans: list[tuple[int, int]]
    is_whole: bool

    def written(self, values: Sequence[Value]) -> bytes:
        """Give the row with these values: what has not changed keeps its bytes."""
        parts: list[bytes] = []
        done = 0
        for (low, high), old, new in zip(self.spans, self.values, values, strict=True):
            if new is not old:
                parts += (self.raw[done:low], new.raw)
                done = high
        return b"".join((*parts, self.raw[done:])) if parts else self.raw


def parse(raw: bytes, dialect: Dialect) -> Row:
    """Split a row, parentheses included, into its values."""
    values: list[Value] = []
    spans: list[tuple[int, int]] = []
    at = 1
    match = dialect.field.match
    while at < len(raw):
        found = match(raw, at)
        if found is None:
            break
        form = Form.RAW
        if found["text"] is not None:
            form = Form.TEXT
        elif found["hex"] is not None:
            form = Form.HEX
        text = found[1] if form is not Form.RAW else found[1].rstrip()
        values.append(Value(text, form, dialect, found["intro"] or b""))
        spans.append((found.start(1), found.start(1) + len(text)))
        at = found.end()
    return Row(raw, values, spans, is_whole=at == len(raw))
