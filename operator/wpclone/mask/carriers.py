# SPDX-License-Identifier: Apache-2.0
"""Reaches the texts within serialized PHP and JSON, at any depth, and keeps their carrier valid.

Nothing is unserialized or printed anew: only the strings that change are written again, with their
new lengths, and everything else keeps its bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Leaf = Callable[[str, bytes], bytes]
"""Masks a text, given the name it goes by within its carrier ("" if it has none)."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the parts of a carrier are masked: its texts, and the keys of its arrays."""

    leaf: Leaf
    key: Callable[[bytes], bytes]


_HEAD: Final = re.compile(rb'\s*(?:a:\d+:\{|[OC]:\d+:"|s:\d+:")')
_FIRST: Final = frozenset(b"%c" % sign for sign in b"aOCs{[ \t\r\n\0\x0b")
_TOKEN: Final = re.compile(
    rb's:(?P<text>\d{1,10}):"|i:(?P<int>[+-]?\d{1,20});|(?:N|b:[01]|[rR]:\d+|d:[-+.\w]{1,40});'
    rb'|a:(?P<array>\d{1,9}):\{|O:\d{1,4}:"(?P<class>[^"]{0,1000})":(?P<object>\d{1,9}):\{'
    rb'|E:\d{1,4}:"[^"]{0,1000}";|C:\d{1,4}:"[^"]{0,1000}":(?P<custom>\d{1,10}):\{'
)
_JSON: Final = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"|[{}\[\],]|-?\d+(?![\d.eE])', re.DOTALL)
_MOST_NESTED: Final = 16
# A document is read whole to know that it is one, at about ten times its size. Larger ones are text
# to us, in which a stand-in breaks nothing: it has no sign that JSON would escape.
_LARGEST_JSON: Final = 4_000_000
_MOST_OPEN: Final = 1000
# Shorter numbers are counts and identifiers.
_NUMBER_DIGITS: Final = 8


class _NotThisError(Exception):
    """The bytes are not what they looked like."""


@dataclass(slots=True)
class _Open:
    """An array or object whose members are being read: keys come first, in turn with values."""

    left: int  # keys and values still to come; JSON needs no count
    name: str
    key: str = ""
    is_array: bool = False


@dataclass(slots=True)
class _Edits:
    data: bytes
    parts: list[bytes] = field(default_factory=list)
    done: int = 0

    def replace(self, low: int, high: int, text: bytes) -> None:
        self.parts += (self.data[self.done : low], text)
        self.done = high

    def result(self) -> bytes:
        return b"".join((*self.parts, self.data[self.done :])) if self.parts else self.data


def masked(data: bytes, way: Way, name: str = "", depth: int = 0) -> bytes:
    """Return a value with its texts masked; the same object if none has changed."""
    if data[:1] in _FIRST and depth <= _MOST_NESTED:
        try:
            if _HEAD.match(data):
                return _Serialized(data, way, name, depth).result()
            if len(data) <= _LARGEST_JSON and data.lstrip()[:1] in {b"{", b"["}:
                return _json(data, way, name, depth)
        except _NotThisError:
            pass
    return way.leaf(name, data)


def _inner(frame: _Open) -> str:
    """Return the name of a member: a number in a list says nothing, its list's name does."""
    return frame.name if not frame.key or frame.key.isdigit() else frame.key


class _Serialized:
    """One serialized value; its stack is explicit, because hostile data nests as it likes."""

    def __init__(self, data: bytes, way: Way, name: str, depth: int) -> None:
        self._data, self._way, self._depth = data, way, depth
        self._edits = _Edits(data)
        self._frames = [_Open(1, name)]
        self._at = len(data) - len(data.lstrip(b" \t\r\n\0\x0b"))

    def result(self) -> bytes:
        """Walk the value to its end; what stands behind it PHP overlooks, and we do not."""
        while self._frames:
            frame = self._frames[-1]
            if frame.left:
                self._token(frame)
                continue
            self._frames.pop()
            if self._frames:
                self._pass(b"}")
        behind = self._data[self._at :]
        if behind and (new := self._way.leaf("", behind)) != behind:
            self._edits.replace(self._at, len(self._data), new)
        return self._edits.result()

    def _token(self, frame: _Open) -> None:
        begin = self._at
        found = _TOKEN.match(self._data, begin)
        if found is None or len(self._frames) > _MOST_OPEN:
            raise _NotThisError
        is_key = len(self._frames) > 1 and frame.left % 2 == 0
        frame.left -= 1
        self._at = found.end()
        if found["text"]:
            payload = self._payload(int(found["text"]), b'";')
            if is_key:
                frame.key = payload.rsplit(b"\0", 1)[-1].decode("utf-8", "replace")
                if frame.is_array:
                    self._change(begin, payload, self._way.key(payload))
            else:
                new = masked(payload, self._way, _inner(frame), self._depth + 1)
                self._change(begin, payload, new)
        elif found["int"]:
            if is_key:
                frame.key = found["int"].decode()
            else:
                new = _number(found["int"], self._way, _inner(frame))
                self._change(begin, found["int"], new)
        elif is_key:
            raise _NotThisError
        elif found["array"] or found["object"]:
            members = int(found["array"] or found["object"])
            is_array = found["array"] is not None
            self._frames.append(_Open(2 * members, _inner(frame), is_array=is_array))
        elif found["custom"]:
            self._payload(int(found["custom"]), b"}")  # its class alone can read it: left alone

    def _payload(self, size: int, end: bytes) -> bytes:
        low = self._at
        self._at += size
        self._pass(end)
        return self._data[low : low + size]

    def _pass(self, text: bytes) -> None:
        if not self._data.startswith(text, self._at):
            raise _NotThisError
        self._at += len(text)

    def _change(self, low: int, old: bytes, new: bytes) -> None:
        if new != old:
            self._edits.replace(low, self._at, b's:%d:"%s";' % (len(new), new))


def _number(digits: bytes, way: Way, name: str) -> bytes:
    """Mask a number that may be a person's; short ones are counts and identifiers."""
    return way.leaf(name, digits) if len(digits) >= _NUMBER_DIGITS else digits


def _json(data: bytes, way: Way, name: str, depth: int) -> bytes:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        raise _NotThisError from None
    edits = _Edits(data)
    frames = [_Open(0, name)]
    for found in _JSON.finditer(data):
        sign, frame = found[0], frames[-1]
        if sign in {b"{", b"["}:
            frames.append(_Open(0, _inner(frame)))
        elif sign in {b"}", b"]"}:
            frames.pop()
        elif sign != b",":
            old = _said(sign) if sign[:1] == b'"' else sign
            if old is sign:
                new = _number(sign, way, _inner(frame))
            elif _COLON.match(data, found.end()):
                frame.key = old.decode("utf-8", "replace")
                new = way.key(old)
            else:
                new = masked(old, way, _inner(frame), depth + 1)
            if new != old:
                edits.replace(*found.span(), _literal(new, sign, data))
    return edits.result()


_COLON: Final = re.compile(rb"\s*:")


def _said(literal: bytes) -> bytes:
    text: str = json.loads(literal)
    return text.encode("utf-8", "surrogatepass")


def _literal(text: bytes, like: bytes, document: bytes) -> bytes:
    """Write a text as JSON in the document's own way with slashes and other letters."""
    plain = text.decode("utf-8", "surrogatepass")
    is_ascii = b"\\u" in like or like.isascii()
    made = json.dumps(plain, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    return made.replace(b"/", rb"\/") if rb"\/" in document else made
