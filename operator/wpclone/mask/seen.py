# SPDX-License-Identifier: Apache-2.0
"""Remembers, as keyed hashes only, whose addresses, numbers and surnames were in the source."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Final

from wpclone.mask import finding, words
from wpclone.mask.keys import Key

# Shorter ones are states, codes and words of every language.
LEAST_SURNAME: Final = 4


NAME: Final = re.compile(rb"[A-Za-z'\x80-\xff][A-Za-z\x80-\xff' .\-]{3,120}\s*")


def is_name(data: bytes) -> bool:
    """Tell whether a value can be a name by its looks: a word in lower case is rather a setting."""
    if NAME.fullmatch(data) is None:
        return False
    return any(sign.isupper() for sign in data.decode("utf-8", "replace"))


class Trait(enum.Enum):
    """What is remembered of a person."""

    EMAIL = "e-mail address"
    PHONE = "telephone number"
    SURNAME = "surname"


class Seen:
    """The originals of one source: to be looked for in the finished copy."""

    def __init__(self, key: Key) -> None:
        """Hash with the customer's key: without it nobody can try names out on the hashes."""
        self._key = key
        self._kept: dict[Trait, set[int]] = {trait: set() for trait in Trait}
        self._fresh: list[tuple[Trait, int]] = []

    def email(self, address: bytes) -> None:
        """Remember an address in lower case."""
        self._add(Trait.EMAIL, address)

    def phone(self, digits: str, *, plus: bool) -> None:
        """Remember a telephone number in the spellings it may be met in."""
        for spelling in finding.spellings(digits, plus=plus):
            self._add(Trait.PHONE, spelling.encode())

    def surname(self, name: str) -> None:
        """Remember a surname."""
        if len(plain := words.plain(name)) >= LEAST_SURNAME:
            self._add(Trait.SURNAME, plain.encode())

    def has(self, trait: Trait, text: bytes) -> bool:
        """Tell whether an original is this one."""
        kept = self._kept[trait]
        return bool(kept) and self._hash(trait, text) in kept

    def knows_any(self, trait: Trait) -> bool:
        """Tell whether anything of the kind is remembered."""
        return bool(self._kept[trait])

    def count(self, trait: Trait) -> int:
        """Return how many are remembered."""
        return len(self._kept[trait])

    def fresh(self) -> list[tuple[str, int]]:
        """Return what is not stored yet: names of traits, and hashes of 63 bits."""
        return [(trait.name, number) for trait, number in self._fresh]

    def stored(self, count: int) -> None:
        """Take note that so many of what was fresh are stored, the oldest ones."""
        del self._fresh[:count]

    def renew(self) -> None:
        """Take nothing for stored any more."""
        self._fresh = [(trait, number) for trait, kept in self._kept.items() for number in kept]

    def recall(self, kept: Iterable[tuple[str, int]]) -> None:
        """Take back what an earlier run had remembered."""
        for name, number in kept:
            self._kept[Trait[name]].add(number)

    def _add(self, trait: Trait, text: bytes) -> None:
        number = self._hash(trait, text)
        if number not in self._kept[trait]:
            self._kept[trait].add(number)
            self._fresh.append((trait, number))

    def _hash(self, trait: Trait, text: bytes) -> int:
        return self._key.number(f"seen {trait.name}", text) >> 1
