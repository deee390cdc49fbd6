# SPDX-License-Identifier: Apache-2.0
"""Invents words that nobody is called, and knows them again: `Bolemix`, `Takorudavix`."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from wpclone.mask.keys import Key

_SYLLABLES: Final = tuple(c + v for c in "bdklmnprtv" for v in "aeiou")
# The last syllable proves the others, and no language ends so: a real name is never taken for one.
_WORD: Final = re.compile(r"((?:[bdklmnprtv][aeiou]){2,4})([bdklmnprtv][aeiou])x")
_SPACE: Final = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return the text in the one spelling in which it is compared: case and spaces do not count."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def word(key: Key, purpose: str, text: str, syllables: int) -> str:
    """Return the invented word that stands for a text, in the text's own case."""
    number = key.number(purpose, plain(text))
    stem = ""
    for _ in range(syllables):
        number, at = divmod(number, len(_SYLLABLES))
        stem += _SYLLABLES[at]
    made = f"{stem}{_proof(key, stem)}x"
    if text.isupper() and len(text) > 1:
        return made.upper()
    return made if text.islower() else made.capitalize()


def is_word(key: Key, text: str) -> bool:
    """Tell whether a text is a word invented with this key."""
    found = _WORD.fullmatch(text.casefold())
    return found is not None and found[2] == _proof(key, found[1])


def _proof(key: Key, stem: str) -> str:
    return _SYLLABLES[key.number("proof", stem) % len(_SYLLABLES)]
