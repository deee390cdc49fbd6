# SPDX-License-Identifier: Apache-2.0
"""Invents what a person is called and where a person lives."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from wpclone.mask import contacts, words
from wpclone.mask.keys import Key

# How many syllables carry a name; one more proves them.
_FIRST, _LAST = 2, 3
_LOGIN_CHANCE, _LOGIN_PROOF = 8, 2
_LOGIN: Final = re.compile(rf"user-([a-z2-7]{{{_LOGIN_CHANCE}}})([a-z2-7]{{{_LOGIN_PROOF}}})")
_NUMBER: Final = re.compile(r"\d+")
_STREET: Final = re.compile(r"(\w+) Street \d{1,2}")
_COMPANY: Final = re.compile(r"(\w+) Ltd")
_DAY_LAST: Final = re.compile(r"(?<!\d)((?:19|20)?\d\d)([-/.]?)(\d\d)\2(\d\d)(?!\d)")
_DAY_FIRST: Final = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")
_MANY_WORDS: Final = 2


def first(key: Key, text: str) -> str:
    """Return given names: one for each that is there."""
    return " ".join(_word(key, "first", one, _FIRST) for one in text.split())


def last(key: Key, text: str) -> str:
    """Return a surname; `von der Heide` and `Heide` are the same one."""
    parts = text.split()
    return _word(key, "last", parts[-1], _LAST) if parts else text


def _word(key: Key, purpose: str, text: str, syllables: int) -> str:
    # An initial stays an initial, a bracket or comma beside the name is not part of it.
    core = text.strip(".,;:()[]\"'")
    if not core or words.is_word(key, core):
        return text
    return text.replace(core, words.word(key, purpose, core, syllables), 1)


def name(key: Key, text: str) -> str:
    """Return a whole name: given names and surname as they are masked on their own."""
    if _LOGIN.fullmatch(text):
        return login(key, text)
    if _NUMBER.search(text):
        return login(key, text)
    if "," in text:
        family, _, given = text.partition(",")
        return f"{last(key, family)}, {first(key, given)}"
    parts = text.split()
    if len(parts) < _MANY_WORDS:
        return first(key, text)
    # Particles (`von`, `de la`) belong to the surname, which is known by its last word.
    names = [part for part in parts[:-1] if not part.islower() or text.islower()]
    return " ".join([*(first(key, one) for one in names), last(key, parts[-1])])


def surname(text: str) -> str | None:
    """Return the surname within a whole name, or None if there is none to be told."""
    if "," in text:
        return text.partition(",")[0].strip()
    parts = text.split()
    many = len(parts) >= _MANY_WORDS and not _NUMBER.search(text)
    return parts[-1] if many else None


def login(key: Key, text: str) -> str:
    """Return an account's name; it and its form in addresses (`Anna M.`, `anna-m`) are the same."""
    found = _LOGIN.fullmatch(text)
    if found and found[2] == _login_proof(key, found[1]):
        return text
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or text
    chance = contacts.token(key, "login", slug, _LOGIN_CHANCE)
    return f"user-{chance}{_login_proof(key, chance)}"


def _login_proof(key: Key, chance: str) -> str:
    return contacts.token(key, "login proof", chance, _LOGIN_PROOF)


def street(key: Key, text: str) -> str:
    """Return a street and a number."""
    found = _STREET.fullmatch(text)
    if found and words.is_word(key, found[1]):
        return text
    number = 1 + key.number("house", words.plain(text)) % 99
    return f"{words.word(key, 'street', _titled(text), _LAST)} Street {number}"


def city(key: Key, text: str) -> str:
    """Return a town."""
    return text if words.is_word(key, text) else words.word(key, "city", text, _LAST)


def company(key: Key, text: str) -> str:
    """Return a company."""
    found = _COMPANY.fullmatch(text)
    if found and words.is_word(key, found[1]):
        return text
    return f"{words.word(key, 'company', _titled(text), _LAST)} Ltd"


def _titled(text: str) -> str:
    return words.plain(text).title()


def date(text: str) -> str:
    """Return a date of which only the year is true."""
    text = _DAY_FIRST.sub(lambda d: f"01{d[2]}01{d[2]}{d[4]}", text)
    return _DAY_LAST.sub(lambda d: f"{d[1]}{d[2]}01{d[2]}01", text)
