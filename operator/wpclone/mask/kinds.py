# SPDX-License-Identifier: Apache-2.0
"""Names the kinds of personal data that a rule can give, and what becomes of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a column or a value under a key holds."""

    EMAIL = "email"
    FIRST = "first"
    LAST = "last"
    NAME = "name"
    LOGIN = "login"
    PHONE = "phone"
    STREET = "street"
    CITY = "city"
    COMPANY = "company"
    URL = "url"
    IP = "ip"
    AGENT = "agent"
    DATE = "date"
    SHAPE = "shape"
    ANSWER = "answer"
    DATA = "data"
    TEXT = "text"
    PASSWORD = "password"  # noqa: S105  a kind of data
    LOCKED = "locked"
    EMPTY = "empty"
    REMOVED = "removed"
    DROP = "drop"
    KEEP = "keep"


MEANS: Final[dict[Kind, str]] = {
    Kind.EMAIL: "e-mail address: `k3v9q2m7xw@masked.invalid`; the same for every spelling in "
    "upper and lower case",
    Kind.FIRST: "given names: an invented word for each (`Boremix`)",
    Kind.LAST: "surname: an invented word (`Talorudix`)",
    Kind.NAME: "whole name: its words as `first` and `last` would mask them; a name with digits "
    "as `login`",
    Kind.LOGIN: "name of an account: `user-…`, the same for its form in addresses",
    Kind.PHONE: "telephone number: country's code, length and punctuation stay, the number begins "
    "with zeros",
    Kind.STREET: "street with number: `Talorudix Street 12`",
    Kind.CITY: "town: an invented word",
    Kind.COMPANY: "company: an invented word and `Ltd`",
    Kind.URL: "personal web address: `https://….masked.invalid/`",
    Kind.IP: "network address, as text or in binary: one of those reserved for documentation",
    Kind.AGENT: "name of a browser: the same for everybody",
    Kind.DATE: "date: the first of January of its year",
    Kind.SHAPE: "letters for letters, digits for digits: length, case and signs stay",
    Kind.ANSWER: "what somebody entered into a form: by what it looks like, else as `shape`; short "
    "words and numbers stay",
    Kind.DATA: "settings, often serialized: members by their names (below), and all text as `text`",
    Kind.TEXT: "free text: every e-mail address, every telephone number that is some person's, "
    "and the names of the same row",
    Kind.PASSWORD: "hash of a password: looks like one, is that of no password",
    Kind.LOCKED: "hash of a password: gone, nobody can log in",
    Kind.EMPTY: "emptied",
    Kind.REMOVED: "free text: replaced by `(masked)`",
    Kind.DROP: "the row is not copied",
    Kind.KEEP: "left as it is; an e-mail address in it ends the import as one that was missed",
}

# Where a surname may stand as a whole value.
NAMES: Final = frozenset({Kind.FIRST, Kind.LAST, Kind.NAME, Kind.COMPANY, Kind.KEEP})
# Tables with these are copied first: what they know is masked wherever it is met afterwards.
PERSONS: Final = frozenset({Kind.PHONE, Kind.LAST, Kind.NAME, Kind.DATA, Kind.EMAIL})
