# SPDX-License-Identifier: Apache-2.0
"""Cleans text that strangers wrote before it reaches a status, a terminal or a page."""

from __future__ import annotations

import re
import unicodedata

# An escape sequence is dropped whole; without its ESC the rest would stand there as rubbish.
_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and the other strings, up to their end
    r"|\x1b.?"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
_SPACE = re.compile(r"\s+")
_ELLIPSIS = "…"
# Cc control, Cf format (bidi overrides, zero width), Cs surrogates, Co private use, Cn unassigned
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(value: str, limit: int = 200) -> str:
    """Return `value` as one harmless line: no control or direction characters, cut to `limit`."""
    # Four times the limit is ample for what survives, and bounds the work on a hostile megabyte.
    line = _SPACE.sub(" ", _ANSI.sub("", value[: limit * 4 + 64]))
    seen = "".join(c for c in line if unicodedata.category(c) not in _UNWANTED)
    kept = _SPACE.sub(" ", seen).strip()  # what was dropped may have parted two spaces
    if len(kept) <= limit:
        return kept
    return kept[: limit - 1].rstrip() + _ELLIPSIS
