# SPDX-License-Identifier: Apache-2.0
"""Rewrites one value, whatever carries the address: serialized PHP, JSON, HTML, base64, text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from wpclone.rewrite import base64_values, embedded, json_keys, serialized
from wpclone.rewrite.addresses import Addresses, Pair
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.prefilter import Prefilter

# Values within values: real sites reach three or four. Each level costs a few stack frames.
_MOST_NESTED = 64


class Rewriter:
    """Maps the addresses of some pairs to their targets; built once, used for every value."""

    def __init__(self, pairs: Sequence[Pair], *, base64: bool = False) -> None:
        """Compile the pairs; `base64` also looks into base64 texts. A bad pair: `InvalidSpec`."""
        self._addresses = Addresses(pairs)
        names = self._addresses.needles
        self._coded = tuple(text for name in names for text in base64_values.needles(name))
        self._decodes = base64
        self.prefilter = Prefilter(names, self._coded if base64 else ())

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Lower-case texts, one of which is in every value that a source address is in."""
        return self._addresses.needles

    @property
    def coded_needles(self) -> tuple[bytes, ...]:
        """Texts, one of which is in every base64 text with a source address."""
        return self._coded

    def concerns(self, data: bytes) -> bool:
        """Tell quickly whether a value can hold a source address that is to be rewritten."""
        return self.prefilter.concerns(data)

    def value(self, data: bytes, counts: Counts, where: str = "") -> bytes:
        """Rewrite one decoded column value; `where` names its place for the report.

        A value that PHP could read stays readable, with every other byte unchanged; one that it
        could not read is rewritten as text and stays as broken as it was.
        """
        counts.values += 1
        hits = self._hits(data)
        if not hits:
            counts.encoded += self._encoded(data)
            return data
        if not serialized.looks(data):
            new = self._text(data, hits, 0, counts)
        else:
            new = self._proven(data, hits, counts)
        self._conclude(data, new, counts, where)
        return new

    def _proven(self, data: bytes, hits: Sequence[int], counts: Counts) -> bytes:
        """Rewrite serialized data and read the result again: the proof is not taken on trust."""
        new, was_valid = self._serialized(data, hits, 0, counts)
        is_valid = was_valid if new is data else serialized.valid(new)
        if was_valid and not is_valid:
            counts.unsupported += 1
            new, is_valid = data, True
        counts.serialized += was_valid
        counts.invalid_before += not was_valid
        counts.invalid_after += not is_valid
        return new

    def text(self, data: bytes, counts: Counts, where: str = "") -> bytes:
        """Rewrite the content of a text file: CSS, JavaScript, JSON, SVG, HTML."""
        hits = self._hits(data)
        if not hits:
            counts.encoded += self._encoded(data)
            return data
        new = self._text(data, hits, 0, counts)
        self._conclude(data, new, counts, where)
        return new

    def residuals(self, data: bytes) -> int:
        """Count the source addresses that are in a value, wherever in it.

        Base64 is not looked into, and an address that is a target as well does not count.
        """
        return self._addresses.residual(data)

    def _conclude(self, old: bytes, new: bytes, counts: Counts, where: str) -> None:
        counts.rewritten += new != old
        counts.encoded += self._encoded(new)
        left = self.residuals(new)
        if left:
            counts.leave(where, left)

    def _encoded(self, data: bytes) -> int:
        """Count the source addresses that are in base64 texts."""
        return base64_values.total(data, self._coded, self.residuals)

    def _hits(self, data: bytes) -> list[int]:
        plain = self._addresses.hits(data)
        return sorted(plain + base64_values.hits(data, self._coded)) if self._decodes else plain

    def _carrier(self, data: bytes, hits: Sequence[int], depth: int, counts: Counts) -> bytes:
        """Rewrite a value within a value; its hits, if they are known already, save a search."""
        hits = hits or self._hits(data)
        if not hits:
            return data
        if depth > _MOST_NESTED:
            counts.unsupported += 1
            return data
        if serialized.looks(data):
            return self._serialized(data, hits, depth, counts)[0]
        return self._text(data, hits, depth, counts)

    def _serialized(
        self, data: bytes, hits: Sequence[int], depth: int, counts: Counts
    ) -> tuple[bytes, bool]:
        """Give the value rewritten, and whether it was valid: if not, it is treated as text."""
        begin = serialized.start(data)
        try:
            walked = serialized.walk(
                data, begin, hits, lambda old, at: self._carrier(old, at, depth + 1, counts)
            )
        except serialized.TooDeepError:
            counts.unsupported += 1
            return data, False
        if walked is None:
            return self._plain(data, hits, depth, counts), False
        counts.unsupported += walked.unsupported
        end = walked.end
        behind = [hit - end for hit in hits if hit >= end]
        if not behind:
            return serialized.edited(data, walked.edits), True
        # PHP reads the token and overlooks what follows; WordPress takes the whole for text.
        head = serialized.edited(data[:end], walked.edits)
        return head + self._text(data[end:], behind, depth, counts), True

    def _text(self, data: bytes, hits: Sequence[int], depth: int, counts: Counts) -> bytes:
        if depth > _MOST_NESTED or not self._has_islands(data):
            return self._plain(data, hits, depth, counts)
        changes = embedded.Changes(
            inner=lambda old, at: self._carrier(old, at, depth + 1, counts),
            plain=lambda old, at: self._plain(old, at, depth, counts),
            is_apart=self._has_islands,
        )
        parts: list[bytes] = []
        done = 0
        names = self._names(data)
        kept = json_keys.kept(data, names, self._addresses.replace) if names else []
        counts.unsupported += len(kept)
        for low, high in (*kept, (len(data), len(data))):
            near = hits[bisect_left(hits, done) : bisect_left(hits, low)]
            between = [hit - done for hit in near]
            parts += (embedded.rewrite(data[done:low], between, changes), data[low:high])
            done = high
        return b"".join(parts)

    def _has_islands(self, data: bytes) -> bool:
        """Tell whether text may hold what cannot be changed in place."""
        return embedded.possible(data) or bool(self._names(data))

    def _names(self, data: bytes) -> list[int]:
        """List the hits, if one of them may lie in the name of a member of a JSON object."""
        hits = self._addresses.hits(data) if b"{" in data else []
        return hits if json_keys.announced(data, hits) else []

    def _plain(self, data: bytes, hits: Sequence[int], depth: int, counts: Counts) -> bytes:
        new = self._addresses.replace(data, hits)
        if not self._decodes:
            return new
        return base64_values.replace(
            new, self._coded, lambda old: self._carrier(old, (), depth + 1, counts)
        )
