# SPDX-License-Identifier: Apache-2.0
"""Counts what a rewrite has seen, changed and left: the proof that a copy points to itself."""

from __future__ import annotations

from dataclasses import dataclass, field

# A site has a few dozen tables with text columns; the bound only guards against hostile dumps.
_MOST_PLACES = 256
_ELSEWHERE = "(elsewhere)"


@dataclass(slots=True)
class Counts:
    """What happened to the column values of one stream.

    `values` counts every column value that passed. Only values that hold some form of a source
    host are looked into, so `serialized`, `invalid_before` and `invalid_after` speak of those:
    what lacks the host leaves as the bytes it came as. `encoded` counts the addresses that are
    left inside base64 texts.
    """

    values: int = 0
    rewritten: int = 0
    residual: int = 0
    protected: int = 0
    serialized: int = 0
    invalid_before: int = 0
    invalid_after: int = 0
    unsupported: int = 0
    encoded: int = 0
    residual_where: dict[str, int] = field(default_factory=dict)

    def leave(self, where: str, times: int) -> None:
        """Note old addresses that remain in a place such as `wp_posts.post_content`."""
        self.residual += times
        place = where or _ELSEWHERE
        if place not in self.residual_where and len(self.residual_where) >= _MOST_PLACES:
            place = _ELSEWHERE
        self.residual_where[place] = self.residual_where.get(place, 0) + times

    def merge(self, other: Counts) -> None:
        """Add what another stream has counted."""
        self.values += other.values
        self.rewritten += other.rewritten
        self.protected += other.protected
        self.serialized += other.serialized
        self.invalid_before += other.invalid_before
        self.invalid_after += other.invalid_after
        self.unsupported += other.unsupported
        self.encoded += other.encoded
        for place, times in other.residual_where.items():
            self.leave(place, times)

    def as_report(self) -> dict[str, int | dict[str, int]]:
        """Tell the counters by the names that the status and the filter's report use."""
        return {
            "values": self.values,
            "valuesRewritten": self.rewritten,
            "residualURLs": self.residual,
            "residualWhere": dict(sorted(self.residual_where.items())),
            "protectedURLs": self.protected,
            "serializedValues": self.serialized,
            "invalidSerializedBefore": self.invalid_before,
            "invalidSerializedAfter": self.invalid_after,
            "unsupportedValues": self.unsupported,
            "base64URLs": self.encoded,
        }
