# SPDX-License-Identifier: Apache-2.0
"""Makes the stand-in of one value, by its kind; what it was is remembered as a hash."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from wpclone.mask import carriers, contacts, finding, persons, seen, shapes, words
from wpclone.mask.keys import Key
from wpclone.mask.kinds import Kind
from wpclone.mask.rules import Rules
from wpclone.mask.seen import Seen, Trait

AGENT: Final = b"Mozilla/5.0 (masked)"
REMOVED: Final = b"(masked)"
# Answers as short as these are choices and amounts, not persons.
_SHORT_ANSWER: Final = 3
_AMOUNT: Final = re.compile(r"[-+]?\d{1,4}([.,]\d{1,2})?")
_CALL: Final = re.compile(r"\+?[\d ().\-/]{7,25}")
_DATED: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T][\d:.Z]+)?")
_ADDRESS: Final = re.compile(r"(https?:)?//\S+", re.IGNORECASE)
_LEAST_NAME: Final = 3
_SHORT, _REMEMBERED = 100, 20_000
_PACKED: Final = frozenset({4, 16})

Names = dict[str, str]
"""Names of a row's person that free text beside them may repeat, and what stands for each."""


class Maker:
    """Masks values with one key; whatever it sees of a person goes into its memory."""

    def __init__(self, rules: Rules, key: Key, memory: Seen) -> None:
        """Take the rules for members and for addresses that stay."""
        self._rules = rules
        self._key = key
        self._seen = memory
        self._texts = self._text_kinds(key)
        # The same people come again and again, in every table.
        self._known_text = functools.lru_cache(_REMEMBERED)(self._text)

    def make(self, kind: Kind, data: bytes, name: str = "", names: Names | None = None) -> bytes:
        """Return what stands for a value; `name` is the key it has, if it has one."""
        if not data or kind is Kind.KEEP:
            self._look(data)
            return data
        if kind in _FIXED:
            self._look(data)
            return _FIXED[kind]
        known = {} if names is None else names
        if kind is Kind.IP and len(data) in _PACKED and not data.isascii():
            return contacts.packed_ip(self._key, data)
        inside = Kind.TEXT if kind is Kind.DATA else kind

        def leaf(member: str, text: bytes) -> bytes:
            found = self._rules.member(member) if member and kind in _BY_MEMBERS else None
            return self._leaf(found or inside, text, known)

        return carriers.masked(data, carriers.Way(leaf, self._key_text), name)

    def _key_text(self, data: bytes) -> bytes:
        """Mask the key of an array: it may be somebody's address."""
        return self.text(data, {}) if b"@" in data or data.strip(b"+").isdigit() else data

    def text(self, data: bytes, names: Mapping[str, str]) -> bytes:
        """Mask within free text: addresses, known telephone numbers, the names beside it."""
        data = self._emails(data)
        if self._seen.knows_any(Trait.PHONE):
            data = self._phones(data)
        for name, stand_in in names.items():
            if name.encode() in data:
                word = rb"(?<![\w\x80-\xff])" + re.escape(name.encode()) + rb"(?![\w\x80-\xff])"
                data = re.sub(word, stand_in.encode(), data)
        return data

    def _leaf(self, kind: Kind, data: bytes, names: Names) -> bytes:
        if not data.strip():
            return data
        if kind is Kind.KEEP or kind in _FIXED:
            self._look(data)
            return _FIXED.get(kind, data)
        if kind is Kind.TEXT:
            return self._surname(data) or self.text(data, names)
        text, charset = decoded(data)
        if not text.strip():  # a space of another alphabet's
            return data
        new = self._known_text(kind, text) if len(text) <= _SHORT else self._texts[kind](text)
        if kind in _NAMED:
            self._remember(kind, text, new, names)
        return data if new == text else new.encode(charset, "replace")

    def _surname(self, data: bytes) -> bytes | None:
        """Return what stands for a surname somebody has; a word in lower case is a setting."""
        if not self._seen.knows_any(Trait.SURNAME) or not seen.is_name(data):
            return None
        text, _ = decoded(data)
        known = self._seen.has(Trait.SURNAME, words.plain(text).encode("utf-8", "surrogatepass"))
        return persons.last(self._key, text).encode() if known else None

    def _text(self, kind: Kind, text: str) -> str:
        return self._texts[kind](text)

    def _text_kinds(self, key: Key) -> dict[Kind, Callable[[str], str]]:
        return {
            Kind.EMAIL: self._email,
            Kind.FIRST: lambda text: persons.first(key, text),
            Kind.LAST: lambda text: persons.last(key, text),
            Kind.NAME: lambda text: self._mixed(text, persons.name),
            Kind.LOGIN: lambda text: self._mixed(text, persons.login),
            Kind.PHONE: self._phone,
            Kind.STREET: lambda text: persons.street(key, text),
            Kind.CITY: lambda text: persons.city(key, text),
            Kind.COMPANY: lambda text: persons.company(key, text),
            Kind.URL: lambda text: contacts.url(key, text),
            Kind.IP: lambda text: contacts.ip(key, text),
            Kind.DATE: persons.date,
            Kind.SHAPE: lambda text: shapes.shaped(key, text),
            Kind.ANSWER: self._answer,
            Kind.PASSWORD: lambda text: shapes.unusable_hash(key, text),
        }

    def _remember(self, kind: Kind, text: str, new: str, names: Names) -> None:
        """Keep in mind the surname, and the names that free text beside them may repeat."""
        if new == text or "@" in text:
            return
        parts, stand_ins = text.split(), new.split()
        beside = [(text, new), (parts[0], stand_ins[0]), (parts[-1], stand_ins[-1])]
        names.update((old, made) for old, made in beside if len(old) >= _LEAST_NAME)
        surname = persons.surname(text) if kind is Kind.NAME else text
        if kind in {Kind.LAST, Kind.NAME} and surname and not _ours(self._key, surname):
            self._seen.surname(surname)
            self._seen.surname(surname.rsplit(maxsplit=1)[-1])

    def _mixed(self, text: str, way: Callable[[Key, str], str]) -> str:
        """Mask what may be an e-mail address in a name's place."""
        if "@" in text:
            return self._email(text)
        return way(self._key, text)

    def _email(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        new = self._emails(data)
        if new == data and not data.endswith(contacts.MAIL_DOMAIN):
            whole = next(finding.emails(data), None)
            return text if whole else shapes.shaped(self._key, text)
        return new.decode("utf-8", "surrogatepass")

    def _phone(self, text: str) -> str:
        new = contacts.phone(self._key, text)
        if new != text:
            digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
            self._seen.phone(digits, plus=text.lstrip(" (").startswith("+"))
        return new

    def _answer(self, text: str) -> str:
        plain = text.strip()
        if len(plain) <= _SHORT_ANSWER or _AMOUNT.fullmatch(plain):
            return text
        if _DATED.fullmatch(plain):
            return persons.date(text)
        if _ADDRESS.fullmatch(plain):
            return text
        if _CALL.fullmatch(plain):
            return self._phone(text)
        parts: list[str] = []
        data, done = text.encode("utf-8", "surrogatepass"), 0
        for found in finding.emails(data):
            parts += (self._shaped(data[done : found.low]), self._address(found, data).decode())
            done = found.high
        return "".join([*parts, self._shaped(data[done:])])

    def _shaped(self, data: bytes) -> str:
        return shapes.shaped(self._key, data.decode("utf-8", "surrogatepass"))

    def _emails(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        done = 0
        for found in finding.emails(data):
            parts += (data[done : found.low], self._address(found, data))
            done = found.high
        return b"".join((*parts, data[done:])) if parts else data

    def _address(self, found: finding.Found, data: bytes) -> bytes:
        """Return what stands for an address, with its `@` spelled as it was."""
        old = found.of(data)
        if self._rules.keeps(old):
            return data[found.low : found.high]
        new = contacts.email(self._key, old)
        if new == old:
            return data[found.low : found.high]
        self._seen.email(old)
        return new.replace(b"@", data[found.at : found.behind_at])

    def _look(self, data: bytes) -> None:
        """Remember the addresses in what is not masked by its text: they shall be nowhere."""
        for found in finding.emails(data):
            self._address(found, data)

    def _phones(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        done = 0
        for number in self._known(data):
            low = number.low - 1 if data[number.low - 1 : number.low] == b"+" else number.low
            if low < done:
                continue
            new = contacts.phone(self._key, data[low : number.high].decode("ascii", "replace"))
            parts += (data[done:low], new.encode())
            done = number.high
        return b"".join((*parts, data[done:])) if parts else data

    def _known(self, data: bytes) -> Iterator[finding.Number]:
        for number in finding.numbers(data):
            if not finding.is_time(number):
                digits = number.digits.removeprefix("00").encode()
                if self._seen.has(Trait.PHONE, digits):
                    yield number


_FIXED: Final = {
    Kind.AGENT: AGENT,
    Kind.REMOVED: REMOVED,
    Kind.EMPTY: b"",
    Kind.DROP: b"",  # of a column there is no row to be dropped
    Kind.LOCKED: b"*",
}
_NAMED: Final = frozenset({Kind.FIRST, Kind.LAST, Kind.NAME})
_BY_MEMBERS: Final = frozenset({Kind.DATA, Kind.ANSWER})


def _ours(key: Key, text: str) -> bool:
    return words.is_word(key, text.rsplit(maxsplit=1)[-1])


def decoded(data: bytes) -> tuple[str, str]:
    """Return a value as text, and the charset that gives its bytes back."""
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
