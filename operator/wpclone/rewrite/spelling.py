# SPDX-License-Identifier: Apache-2.0
r"""Writes a changed literal the way the old one was written.

One dump escapes a quote as `\'`, another as `''`; one JSON text escapes slashes, another does
not. Whoever changes an address inside must leave every other byte of the literal alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping


class Spelling:
    """The escapes of one kind of literal: how to read them, and the fallback to write them."""

    def __init__(
        self,
        escape: re.Pattern[bytes],
        read: Callable[[bytes], bytes],
        needed: Mapping[bytes, bytes],
    ) -> None:
        """Take the pattern of an escape, its meaning, and what must be escaped in any case."""
        self._escape = escape
        self._read = read
        self._needed = needed

    def decode(self, raw: bytes) -> bytes:
        """Give what a literal's inner bytes mean."""
        return self._escape.sub(lambda found: self._read(found[0]), raw)

    def encode(self, new: bytes, like: bytes) -> bytes:
        """Write new bytes in the manner of an old literal's inner bytes.

        A character that the old literal spells in several ways keeps them one by one, as long
        as the new text has as many of it; else the most frequent way is taken.
        """
        spelled = self._observe(like)
        signs = {*spelled, *self._needed}
        if not signs:
            return new
        pattern = _any_of(signs)
        texts = {sign: self._sequence(new, sign, spelled) for sign in signs}
        return pattern.sub(lambda found: next(texts[found[0]]), new)

    def faithful(self, new: bytes, like: bytes) -> bytes | None:
        """Write new bytes like an old literal; None if they or the old ones would not survive."""
        raw = self.encode(new, like)
        is_faithful = self.decode(raw) == new and self.encode(self.decode(like), like) == like
        return raw if is_faithful else None

    def _observe(self, raw: bytes) -> dict[bytes, list[bytes]]:
        escapes = set(self._escape.findall(raw))
        signs = {self._read(escape) for escape in escapes}
        if not signs:
            return {}
        spelled: dict[bytes, list[bytes]] = {}
        for found in re.finditer(
            b"(?P<escape>" + self._escape.pattern + b")|" + _any_of(signs).pattern,
            raw,
            re.DOTALL,
        ):
            sign = self._read(found[0]) if found["escape"] is not None else found[0]
            spelled.setdefault(sign, []).append(found[0])
        return spelled

    def _sequence(self, new: bytes, sign: bytes, spelled: Mapping[bytes, list[bytes]]) -> _Texts:
        ways = spelled.get(sign)
        if ways is None:
            return _Texts([], self._needed[sign])
        usual = Counter(ways).most_common(1)[0][0]  # the first of equals
        return _Texts(ways if new.count(sign) == len(ways) else [], usual)


class _Texts:
    """The ways to write one character, in the order of its occurrences."""

    def __init__(self, ways: list[bytes], usual: bytes) -> None:
        self._ways = iter(ways)
        self._usual = usual

    def __next__(self) -> bytes:
        return next(self._ways, self._usual)


def _any_of(signs: set[bytes]) -> re.Pattern[bytes]:
    ordered = sorted(signs, key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, ordered)), re.DOTALL)


def ends_alike(one: bytes, other: bytes) -> tuple[int, int]:
    """Count the bytes with which both begin, and those of the rest with which both end."""
    front = _alike(one, other)
    most = min(len(one), len(other)) - front
    return front, min(_alike(one[::-1], other[::-1]), most)


def _alike(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
