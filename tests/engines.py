# SPDX-License-Identifier: Apache-2.0
"""Lets a test run against both engines of the rewriter, the reference and the native one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import pytest

from wpclone.rewrite import Hooked, Pair, RowHook, native, sql, values

OLD, NEW = "https://old.example", "https://copy.clones.test"


@dataclass(frozen=True)
class Engine:
    """One engine; both have the reference's types, because both have its manners."""

    name: str
    rewriters: type[values.Rewriter]
    streams: type[sql.SqlStream]

    def mapping(self, pairs: Sequence[Pair], *, base64: bool = False) -> values.Rewriter:
        """Compile some pairs."""
        return self.rewriters(pairs, base64=base64)

    @cached_property
    def rewriter(self) -> values.Rewriter:
        """Give the mapping that most tests need."""
        return self.mapping([Pair(OLD, NEW)])

    def stream(
        self,
        rewriter: values.Rewriter | None = None,
        *,
        prefix: str = "wp_",
        on_row: RowHook | None = None,
        hooked: Hooked = lambda _table: True,
    ) -> sql.SqlStream:
        """Begin a dump, by default with the mapping that most tests need."""
        rewriter = rewriter or self.rewriter
        return self.streams(rewriter, prefix=prefix, on_row=on_row, hooked=hooked)


REFERENCE = Engine("reference", values.Rewriter, sql.SqlStream)
NATIVE = Engine(
    "native",
    cast("type[values.Rewriter]", native.Rewriter),
    cast("type[sql.SqlStream]", native.SqlStream),
)
ENGINES = (REFERENCE, NATIVE)
each_engine = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
