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
class Spellings:
    """A pattern for every spelling of a host, and a lower-case string each spelling contains."""

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
    ordered = sorted(forms, key=len, reverse=True)
    return Spellings(
        pattern=b"(?:" + b"|".join(_pattern(form) for form in ordered) + b")",
        needles=tuple(sorted({_needle(form) for form in ordered})),
    )


def characters(text: str) -> bytes:
    """Give a pattern for text whose characters beyond ASCII may be escaped in any way."""
    return b"".join(
        re.escape(char.encode()) if char.isascii() else _character(char) for char in text
    )


def _pattern(form: str) -> bytes:
    return _DOUBLE_HYPHEN.join(characters(part) for part in form.split("--"))


def _needle(form: str) -> bytes:
    """Give the longest part that looks the same in every spelling, for a plain search."""
    return max(re.split(r"[^\x00-\x7f]+|--", form), key=len).encode()


def _character(char: str) -> bytes:
    raw = {char.lower().encode(), char.upper().encode()}
    ways = [re.escape(spelled) for spelled in sorted(raw)]
    for case in sorted({char.lower(), char.upper()}):
        for spelled in case:
            code = ord(spelled)
            ways.append(b"\\\\+u%04x" % code)
            ways.append(b"&(?:amp;)*#(?:0*%d|x0*%x);" % (code, code))
            ways.append(b"".join(b"%%(?:25)*%02x" % byte for byte in spelled.encode()))
    if ord(char) < _LATIN_1_END:
        ways.append(re.escape(char.encode("latin-1")))
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
