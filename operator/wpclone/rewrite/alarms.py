# SPDX-License-Identifier: Apache-2.0
"""Tells which rows a hook wants to see: those in which one of its signs, or a number, stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# Eight digits, with what people put between them. A moment as databases write it is none, nor is
# the length of a serialized text; both are passed first.
_NUMBER: Final = re.compile(
    rb"\bs:\d+:\\?\""
    rb"|(?:19|20)\d\d-[01]\d-[0-3]\d(?:[ T]\d\d:\d\d(?::\d\d)?)?(?!\d)"
    rb"|(?P<run>\d(?:[ ().\-/]{0,3}\d){7})"
)


class Alarms:
    """What to look for in the rows of one table."""

    def __init__(self, signs: Sequence[bytes]) -> None:
        """Take the signs, which stand in any letter case."""
        self._signs = [sign.lower() for sign in signs]

    def within(self, row: bytes) -> bool:
        """Tell whether there is an alarm in a row as it stands in the dump."""
        low = row.lower()
        if any(sign in low for sign in self._signs):
            return True
        return any(found["run"] for found in _NUMBER.finditer(row))
