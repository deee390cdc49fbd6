# SPDX-License-Identifier: Apache-2.0
"""Walks PHP-serialized data by its own byte counts and changes string payloads only.

Nothing is unserialized: no class is looked at, no float is printed anew. The walk trusts each
length and then verifies the terminator behind it, so a payload may hold the format's own signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Payload = Callable[[bytes], bytes]

# PHP itself refuses to go deeper than 4096.
MAX_DEPTH = 4096

_HEAD = re.compile(rb'[ \t\r\n\0\x0b]*+(?:a:\d+:\{|[sSOCE]:\d+:")')
_TOKEN = re.compile(
    rb"(?:N|b:[01]|i:[+-]?\d+|[rR]:\d+"
    rb"|d:(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NAN));"
    rb"|(?:([sSaOCE]):(\d{1,12}):)"
)
_MEMBERS = re.compile(rb":(\d{1,12}):\{")
_ESCAPED_BYTE = re.compile(rb"\\([0-9a-fA-F]{2})")


class _MalformedError(Exception):
    """The bytes are no serialized data, or no longer valid."""


class TooDeepError(Exception):
    """The data nests deeper than PHP reads."""


@dataclass(frozen=True, slots=True)
class Walked:
    """A complete token: where it ends, what is to be replaced in it, what could not be."""

    end: int
    edits: Sequence[tuple[int, int, bytes]]
    unsupported: int


@dataclass(slots=True)
class _Frame:
    """An open array or object: how many keys and values are still to come, and its keys."""

    left: int
    rewrites_keys: bool
    keys: set[bytes] = field(default_factory=set)
    renamed: list[tuple[int, int, bytes]] = field(default_factory=list)


def looks(data: bytes) -> bool:
    """Tell whether a value begins as serialized data that can hold text."""
    return _HEAD.match(data) is not None


def start(data: bytes) -> int:
    """Give the place behind the white space that WordPress trims before it unserializes."""
    return len(data) - len(data.lstrip(b" \t\r\n\0\x0b"))


def valid(data: bytes) -> bool:
    """Tell whether a complete token stands at the beginning, white space aside."""
    try:
        return walk(data, start(data), (), bytes) is not None
    except TooDeepError:
        return False


def walk(data: bytes, at: int, hits: Sequence[int], payload: Payload) -> Walked | None:
    """Hop over the token at a place, rewriting the payloads in which one of the hits lies.

    None if there is no complete, valid token. The hits are ascending places in `data`.
    """
    walker = _Walker(data, hits, payload)
    try:
        end = walker.run(at)
    except _MalformedError:
        return None
    return Walked(end, sorted(walker.edits), walker.unsupported)


def edited(data: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Give the bytes with the edits applied: ascending, none overlapping another."""
    parts: list[bytes] = []
    done = 0
    for low, high, text in edits:
        parts += (data[done:low], text)
        done = high
    return b"".join((*parts, data[done:])) if parts else data


class _Walker:
    """One walk; its stack is explicit, because hostile data nests as deep as it likes."""

    def __init__(self, data: bytes, hits: Sequence[int], payload: Payload) -> None:
        self.data = data
        self.edits: list[tuple[int, int, bytes]] = []
        self.unsupported = 0
        self._hits = hits
        self._hit = 0
        self._payload = payload
        self._frames: list[_Frame] = []

    def run(self, at: int) -> int:
        """Walk one token and everything in it; give the place behind it."""
        data, frames, match = self.data, self._frames, _TOKEN.match
        while True:
            found = match(data, at)
            if found is None:
                raise _MalformedError
            frame = frames[-1] if frames else None
            is_key = frame is not None and not frame.left & 1
            if frame is not None:
                frame.left -= 1
            kind = found[1]
            if is_key and kind not in {b"s", b"S"} and data[at] != ord("i"):
                raise _MalformedError
            at = found.end()
            if kind == b"s":
                at = self._string(found, frame if is_key else None)
            elif kind is not None:
                at = self._compound(found, kind, frame if is_key else None)
            while frames and frames[-1].left == 0:
                at = self._close(at)
            if not frames:
                return at

    def _touched(self, low: int, high: int) -> bool:
        """Tell whether a hit lies in a span; spans are asked for in ascending order."""
        hits = self._hits
        while self._hit < len(hits) and hits[self._hit] < low:
            self._hit += 1
        return self._hit < len(hits) and hits[self._hit] < high

    def _expect(self, at: int, text: bytes) -> int:
        if not self.data.startswith(text, at):
            raise _MalformedError
        return at + len(text)

    def _string(self, found: re.Match[bytes], keyed: _Frame | None) -> int:
        low = found.end() + 1
        high = low + int(found[2])
        if self.data[high : high + 2] != b'";' or self.data[low - 1] != ord('"'):
            raise _MalformedError
        if keyed is not None and keyed.rewrites_keys:
            keyed.keys.add(self.data[low:high])
        if self._touched(low, high) and (keyed is None or keyed.rewrites_keys):
            old = self.data[low:high]
            new = self._payload(old)
            if new != old:
                edit = (found.start(), high + 2, b's:%d:"%s";' % (len(new), new))
                if keyed is None:
                    self.edits.append(edit)
                else:
                    keyed.renamed.append((edit[0], edit[1], new))
        return high + 2

    def _compound(self, found: re.Match[bytes], kind: bytes, keyed: _Frame | None) -> int:
        size = int(found[2])
        if kind == b"a":
            return self._open(self._expect(found.end(), b"{"), size, rewrites_keys=True)
        if kind == b"S":
            return self._escaped(found, is_key=keyed is not None)
        name_end = self._expect(found.end(), b'"') + size
        behind = self._expect(name_end, b'"')
        if kind == b"E":
            return self._expect(behind, b";")
        members = _MEMBERS.match(self.data, behind)
        if members is None:
            raise _MalformedError
        if kind == b"O":
            return self._open(members.end(), int(members[1]), rewrites_keys=False)
        return self._custom(found.start(), behind, members)

    def _open(self, at: int, members: int, *, rewrites_keys: bool) -> int:
        # Each member takes four bytes at least (`i:0;`), twice: a count beyond that is a lie.
        if members * 2 > len(self.data) - at:
            raise _MalformedError
        if len(self._frames) >= MAX_DEPTH:
            raise TooDeepError
        self._frames.append(_Frame(2 * members, rewrites_keys))
        return at

    def _close(self, at: int) -> int:
        frame = self._frames.pop()
        for low, high, new in frame.renamed:
            if new in frame.keys:
                self.unsupported += 1
                continue
            frame.keys.add(new)
            self.edits.append((low, high, b's:%d:"%s";' % (len(new), new)))
        return self._expect(at, b"}")

    def _custom(self, low: int, behind: int, members: re.Match[bytes]) -> int:
        """Pass an object that serialized itself: its body is its own, its count ours."""
        body, size = members.end(), int(members[1])
        end = self._expect(body + size, b"}")
        if self._touched(body, body + size):
            old = self.data[body : body + size]
            new = self._payload(old)
            if new != old:
                head = self.data[low:behind]
                self.edits.append((low, end, b"%s:%d:{%s}" % (head, len(new), new)))
        return end

    def _escaped(self, found: re.Match[bytes], *, is_key: bool) -> int:
        """Pass the rare `S:` form, whose length counts the bytes after unescaping."""
        low = at = self._expect(found.end(), b'"')
        left = int(found[2])
        while left > 0:
            sign = self.data.find(b"\\", at, at + left)
            if sign < 0:
                at += left
                break
            left -= sign - at + 1
            at = sign + 3
        end = self._expect(at, b'";')
        raw = self.data[low:at]
        if self._touched(low, at) and not is_key:
            self._rewrite_escaped(found.start(), end, raw)
        return end

    def _rewrite_escaped(self, low: int, high: int, raw: bytes) -> None:
        old = _unescape(raw)
        special = {match[0].lower() for match in _ESCAPED_BYTE.finditer(raw)} | {rb"\5c"}
        new = self._payload(old)
        if new == old:
            return
        if _escape(old, special) != raw:
            self.unsupported += 1
            return
        self.edits.append((low, high, b'S:%d:"%s";' % (len(new), _escape(new, special))))


def _unescape(raw: bytes) -> bytes:
    return _ESCAPED_BYTE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)


def _escape(text: bytes, special: set[bytes]) -> bytes:
    wanted = {bytes.fromhex(spelled[1:].decode()): spelled for spelled in special}
    pattern = b"[" + b"".join(map(re.escape, sorted(wanted))) + b"]"
    return re.sub(pattern, lambda match: wanted[match[0]], text, flags=re.DOTALL)
