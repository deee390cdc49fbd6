# SPDX-License-Identifier: Apache-2.0
"""Walks PHP-serialized data by its own byte counts and changes string payloads only.

Nothing is unserialized: no class is looked at, no float is printed anew. The walk trusts each
length and then verifies the terminator behind it, so a payload may hold the format's own signs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wpclone.rewrite import escaped_strings
from wpclone.rewrite.references import References

Payload = Callable[[bytes, Sequence[int]], bytes]
"""Rewrites a payload, given the places of the hits in it; none given means: search."""

# PHP itself refuses to go deeper than 4096.
MAX_DEPTH = 4096
# An array with a renamed key is walked once more: at any depth, that would cost hostile data the
# square of its size. Real sites nest addresses in keys three or four levels deep.
_DEEPEST_RENAMED = 64
_NEVER = sys.maxsize
_INTEGER = ord("i")

_HEAD = re.compile(rb'[ \t\r\n\0\x0b]*+(?:a:\d+:\{|[sSOCE]:\d+:")')
_TOKEN = re.compile(
    rb's:(0*\d{1,12}):"|a:(0*\d{1,12}):\{|([rR]):(0*\d{1,12});'
    rb"|(?:N|b:[01]|i:[+-]?\d+"
    rb"|d:(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN));"
    rb"|([SOCE]):(0*\d{1,12}):"
)
_STRING, _ARRAY = 1, 2
_MEMBERS = re.compile(rb":(0*\d{1,12}):\{")
_CLASS = re.compile(rb"(?!\\)[0-9A-Za-z_\\\x80-\xff]++")


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
    """An open array or object, while a member of it is walked."""

    left: int
    begin: int
    rewrites_keys: bool
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
        return measure(data, start(data)) is not None
    except TooDeepError:
        return False


def measure(data: bytes, at: int) -> int | None:
    """Give the place behind the token at a place; None if it is not complete and valid."""
    walked = walk(data, at, (), _unchanged)
    return None if walked is None else walked.end


def _unchanged(data: bytes, _hits: Sequence[int]) -> bytes:
    return data


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
        self.keys: set[bytes] | None = None
        self._hits = hits
        self._at_hit = 0
        self._next = hits[0] if hits else _NEVER
        self._payload = payload
        self._frames: list[_Frame] = []
        self._references = References()

    # One loop: a call for each token would cost a third of the speed.
    def run(self, at: int) -> int:  # noqa: C901  the reason stands above
        """Walk one token and everything in it; give the place behind it."""
        data, frames, match = self.data, self._frames, _TOKEN.match
        # Keys and values still to come: even before a key. The root is a value without a key.
        frame = _Frame(1, at, rewrites_keys=False)
        count = 0  # of values, which references go by: keys are none
        while True:
            while not frame.left:
                if not frames:
                    return at
                at = self._close(frame, at)
                frame = frames.pop()
            found = match(data, at)
            if found is None:
                raise _MalformedError
            is_key = not frame.left & 1
            frame.left -= 1
            count += not is_key
            at = found.end()
            kind = found.lastindex
            if kind == _STRING:
                low, at = at, at + int(found[1])
                if data[at : at + 2] != b'";':
                    raise _MalformedError
                if self._next < at or self.keys is not None:
                    self._touch(found.start(), low, at, frame if is_key else None)
                at += 2
            elif is_key and not (kind and found[5] == b"S") and data[found.start()] != _INTEGER:
                raise _MalformedError
            elif kind == _ARRAY:
                frames.append(frame)
                frame = self._open(at, int(found[2]), rewrites_keys=True)
            elif kind:
                opened = self._compound(found, frame if is_key else None, count)
                if isinstance(opened, int):
                    at = opened
                else:
                    frames.append(frame)
                    frame, at = opened, opened.begin

    def _within(self, low: int, high: int) -> list[int]:
        """Give the hits in a span, seen from its start; spans come in ascending order."""
        hits, at, found = self._hits, self._at_hit, []
        while at < len(hits) and hits[at] < high:
            if hits[at] >= low:
                found.append(hits[at] - low)
            at += 1
        self._at_hit = at
        self._next = hits[at] if at < len(hits) else _NEVER
        return found

    def _touch(self, begin: int, low: int, high: int, keyed: _Frame | None) -> None:
        """Rewrite a payload if a hit lies in it; collect a key if keys are wanted."""
        if self.keys is not None and keyed is not None and len(self._frames) == 1:
            self.keys.add(self.data[low:high])
        hits = self._within(low, high)
        if not hits or (keyed is not None and not keyed.rewrites_keys):
            return
        old = self.data[low:high]
        new = self._payload(old, hits)
        if new == old:
            return
        if keyed is not None and len(self._frames) > _DEEPEST_RENAMED:
            self.unsupported += 1
        elif keyed is not None:
            keyed.renamed.append((begin, high + 2, new))
        else:
            self.edits.append((begin, high + 2, b's:%d:"%s";' % (len(new), new)))

    def _expect(self, at: int, text: bytes) -> int:
        if not self.data.startswith(text, at):
            raise _MalformedError
        return at + len(text)

    def _compound(self, found: re.Match[bytes], keyed: _Frame | None, count: int) -> int | _Frame:
        """Pass a rarer token; give the place behind it, or the object that it opens."""
        number = self._references.number(count)
        if found[3] is not None:
            if not self._references.accept(int(found[4]), number, is_own=found[3] == b"r"):
                raise _MalformedError
            return found.end()
        kind, size = found[5], int(found[6])
        if kind == b"S":
            return self._escaped(found, is_key=keyed is not None)
        name = self._expect(found.end(), b'"')
        behind = self._expect(name + size, b'"')
        self._references.note_object(number)
        if kind == b"E":
            return self._expect(behind, b";")
        if _CLASS.fullmatch(self.data, name, name + size) is None:
            raise _MalformedError
        members = _MEMBERS.match(self.data, behind)
        if members is None:
            raise _MalformedError
        if kind == b"O":
            return self._open(members.end(), int(members[1]), rewrites_keys=False)
        return self._custom(found.start(), behind, members)

    def _open(self, at: int, members: int, *, rewrites_keys: bool) -> _Frame:
        # A member takes six bytes at least (`i:0;N;`): a count beyond that is a lie.
        if members * 6 > len(self.data) - at:
            raise _MalformedError
        if len(self._frames) > MAX_DEPTH:
            raise TooDeepError
        return _Frame(2 * members, at, rewrites_keys)

    def _close(self, frame: _Frame, at: int) -> int:
        """Rename the keys of an array, unless a new name is there already."""
        end = self._expect(at, b"}")
        if frame.renamed:
            taken = _keys(self.data, frame.begin)
            for low, high, new in frame.renamed:
                if new in taken:
                    self.unsupported += 1
                    continue
                taken.add(new)
                self.edits.append((low, high, b's:%d:"%s";' % (len(new), new)))
        return end

    def _custom(self, low: int, behind: int, members: re.Match[bytes]) -> int:
        """Pass an object that serialized itself: its body is its own, its count ours."""
        self._references.lose_count()
        body, size = members.end(), int(members[1])
        end = self._expect(body + size, b"}")
        hits = self._within(body, body + size)
        if hits:
            old = self.data[body : body + size]
            new = self._payload(old, hits)
            if new != old:
                head = self.data[low:behind]
                self.edits.append((low, end, b"%s:%d:{%s}" % (head, len(new), new)))
        return end

    def _escaped(self, found: re.Match[bytes], *, is_key: bool) -> int:
        """Pass the rare `S:` form, whose length counts the bytes after unescaping."""
        low = self._expect(found.end(), b'"')
        at = escaped_strings.behind(self.data, low, int(found[6]))
        if at is None:
            raise _MalformedError
        end = self._expect(at, b'";')
        raw = self.data[low:at]
        if self._within(low, at) and not is_key:
            self._rewrite_escaped(found.start(), end, raw)
        return end

    def _rewrite_escaped(self, low: int, high: int, raw: bytes) -> None:
        old = escaped_strings.decode(raw)
        new = self._payload(old, [])
        if new == old:
            return
        coded = escaped_strings.encode(new, like=raw)
        if coded is None:
            self.unsupported += 1
            return
        self.edits.append((low, high, b'S:%d:"%s";' % (len(new), coded)))


def _keys(data: bytes, begin: int) -> set[bytes]:
    """Collect the string keys of the valid array whose members begin at a place."""
    walker = _Walker(data, (), _unchanged)
    walker.keys = set()
    walker.run(data.rfind(b"a:", 0, begin))
    return walker.keys
