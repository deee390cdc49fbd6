# SPDX-License-Identifier: Apache-2.0
"""Names the texts by which both engines tell the few values that concern them from all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Texts, one of which is in every value that a rewriter changes: others are passed through.

    Whoever looks for them elsewhere, say in SQL, finds what the engines find.
    """

    folded: tuple[bytes, ...]
    """In lower case; they stand in any letter case of ASCII."""
    exact: tuple[bytes, ...] = ()
    """They stand just so."""

    def concerns(self, data: bytes) -> bool:
        """Tell whether a value can hold a source address that is to be rewritten."""
        low = data.lower()
        return any(text in low for text in self.folded) or any(text in data for text in self.exact)
