# SPDX-License-Identifier: Apache-2.0
"""Invents what a person is reached by: e-mail, telephone, web address, network address.

None of it can reach anybody: the domain is reserved, the numbers begin with zeros, the network
addresses are those of documentation.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from wpclone.mask import finding
from wpclone.mask.keys import Key

DOMAIN: Final = "masked.invalid"
MAIL_DOMAIN: Final = b"@" + DOMAIN.encode()
_TOKEN: Final = 10
# Any byte as one of 32 letters and digits that nobody takes for another.
_SIGNS: Final = b"abcdefghijklmnopqrstuvwxyz234567" * 8
_FEWEST_DIGITS: Final = 5
# Of a whole number: zeros, five digits of chance, and two that prove them.
_CHANCE, _PROOF = 5, 2
_TAIL: Final = _CHANCE + _PROOF
_V4: Final = tuple(
    ipaddress.IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
_V6: Final = ipaddress.IPv6Network("2001:db8::/32")
_V4_TEXT: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_WEB: Final = re.compile(r"(https?:)?//", re.IGNORECASE)
_OURS: Final = re.compile(rf"(?:https?:)?//[a-z2-7]{{{_TOKEN}}}\.{DOMAIN}/?", re.IGNORECASE)


def token(key: Key, purpose: str, text: str | bytes, size: int = _TOKEN) -> str:
    """Return letters and digits that stand for a text."""
    return key.digest(purpose, text)[:size].translate(_SIGNS).decode()


def email(key: Key, address: bytes) -> bytes:
    """Return what stands for an address in lower case; a stand-in stays as it is."""
    if address.endswith(MAIL_DOMAIN):
        return address
    return token(key, "email", address).encode() + MAIL_DOMAIN


def url(key: Key, text: str) -> str:
    """Return an address of the web that nobody can open."""
    if _OURS.fullmatch(text):
        return text
    scheme = _WEB.match(text)
    return f"{scheme[0] if scheme else ''}{token(key, 'url', text.strip().lower())}.{DOMAIN}/"


def phone(key: Key, text: str) -> str:
    """Return the text with a number nobody has: country, length and punctuation stay.

    The last digits are the same however a number was written: `+49 170 …` and `0170 …`.
    """
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    kept = _code(text, digits)
    # The zeros of ours may look like a country's code.
    if len(digits) < _FEWEST_DIGITS or is_phone(key, digits) or is_phone(key, digits[kept:]):
        return text
    made = iter(digits[:kept] + _home(key, digits, len(digits) - kept))
    return "".join(next(made) if s.isascii() and s.isdigit() else s for s in text)


def is_phone(key: Key, national: str) -> bool:
    """Tell whether a number, without its country's code, is one of ours."""
    zeros = len(national) - _TAIL
    if zeros < 1:
        return national.startswith("00")
    chance, proof = national[zeros:-_PROOF], national[-_PROOF:]
    return national.startswith("0" * zeros) and proof == _proof(key, chance)


def _code(text: str, digits: str) -> int:
    """Return how many digits at the start name the country."""
    if text.lstrip(" (").startswith("+"):
        code = finding.code_digits(digits)
    elif digits.startswith("00"):
        code = 2 + finding.code_digits(digits[2:])
    else:
        return 0
    return code if len(digits) - code >= _FEWEST_DIGITS else 0


def _home(key: Key, digits: str, size: int) -> str:
    """Return `size` digits that stand for a number."""
    number = key.number("phone", digits[-finding.LEAST_DIGITS :])
    if size <= _TAIL:
        return f"00{number % 10 ** (size - 2):0{size - 2}}"
    chance = f"{number % 10**_CHANCE:0{_CHANCE}}"
    return "0" * (size - _TAIL) + chance + _proof(key, chance)


def _proof(key: Key, chance: str) -> str:
    return f"{key.number('phone proof', chance) % 10**_PROOF:0{_PROOF}}"


def ip(key: Key, text: str) -> str:
    """Return the text with addresses that belong to documentation."""
    try:
        return _ip(key, ipaddress.ip_address(text.strip()))
    except ValueError:
        return _V4_TEXT.sub(lambda found: _or_same(key, found[0]), text)


def packed_ip(key: Key, data: bytes) -> bytes:
    """Return the bytes that stand for an address in binary form (4 or 16 bytes)."""
    made = _ip(key, ipaddress.ip_address(data))
    return ipaddress.ip_address(made).packed


def _or_same(key: Key, text: str) -> str:
    try:
        return _ip(key, ipaddress.ip_address(text))
    except ValueError:
        return text


def _ip(key: Key, known: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    number = key.number("ip", str(known))
    if isinstance(known, ipaddress.IPv4Address):
        if any(known in network for network in _V4):
            return str(known)
        return str(_V4[number % len(_V4)][1 + (number >> 8) % 254])
    if known in _V6:
        return str(known)
    return str(_V6[number])
