# SPDX-License-Identifier: Apache-2.0
"""Picks the engine: the one in machine code where it has been built, else the reference.

`WPCLONE_ENGINE=reference` or `WPCLONE_ENGINE=native` forces one; the latter fails if the engine
is not there, and anything else does. Both give the same bytes and counters.
"""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from wpclone.rewrite import sql, values

if TYPE_CHECKING:
    from wpclone.rewrite.sql import SqlStream
    from wpclone.rewrite.values import Rewriter
else:
    _wanted = os.environ.get("WPCLONE_ENGINE")
    _is_there = importlib.util.find_spec("wpclone_native") is not None
    if _wanted not in {None, "", "native", "reference"}:
        raise ImportError(f"WPCLONE_ENGINE is {_wanted!r}: it may be native or reference")
    if _wanted == "native" or (_wanted != "reference" and _is_there):
        from wpclone.rewrite.native import Rewriter, SqlStream
    else:
        Rewriter, SqlStream = values.Rewriter, sql.SqlStream

NAME = "reference" if Rewriter is values.Rewriter else "native"
"""Which one it is: `native` or `reference`."""

__all__ = ["NAME", "Rewriter", "SqlStream"]
