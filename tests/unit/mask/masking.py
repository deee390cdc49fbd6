# SPDX-License-Identifier: Apache-2.0
"""Sends SQL through the masker as the mover does."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from wpclone import mask
from wpclone.api.mover import Mask
from wpclone.rewrite import Pair, Rewriter, SqlStream

RULES = Path(mask.__file__).with_name("rules.yaml").read_text("utf-8")
KEY = mask.Key(b"a customer's key, long enough...")
_REWRITER = Rewriter([Pair("https://old.example", "https://copy.clones.test")])


@dataclass
class Desk:
    """A masker and what it has seen."""

    mode: Mask = Mask.STANDARD
    rules: mask.Rules = field(default_factory=lambda: mask.read(RULES))
    key: mask.Key = KEY

    def __post_init__(self) -> None:
        """Make the masker."""
        self.seen = mask.Seen(self.key)
        self.masker = mask.Masker(self.rules, self.key, self.mode, "wp_", self.seen)
        self.canary = mask.Canary(self.key, self.seen)

    def sql(self, table: str, sql: bytes, ddl: bytes = b"") -> bytes:
        """Mask a statement, as a stream does."""
        self.masker.begin(table, ddl)
        masker = self.masker
        stream = SqlStream(_REWRITER, prefix="wp_", on_row=masker.on_row, hooked=masker.shown)
        return b"".join([*stream.statements(sql), *stream.close()])

    def row(self, table: str, ddl: bytes = b"", /, **columns: str | None) -> dict[str, str | None]:
        """Mask one row, given and returned by columns; an empty dict if it was dropped."""
        names = ",".join(f"`{name}`" for name in columns).encode()
        values = b",".join(_literal(value) for value in columns.values())
        out = self.sql(table, b"INSERT INTO `%s` (%s) VALUES (%s);" % (
            table.encode(), names, values), ddl)  # fmt: skip
        got: list[list[str | None]] = []

        def read(_table: str, _names: tuple[str, ...], row: list[object]) -> None:
            got.append([None if v.data is None else v.data.decode() for v in row])  # type: ignore[attr-defined]

        reader = SqlStream(_REWRITER, prefix="wp_", on_row=read)  # type: ignore[arg-type]
        list(reader.statements(out)), list(reader.close())
        return dict(zip(columns, got[0], strict=True)) if got else {}

    def meta(self, key: str, value: str, table: str = "wp_usermeta") -> str | None:
        """Mask one value by its key; None if its row is dropped."""
        row = self.row(table, meta_id="1", meta_key=key, meta_value=value)
        return row["meta_value"] if row else None


def _literal(value: str | None) -> bytes:
    if value is None:
        return b"NULL"
    return b"'" + value.encode().replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"
