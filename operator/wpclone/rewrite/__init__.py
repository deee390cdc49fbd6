# SPDX-License-Identifier: Apache-2.0
"""Rewrites the addresses of a site byte-exactly: bytes in, bytes out, no clock.

Rewriter    maps addresses inside one value or one text file
SqlStream   does so for every value of a SQL dump, in any chunking
filtered    does so from one file descriptor to another
Counts      proves what was seen, changed and left
Prefilter   names the texts without which no value is changed
"""

from __future__ import annotations

from wpclone.errors import TruncatedDump
from wpclone.rewrite.addresses import Pair
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.engine import Rewriter, SqlStream
from wpclone.rewrite.filtering import filtered
from wpclone.rewrite.prefilter import Prefilter
from wpclone.rewrite.protection import DEFAULT, Keyed, Protection
from wpclone.rewrite.rows import Form, Hooked, RowHook, TableHook, Value

__all__ = [
    "DEFAULT",
    "Counts",
    "Form",
    "Hooked",
    "Keyed",
    "Pair",
    "Prefilter",
    "Protection",
    "Rewriter",
    "RowHook",
    "SqlStream",
    "TableHook",
    "TruncatedDump",
    "Value",
    "filtered",
]
