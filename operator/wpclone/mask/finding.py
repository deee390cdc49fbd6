# SPDX-License-Identifier: Apache-2.0
"""Finds e-mail addresses and telephone numbers in text, whatever stands around them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# An address as pages and scripts spell it: plain, in a query, in JSON, in HTML.
AT: Final = re.compile(rb"@|%40|\\u0040|&#0{0,4}64;|&#x0{0,4}40;|&commat;", re.IGNORECASE)
# Letters of two bytes (ä, é, ж), but none of the signs that typographers put beside an address.
_LETTER: Final = rb"(?:[A-Za-z0-9]|[\xc3-\xdf][\x80-\xbf])"
_LOCAL: Final = re.compile(rb"(?:" + _LETTER + rb"|[._%+'-]){1,96}\Z")
_LABEL: Final = _LETTER + rb"(?:(?:" + _LETTER + rb"|-){0,61}" + _LETTER + rb")?"
_DOMAIN: Final = re.compile(rb"(?:" + _LABEL + rb"\.)+[A-Za-z][A-Za-z0-9-]{0,22}[A-Za-z0-9]")
# What an escape in front leaves behind if it is taken for letters: `\n`, `<`, `%3A`.
_ESCAPE: Final = re.compile(rb"u00[0-9A-Fa-f]{2}|[nrtbf]")
_CODED: Final = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
# The same anywhere in a text, for a look that had rather see too much.
ESCAPES: Final = re.compile(rb"\\(?:u00[0-9a-f]{2}|[nrtbf])|%[0-9a-f]{2}", re.IGNORECASE)
# `logo@2x.png` is a file, and so is `anna@customer.example.pdf`.
_ENLARGED: Final = re.compile(rb"\d+(?:\.\d+)?x[.-]", re.IGNORECASE)
_FILES: Final = frozenset(
    b"png jpg jpeg gif webp svg avif ico bmp css js mjs map json php html htm xml txt pdf mp4 webm"
    b" mp3 woff woff2 ttf eot scss less min".split()
)
_LONGEST_LOCAL: Final = 96

# Runs of digits with what people put between them. A moment as databases write it is none, and is
# passed first. Each way begins with a digit, so that the search is quick where there are few.
_DIGITS: Final = re.compile(
    rb"(?:19|20)\d\d-[01]\d-[0-3]\d(?:[ T][0-2]\d:[0-5]\d(?::[0-5]\d)?)?(?!\d)"
    rb"|(?P<run>\d(?:[ ().\-/]{0,3}\d){7,63})(?!\w)"
)
# A letter in front is part of a word, but for that of an escaped line break.
_WORD: Final = re.compile(rb"(?<!\\)\w\Z|\\[^nrtbfvZ\W]\Z")
_DATED: Final = re.compile(r"(?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:\d{4}|\d{6})?$")
_GROUP: Final = re.compile(rb"\d+")
LEAST_DIGITS: Final = 8
MOST_DIGITS: Final = 15
_FEWEST_DISTINCT: Final = 3
_FIRST_TIME, _LAST_TIME, _TIME_DIGITS = 1_000_000_000, 2_147_483_647, 10


@dataclass(frozen=True, slots=True)
class Found:
    """An e-mail address in a text: where it stands, and how its `@` is spelled."""

    low: int
    at: int
    behind_at: int
    high: int

    def of(self, data: bytes) -> bytes:
        """Return the address itself, in lower case and with a plain `@`."""
        return (data[self.low : self.at] + b"@" + data[self.behind_at : self.high]).lower()


def emails(data: bytes) -> Iterator[Found]:
    """Find the e-mail addresses in a text, in their order."""
    done = 0
    for sign in AT.finditer(data):
        domain = _DOMAIN.match(data, sign.end())
        high = sign.end() + len(without_extension(domain[0])) if domain else 0
        if high <= sign.end():
            continue
        floor = max(done, sign.start() - _LONGEST_LOCAL)
        local = _LOCAL.search(data, floor, sign.start())
        if local is None:
            continue
        low = _begin(data, local.start(), sign.start())
        if low < sign.start():
            done = high
            yield Found(low, sign.start(), sign.end(), done)


def without_extension(domain: bytes) -> bytes:
    """Return a domain without what makes it the name of a file; nothing if it is none then."""
    if _ENLARGED.match(domain):
        return b""
    while domain.rpartition(b".")[2].lower() in _FILES:
        domain = domain.rpartition(b".")[0]
    return domain if b"." in domain else b""


def _begin(data: bytes, low: int, high: int) -> int:
    """Give the place where an address begins, behind the escape in front of it."""
    if low and data[low - 1 : low] == b"\\" and (escape := _ESCAPE.match(data, low, high)):
        low = escape.end()
    if coded := _CODED.match(data, low, high):
        low = coded.end()
    while low < high and data[low : low + 1] in b".'%-+":
        low += 1
    return low


@dataclass(frozen=True, slots=True)
class Number:
    """A run of digits that may be a telephone number."""

    low: int
    high: int
    digits: str
    bare: bool  # digits only, nothing between or in front


def has_number(data: bytes) -> bool:
    """Tell quickly whether there is any."""
    return any(run["run"] for run in _DIGITS.finditer(data))


def numbers(data: bytes) -> Iterator[Number]:
    """Find what may be a telephone number in a text: each run, and each part of it between gaps."""
    for run in _DIGITS.finditer(data):
        text = run["run"]
        if text is None:
            continue
        low = run.start()
        is_word = _WORD.search(data, max(0, low - 2), low) is not None
        if not text.isdigit():
            yield from _parts(data, run, skipped=int(is_word))
        elif not is_word and len(text) <= MOST_DIGITS + 2:
            yield Number(low, run.end(), text.decode(), bare=data[low - 1 : low] != b"+")


def _parts(data: bytes, run: re.Match[bytes], skipped: int) -> Iterator[Number]:
    groups = [group.span() for group in _GROUP.finditer(data, *run.span())]
    for first in range(skipped, len(groups)):
        digits = ""
        low = groups[first][0]
        for begin, high in groups[first:]:
            digits += data[begin:high].decode()
            if len(digits) > MOST_DIGITS + 2:
                break
            if len(digits) >= LEAST_DIGITS:
                plus = data[low - 1 : low] == b"+" if low else False
                yield Number(low, high, digits, bare=begin == low and not plus)


def spellings(digits: str, *, plus: bool) -> tuple[str, ...]:
    """Return the digits by which a telephone number is known again; none if it is no number.

    `00` in front is the `+` of others; a number with its country's code is known without it too.
    """
    abroad = plus or digits.startswith("00")
    known = digits.removeprefix("00") if abroad else digits
    if not LEAST_DIGITS <= len(known) <= MOST_DIGITS or is_filler(known):
        return ()
    if not abroad:
        return (known,)
    at_home = "0" + known[code_digits(known) :]
    return (known, at_home) if len(at_home) >= LEAST_DIGITS else (known,)


def is_filler(digits: str) -> bool:
    """Tell whether these are the digits of somebody who did not want to give a number."""
    if _DATED.match(digits):
        return True  # somebody's birthday, and the name of many a picture
    rising = all((int(b) - int(a)) % 10 == 1 for a, b in itertools.pairwise(digits))
    return len(set(digits)) < _FEWEST_DISTINCT or rising


def is_time(number: Number) -> bool:
    """Tell whether bare digits are rather a moment in seconds, which databases are full of."""
    bare = number.bare and len(number.digits) == _TIME_DIGITS
    return bare and _FIRST_TIME <= int(number.digits) <= _LAST_TIME


def code_digits(digits: str) -> int:
    """Return how many digits the country's code has at the start of an international number."""
    if digits[:1] in {"1", "7"}:
        return 1
    return 2 if digits[:2] in _TWO else 3


_TWO: Final = frozenset(
    (
        *("20", "27", "30", "31", "32", "33", "34", "36", "39"),
        *(str(code) for code in (40, 41, *range(43, 50))),
        *(str(code) for code in (*range(51, 59), *range(60, 67))),
        *("81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"),
    )
)
