# SPDX-License-Identifier: Apache-2.0
"""Knows the ways in which one host name is spelled inside a site's data.

An international name appears in Unicode (UTF-8, JSON escapes, percent-encoding, entities) and in
its ASCII form; WordPress writes `--` in block comments as two JSON escapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOUBLE_HYPHEN = rb"(?:--|(?:\\+u002d){2})"
_LATIN_1_END = 0x100


@dataclass(frozen=True, slots=True)
class Character:
    """The ways to write one character beyond ASCII."""

    raw: tuple[bytes, ...]  # its bytes, in either case
    codes: tuple[tuple[int, bytes], ...]  # what it may be escaped as: code point and UTF-8
    latin: int | None  # its one byte in Latin-1, if there is one


Atom = bytes | Character | None
"""A piece of a name: ASCII text, a character beyond it, or (None) a double hyphen."""


@dataclass(frozen=True, slots=True)
class Spellings:
    """A pattern for every spelling of a host, and a lower-case string each spelling contains."""

    forms: tuple[tuple[Atom, ...], ...]
    pattern: bytes
    needles: tuple[bytes, ...]


def to_ascii(host: str) -> str:
    """Give the ASCII form that is valid in every carrier."""
    return ".".join(_label_to_ascii(label)[0] for label in host.lower().split("."))


def twin(host: str) -> str | None:
    """Give the same site's other name: with `www.` if it lacks it, without if it has it."""
    if host.startswith("www."):
        return host.removeprefix("www.")
    is_address = host.startswith("[") or host.replace(".", "").isdigit()
    return None if is_address or "." not in host else f"www.{host}"


def spellings(host: str) -> Spellings:
    """Collect the spellings of one host name, given in any of them."""
    forms = {host.lower(), _to_unicode(host.lower())}
    labels = [_label_to_ascii(label) for label in _to_unicode(host.lower()).split(".")]
    for choice in range(max(map(len, labels))):
        forms.add(".".join(label[min(choice, len(label) - 1)] for label in labels))
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    names = tuple(_atoms_of_host(form) for form in ordered)
    return Spellings(
        forms=names,
        pattern=b"(?:" + b"|".join(pattern(name) for name in names) + b")",
        needles=tuple(sorted({_needle(form) for form in ordered})),
    )


def atoms(text: str) -> tuple[Atom, ...]:
    """Cut a text into pieces that are each written in their own ways."""
    parts = re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]", text)
    return tuple(part.encode() if part.isascii() else _character(part) for part in parts)


def pattern(pieces: tuple[Atom, ...]) -> bytes:
    """Give a pattern for text whose characters beyond ASCII may be escaped in any way."""
    return b"".join(map(_pattern, pieces))


def _pattern(atom: Atom) -> bytes:
    if atom is None:
        return _DOUBLE_HYPHEN
    return _ways(atom) if isinstance(atom, Character) else re.escape(atom)


def _atoms_of_host(form: str) -> tuple[Atom, ...]:
    first, *parts = form.split("--")
    pieces = list(atoms(first))
    for part in parts:
        pieces += (None, *atoms(part))
    return tuple(pieces)


def _needle(form: str) -> bytes:
    """Give the longest part that looks the same in every spelling, for a plain search."""
    return max(re.split(r"[^\x00-\x7f]+|--", form), key=len).encode()


def _character(char: str) -> Character:
    cases = {char.lower(), char.upper()}
    is_latin = ord(char) < _LATIN_1_END
    return Character(
        raw=tuple(sorted(case.encode() for case in cases)),
        codes=tuple((ord(sign), sign.encode()) for case in sorted(cases) for sign in case),
        latin=ord(char) if is_latin else None,
    )


def _ways(character: Character) -> bytes:
    ways = [re.escape(spelled) for spelled in character.raw]
    for code, utf8 in character.codes:
        ways.append(b"\\\\+u%04x" % code)
        ways.append(b"&(?:amp;)*#(?:0*%d|x0*%x);" % (code, code))
        ways.append(b"".join(b"%%(?:25)*%02x" % byte for byte in utf8))
    if character.latin is not None:
        ways.append(re.escape(bytes([character.latin])))
    return b"(?i:" + b"|".join(ways) + b")"


def _label_to_ascii(label: str) -> list[str]:
    """Both ASCII forms in use: of the current and of the older rules for names."""
    if label.isascii():
        return [label]
    forms = ["xn--" + label.encode("punycode").decode()]
    try:
        older = label.encode("idna").decode()
    except UnicodeError:
        return forms
    return forms if older in forms else [*forms, older]


def _to_unicode(host: str) -> str:
    return ".".join(_label_to_unicode(label) for label in host.split("."))


def _label_to_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return label
