# SPDX-License-Identifier: Apache-2.0
"""Replaces text by nonsense of the same shape: letters for letters, digits for digits."""

from __future__ import annotations

import string
from typing import Final

from wpclone.mask.keys import Key

_CODE: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HASH_SIGNS: Final = 31
# Chance enough for a page of text; beyond, it begins anew.
_BLOCKS: Final = 64


def shaped(key: Key, text: str) -> str:
    """Return the text with every letter and digit another; case, length and signs stay."""
    chance = _chance(key, text)
    return "".join(_other(sign, chance[at % len(chance)]) for at, sign in enumerate(text))


def unusable_hash(key: Key, text: str) -> str:
    """Return what looks like the hash of a password, and is that of none."""
    chance = _chance(key, text)
    return "$P$" + "".join(_CODE[chance[at] % 64] for at in range(_HASH_SIGNS))


def _chance(key: Key, text: str) -> bytes:
    seed = key.digest("shape", text)
    blocks = min(_BLOCKS, 1 + len(text) // len(seed))
    return b"".join(key.digest(f"shape {number}", seed) for number in range(blocks))


def _other(sign: str, chance: int) -> str:
    if sign in string.digits:
        return string.digits[chance % 10]
    if not sign.isalpha():
        return sign
    letters = string.ascii_uppercase if sign.isupper() else string.ascii_lowercase
    return letters[chance % 26]
