# SPDX-License-Identifier: Apache-2.0
"""Knows how SQL dumps write values: the patterns of rows and fields, decoding and encoding.

All patterns are possessive: a dump is read once, and hostile text cannot make it slow.
"""

from __future__ import annotations

import re

from wpclone.rewrite.spelling import Spelling, ends_alike
from wpclone.rewrite.statements import COMMENT, GAP, LINE_COMMENT

_MEANINGS = {
    rb"\0": b"\0",
    rb"\b": b"\b",
    rb"\n": b"\n",
    rb"\r": b"\r",
    rb"\t": b"\t",
    rb"\Z": b"\x1a",
    rb"\%": rb"\%",
    rb"\_": rb"\_",
}
# What may begin a comment, and does not.
_SIGNS = rb"/(?!\*)|-(?!-\s)"
_HEX_WRAP = {ord("0"): (2, 0), ord("x"): (2, 1), ord("X"): (2, 1)}
NULL = b"NULL"


def _read(escape: bytes) -> bytes:
    return _MEANINGS.get(escape, escape[1:])


def _units(strings: bytes) -> tuple[bytes, bytes]:
    """Give the patterns of what a statement is made of: what is no comment, and comments."""
    # A sign that may open a comment counts as plain only if it does not: a comment that is
    # still incomplete must not let the `;` inside it end the statement.
    plain = strings + rb"|`[^`]*+`|" + _SIGNS + rb"|"
    # What an executable comment holds is read as SQL: `*/` in a string does not end it.
    executable = rb"/\*M?!(?:[^'\"`#/*-]++|" + plain + COMMENT + rb"|\*(?!/))*+\*/"
    return plain, executable + rb"|/\*(?!M?!).*?\*/|" + LINE_COMMENT


def _row(
    single: bytes, strings: bytes, comment: bytes
) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Compile the patterns of a row, behind the comma it may need, and of one value in it."""
    # No dump has comments inside a row, but whoever edits one by hand leaves some.
    units = rb"[^'\"()#/-]++|" + strings + rb"|" + _SIGNS + rb"|" + comment
    nested = rb"\((?:" + units + rb"|\((?:" + units + rb")*+\))*+\)"
    # Most rows have no parentheses, double quotes or signs of comments outside their strings.
    simple = rb"(?:[^'\"()#/-]*+" + single + rb")*+[^'\"()#/-]*+\)"
    general = rb"(?:" + units + rb"|" + nested + rb")*+\)"
    row = re.compile(
        rb"(" + GAP + rb"(?:," + GAP + rb")?)(\((?:" + simple + rb"|" + general + rb"))",
        re.DOTALL,
    )
    gap = rb"(?:\s++|" + comment + rb")"
    words = rb"[^\s'\"(),#/-]++|" + _SIGNS + rb"|" + strings + rb"|" + nested
    expression = rb"(?:" + words + rb"|" + gap + rb"++(?![,)]))*+"
    field = re.compile(
        gap + rb"*+(?:(?P<intro>_[A-Za-z0-9]++\s*+|[nN](?='))?"
        rb"(?:(?P<text>" + strings + rb")|(?P<hex>0x[0-9A-Fa-f]*+|[xX]'[0-9A-Fa-f]*+'))"
        rb"(?=" + gap + rb"*+[,)])|(?P<raw>" + expression + rb"))" + gap + rb"*+[,)]",
        re.DOTALL,
    )
    return row, field


class Dialect:
    """One way to read string literals: with backslash escapes, or without them."""

    def __init__(self, *, backslashes: bool) -> None:
        """Compile the patterns of this way."""
        text = {quote: _string(quote, backslashes=backslashes) for quote in (b"'", b'"')}
        strings = text[b"'"] + b"|" + text[b'"']
        plain, comment = _units(strings)
        self._units = plain + comment
        self.row, self.field = _row(text[b"'"], strings, comment)
        # White space and comments, executable ones included: none of them begins an INSERT. NULs
        # come from a file system that has lost the end of a file.
        self.trivia = re.compile(rb"(?:[\s\0]++|\xef\xbb\xbf|" + comment + rb")*+", re.DOTALL)
        self._statement = self._until(b";", b";")
        self._spelling = {
            quote: Spelling(
                re.compile((rb"\\.|" if backslashes else b"") + quote * 2, re.DOTALL),
                _read,
                {quote: b"\\" + quote, b"\\": rb"\\"} if backslashes else {quote: quote * 2},
            )
            for quote in text
        }
        self._backslashes = backslashes

    def statement_until(self, delimiter: bytes) -> re.Pattern[bytes]:
        """Give the pattern of a statement that ends in a delimiter."""
        if delimiter == b";":
            return self._statement
        return self._until(re.escape(delimiter), re.escape(delimiter[:1]))

    def insert_until(self, delimiter: bytes) -> re.Pattern[bytes]:
        """Give the pattern of what follows rows: it ends in a delimiter, and in `;` as well."""
        if delimiter == b";":
            return self._statement
        # Until the bytes are there, a `;` may be the begin of the delimiter.
        wait = len(delimiter) - 1 if delimiter.startswith(b";") else 0
        ends = re.escape(delimiter) + rb"|;(?=.{%d})" % wait
        return self._until(ends, b";" + re.escape(delimiter[:1]))

    def _until(self, ends: bytes, signs: bytes) -> re.Pattern[bytes]:
        """Compile all units up to one of the ends, each of which begins with one of the signs."""
        runs = rb"[^'\"`#/" + signs + rb"-]++"
        unit = rb"(?!" + ends + rb")(?:[^'\"`#/-]|" + self._units + rb")"
        return re.compile(rb"(?:" + runs + rb"|" + unit + rb")*+(?:" + ends + rb")", re.DOTALL)

    def decode(self, literal: bytes) -> bytes:
        """Give what a quoted literal means."""
        quote, raw = literal[:1], literal[1:-1]
        if quote * 2 not in raw and not (self._backslashes and b"\\" in raw):
            return raw
        quick = self._decode_quickly(quote, raw)
        return self._spelling[quote].decode(raw) if quick is None else quick

    def encode(self, new: bytes, like: bytes, old: bytes | None = None) -> bytes:
        """Write bytes as a quoted literal, with the escapes that an old literal uses.

        `old` is what the old literal means, if the caller knows it already.
        """
        quote, raw = like[:1], like[1:-1]
        signs = (quote, b"\\") if self._backslashes else (quote,)
        if not any(sign in raw or sign in new for sign in signs):
            return quote + new + quote
        meaning = self.decode(like) if old is None else old
        quick = self._encode_quickly(quote, raw, meaning, new)
        return quote + (self._spelling[quote].encode(new, raw) if quick is None else quick) + quote

    def _decode_quickly(self, quote: bytes, raw: bytes) -> bytes | None:
        """Decode by plain replacement, where the order of replacements cannot matter."""
        if not self._backslashes:
            return raw.replace(quote * 2, quote)
        doubled = quote * 2 in raw
        if doubled and b"\\" + quote in raw:
            return None
        parts = raw.split(rb"\\")
        for escape, meaning in _COMMON:
            if escape in raw:
                parts = [part.replace(escape, meaning) for part in parts]
        if any(b"\\" in part for part in parts):
            return None
        if doubled:
            parts = [part.replace(quote * 2, quote) for part in parts]
        return b"\\".join(parts)

    def _encode_quickly(self, quote: bytes, raw: bytes, old: bytes, new: bytes) -> bytes | None:
        """Encode by plain replacement, if the old literal can be made from its meaning so."""
        ways = [(b"\\", rb"\\")] if self._backslashes else []
        if self._backslashes:
            ways += [(meaning, escape) for escape, meaning in _COMMON if escape in raw]
        if quote * 2 in raw or not self._backslashes:
            ways.append((quote, quote * 2))
        elif quote in new and b"\\" + quote not in raw:
            ways.append((quote, b"\\" + quote))
        text, spelled = old, new
        for sign, escape in ways:
            text = text.replace(sign, escape)
            spelled = spelled.replace(sign, escape)
        return spelled if text == raw else None


# The escapes that dumps are made of, the backslash itself apart.
_COMMON = (
    (rb"\"", b'"'),
    (rb"\'", b"'"),
    (rb"\n", b"\n"),
    (rb"\r", b"\r"),
    (rb"\0", b"\0"),
    (rb"\t", b"\t"),
    (rb"\Z", b"\x1a"),
)


def _string(quote: bytes, *, backslashes: bool) -> bytes:
    """Build the pattern of a quoted string: long runs first, then escapes and doubled quotes."""
    doubled = quote * 2
    if not backslashes:
        return quote + b"[^" + quote + b"]*+(?:" + doubled + b"[^" + quote + b"]*+)*+" + quote
    plain = b"[^" + quote + rb"\\]*+"
    return quote + plain + rb"(?:(?:\\.|" + doubled + b")" + plain + b")*+" + quote


BACKSLASHES = Dialect(backslashes=True)
NO_BACKSLASHES = Dialect(backslashes=False)


def unhex(literal: bytes) -> bytes | None:
    """Give the bytes of `0x…` or `X'…'`; None if it is a number of odd length."""
    low, high = _HEX_WRAP[literal[0]]
    digits = literal[low : len(literal) - high]
    return bytes.fromhex(digits.decode()) if len(digits) % 2 == 0 else None


def to_hex(data: bytes, like: bytes) -> bytes:
    """Write bytes as a hex literal of the old one's form; what stays keeps its very digits."""
    low, high = _HEX_WRAP[like[0]]
    old = unhex(like) or b""
    front, behind = ends_alike(data, old)
    begin, end = low + 2 * front, len(like) - high - 2 * behind
    digits = data[front : len(data) - behind].hex().encode()
    letters = re.search(rb"[A-Fa-f]", like[begin:end]) or re.search(rb"[A-Fa-f]", like[low:])
    if letters is not None and letters[0].isupper():
        digits = digits.upper()
    return like[:begin] + digits + like[end:]
