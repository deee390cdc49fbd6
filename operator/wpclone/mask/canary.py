# SPDX-License-Identifier: Apache-2.0
"""Looks for the originals in a finished copy: what it finds there, the masking has missed.

It finds addresses by a way of its own, laxer than the masker's: what one overlooks, the other must
not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from wpclone.mask import finding, words
from wpclone.mask.keys import Key
from wpclone.mask.kinds import NAMES, Kind
from wpclone.mask.maker import decoded
from wpclone.mask.seen import NAME, Seen, Trait, is_name

_BEFORE: Final = re.compile(rb"[^\s@\"'<>(),:;|\[\]{}\x00-\x1f]{1,96}\Z")
_BEHIND: Final = re.compile(rb"[A-Za-z0-9.\x80-\xff-]{3,255}")
_BEGINS: Final = re.compile(rb"(?<=[^A-Za-z0-9])[A-Za-z0-9\x80-\xff]")
_ASCII: Final = re.compile(rb"[.-]*[\x80-\xff].*", re.DOTALL)
_SHORT, _REMEMBERED = 40, 10_000


class Canary:
    """Knows what must not be in the copy."""

    def __init__(self, key: Key, seen: Seen) -> None:
        """Take what the masker has seen."""
        self._key = key
        self._seen = seen
        # Keys of metadata come again and again.
        self._known = functools.lru_cache(_REMEMBERED)(self._traits)

    def hits(self, data: bytes, kind: Kind | None) -> Iterator[tuple[Trait, bool]]:
        """Tell which originals are in a value of a kind: what it is, and whether it is a leak.

        A surname is a leak where names belong; elsewhere it may be a word like any other.
        """
        for trait in self._known(data) if len(data) <= _SHORT else self._traits(data):
            yield (
                trait,
                trait is not Trait.SURNAME or kind in NAMES or (kind is not None and is_name(data)),
            )

    def _traits(self, data: bytes) -> tuple[Trait, ...]:
        looks = (
            (Trait.EMAIL, self._email),
            (Trait.PHONE, self._phone),
            (Trait.SURNAME, self._surname),
        )
        return tuple(t for t, look in looks if self._seen.knows_any(t) and look(data))

    def _email(self, data: bytes) -> bool:
        for sign in finding.AT.finditer(data):
            before = _BEFORE.search(data, max(0, sign.start() - 96), sign.start())
            behind = _BEHIND.match(data, sign.end())
            if before is None or behind is None:
                continue
            domain = behind[0].lower().rstrip(b".-")
            domains = {domain, _ASCII.sub(b"", domain), finding.without_extension(domain)}
            for local in _suffixes(before[0].lower()):
                if any(self._seen.has(Trait.EMAIL, b"%s@%s" % (local, one)) for one in domains):
                    return True
        return False

    def _phone(self, data: bytes) -> bool:
        return any(
            self._seen.has(Trait.PHONE, number.digits.removeprefix("00").encode())
            for number in finding.numbers(data)
            if not finding.is_time(number)
        )

    def _surname(self, data: bytes) -> bool:
        if NAME.fullmatch(data) is None:
            return False
        plain = words.plain(decoded(data)[0])
        return not words.is_word(self._key, plain) and self._seen.has(
            Trait.SURNAME, plain.encode("utf-8", "surrogatepass")
        )


def _suffixes(local: bytes) -> Iterator[bytes]:
    """Give what may stand before the `@`: all of it, or what is behind any sign or escape."""
    yield local
    for start in _BEGINS.finditer(local):
        yield local[start.start() :]
    for escape in finding.ESCAPES.finditer(local):
        yield local[escape.end() :]
