# SPDX-License-Identifier: Apache-2.0
"""Finds the addresses of a site in bytes and writes the new ones in the same style.

Addresses are matched, not text: a scheme or `//` in front, the whole host, no host character
behind. The search starts from plain hits of the host's name, because nearly all bytes of a site
are far from any address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from wpclone.errors import InvalidSpec
from wpclone.rewrite import hosts

_COLON = rb"(?::|\\+(?:u00|x)3a|%(?:25)*3a|&(?:amp;)*(?:#0{0,6}58|#x0{0,6}3a|colon);)"
# JSON, too, may be percent-encoded, its backslashes with it.
_BACKSLASHES = rb"(?:%(?:25)*5c)*+"
_PERCENT_SLASH = _BACKSLASHES + rb"%(?P<percent>(?:25)*)2f"
_SLASH = (
    rb"\\*/|\\+(?:u00|x)2f|" + _BACKSLASHES + rb"%(?:25)*2f|&(?:amp;)*(?:#0{0,6}47|#x0{0,6}2f|sol);"
)
# Hand-made data mixes its escaping: each slash is kept as it is.
_SLASHES = (
    rb"(?P<slash>\\*/|\\+(?:u00|x)2f|"
    + _PERCENT_SLASH
    + rb"|&(?:amp;)*(?:#0{0,6}47|#x0{0,6}2f|sol);)(?P<second>"
    + _SLASH
    + rb")"
)

# Before `//`: nothing that would make it part of a longer address or path. An escape sequence
# ends in a letter or digit, yet is a boundary, unless it stands for a slash or a colon, or for a
# backslash in front of one.
_FRONT = (
    rb"(?:(?<![a-z0-9_/:.\\+-])"
    rb"|(?<=\\[nrt])"
    rb"|(?<=%[0-9a-f]{2})(?<!%2f)(?<!%3a)(?<!%5c)"
    rb"|(?<=%25[0-9a-f]{2})(?<!%252f)(?<!%253a)(?<!%255c)"
    rb"|(?<=\\u00[0-9a-f]{2})(?<!u002f)(?<!u003a)"
    rb"|(?<=\\x[0-9a-f]{2})(?<!x2f)(?<!x3a))"
)
# Bytes C3 to DF begin the letters of Latin, Greek and Cyrillic: such a host goes on. CJK text
# and typographic quotes stand right behind an address without belonging to it.
_HOST_END = rb"(?![a-z0-9\xc3-\xdf-]|\.[a-z0-9\xc3-\xdf\xe1\xe4-\xed-]|%(?:25)*2[de][a-z0-9])"
_DEFAULT_PORT = rb"(?:" + _COLON + rb"0*(?:80|443)(?![0-9]))?(?!" + _COLON + rb"[0-9])"
# What follows is the host; what stood before was a user's name.
_NO_USER = rb"(?!(?::[^\s/?#\"'<>\\@]{0,64})?@|%(?:25)*40)"
_PUNCTUATION = rb"(?!\xe2\x80|\xc2[\xa0-\xbf]|\xe3\x80|\xef\xbc)"
_PATH_END = (
    rb"(?![a-z0-9_~+$*-]|[.!:@=][a-z0-9_-]|\\+u002d|" + _PUNCTUATION + rb"[\x80-\xff])"
    rb"(?(percent)"
    rb"(?!%(?P=percent)(?!2f|3f|23|22|27|3c|3e|5c|20|26|09|0a|0d|28|29|2c|5d|7d|3b|7c)[0-9a-f]{2})"
    rb"|(?!%))"
)
# What may stand between the slashes and the hit: more of the host, or the end of an escaped slash.
_HOST_BYTES = b"abcdefghijklmnopqrstuvwxyz0123456789-."
_SLASH_ENDS = rb"/;%\\"
_BEYOND_ASCII = 0x80
_SLASH_START = re.compile(b"(?=" + _SLASH + b")", re.IGNORECASE)
_SLASHES_REACH = 72
_HOST = re.compile(r"(?:[^\s\x00-,/:-@\[-^`{-\x7f.]+\.)*[^\s\x00-,/:-@\[-^`{-\x7f.]+\.?")
_LOGIN = re.compile(r"//.*@", re.DOTALL)
# The longest sane way from the first byte of an address to the host: scheme, colon, two slashes.
_REACH = 192


@dataclass(frozen=True, slots=True)
class Pair:
    """An address of the source and the address that takes its place."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of an address; the usual port is none."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def place(self) -> tuple[str, int | None, str]:
        """What two spellings of one address have in common."""
        return hosts.to_ascii(self.host), self.port, self.path

    @property
    def folders(self) -> list[tuple[hosts.Atom, ...]]:
        """The parts of the path."""
        return [hosts.atoms(part) for part in self.path.split("/")[1:]]

    def pattern(self) -> bytes:
        """Give a pattern for the address from its host on."""
        port = _DEFAULT_PORT if self.port is None else _COLON + b"0*%d(?![0-9])" % self.port
        text = hosts.spellings(self.host).pattern + _HOST_END + port + _NO_USER
        if self.path:
            parts = (b"(?-i:" + hosts.pattern(part) + b")" for part in self.folders)
            text += b"".join(b"(?:" + _SLASH + b")" + part for part in parts) + _PATH_END
        return text


@dataclass(frozen=True, slots=True)
class Move:
    """A source and what it becomes: found with `https`, with `http`, and without a scheme."""

    source: Site
    https: Site
    http: Site
    bare: Site


def _parse(address: str) -> Site:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        raise _unreadable(address) from None
    name = parts.hostname or ""
    is_more = "@" in parts.netloc or "?" in address or "#" in address
    if parts.scheme not in {"http", "https"} or is_more or not _is_host(name):
        raise _unreadable(address)
    if port in {80, 443}:
        port = None
    host = f"[{name}]" if ":" in name else name
    return Site(parts.scheme, host.rstrip("."), port, parts.path.rstrip("/"))


def _unreadable(address: str) -> InvalidSpec:
    # A login in an address is a secret, and this sentence is for a terminal or a status.
    shown = _LOGIN.sub("//…@", address)
    return InvalidSpec(f"{shown!r} is not an address of the form https://host/path")


def _is_host(name: str) -> bool:
    return ":" in name or _HOST.fullmatch(name) is not None


def mapped(pairs: Sequence[Pair]) -> list[Move]:
    """Every source with its `www` twin, unless the twin has a pair of its own; longest first.

    A pair speaks for both schemes, unless the other one has a pair of its own. An address that is
    none, or that is to become two, raises `InvalidSpec`, and so does a lack of any.
    """
    if not pairs:
        raise InvalidSpec("There is no pair of addresses to rewrite")
    given: dict[tuple[str, int | None, str], dict[str, Site]] = {}
    sources: list[Site] = []
    for pair in pairs:
        source, target = _parse(pair.source), _parse(pair.target)
        if source.place not in given:
            sources.append(source)
        if given.setdefault(source.place, {}).setdefault(source.scheme, target) != target:
            raise InvalidSpec(f"{pair.source!r} is to become two addresses")
    moves = []
    for source in sources:
        targets = given[source.place]
        bare = targets[source.scheme]
        https, http = targets.get("https", bare), targets.get("http", bare)
        moves.append(Move(source, https, http, bare))
        other = hosts.twin(source.host)
        twin = source if other is None else replace(source, host=other)
        if twin.place not in given:
            moves.append(Move(twin, https, http, bare))
    return sorted(moves, key=lambda move: len(move.source.path), reverse=True)


def wanted(moves: Sequence[Move]) -> list[Site]:
    """Give each target once."""
    return list(dict.fromkeys(site for move in moves for site in (move.https, move.http)))


def needles(sites: Sequence[Site]) -> tuple[bytes, ...]:
    """Give lower-case texts, one of which is in every spelling of one of the sites."""
    found = {needle for site in sites for needle in hosts.spellings(site.host).needles}
    # A name within another name (`acme.test` in `www.acme.test`) finds both.
    return tuple(sorted(n for n in found if not any(o in n for o in found - {n})))


class _Patterns:
    """The compiled patterns for a list of sites: with a scheme, and without."""

    def __init__(self, sites: Sequence[Site]) -> None:
        names = [b"(?P<s%d>" % number + site.pattern() + b")" for number, site in enumerate(sites)]
        tail = _SLASHES + b"(?:" + b"|".join(names) + b")"
        head = b"(?P<scheme>https?)(?P<colon>" + _COLON + b")"
        self.absolute = re.compile(head + tail, re.IGNORECASE)
        self.relative = re.compile(_FRONT + b"(?P<scheme>)(?P<colon>)" + tail, re.IGNORECASE)

    def at(self, data: bytes, hit: int, floor: int) -> re.Match[bytes] | None:
        """Match the address around a hit of a host's name, beginning at `floor` or later."""
        low = max(floor, hit - _REACH)
        window = data[low:hit].lower()
        front = window.rstrip(_HOST_BYTES)
        if not front or (front[-1] < _BEYOND_ASCII and front[-1] not in _SLASH_ENDS):
            return None
        start = window.rfind(b"http")
        while start >= 0:
            found = self.absolute.match(data, low + start)
            if found and found.end() > hit:
                return found
            start = window.rfind(b"http", 0, start)
        for slash in _SLASH_START.finditer(data, low + max(0, len(front) - _SLASHES_REACH), hit):
            found = self.relative.match(data, slash.start())
            if found and found.end() > hit:
                return found
        return None


class Addresses:
    """The compiled mapping of some pairs; replaces all of them in one pass."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Compile the pairs; an address that is none raises `InvalidSpec`."""
        self._moves = mapped(pairs)
        sources = [move.source for move in self._moves]
        self._sources = _Patterns(sources)
        self._wanted = _Patterns(wanted(self._moves))
        self.needles = needles(sources)
        self._styles: dict[tuple[str | None, bytes, bytes, bytes, bytes, bool], bytes] = {}

    def hits(self, data: bytes) -> list[int]:
        """List where the name of a source host occurs, in any case: few values have any."""
        low = data.lower()
        places: list[int] = []
        for needle in self.needles:
            place = low.find(needle)
            while place >= 0:
                places.append(place)
                place = low.find(needle, place + 1)
        if len(self.needles) > 1:
            places.sort()
        return places

    def replace(self, data: bytes, hits: Sequence[int]) -> bytes:
        """Give the bytes with every address at the hits replaced; the same object if none is."""
        parts: list[bytes] = []
        done = 0
        for hit in hits:
            found = self._sources.at(data, hit, done) if hit >= done else None
            if found:
                parts += (data[done : found.start()], self._new(found))
                done = found.end()
        return b"".join((*parts, data[done:])) if parts else data

    def residual(self, data: bytes) -> int:
        """Count source addresses in the bytes; one that is a target as well is none."""
        count = done = 0
        for hit in self.hits(data):
            found = self._sources.at(data, hit, done) if hit >= done else None
            if found:
                done = found.end()
                count += self._wanted.at(data, hit, found.start()) is None
        return count

    def _new(self, found: re.Match[bytes]) -> bytes:
        hyphens = b"u002d" in found[0]
        scheme, colon = found["scheme"].lower(), found["colon"]
        style = (found.lastgroup, scheme, colon, found["slash"], found["second"], hyphens)
        text = self._styles.get(style)
        if text is None:
            text = self._styles[style] = self._spell(found, hyphens=hyphens)
        return text

    def _spell(self, found: re.Match[bytes], *, hyphens: bool) -> bytes:
        """Write the new address as the old one was written."""
        move = self._moves[int(str(found.lastgroup)[1:])]
        scheme = found["scheme"].lower()
        target = {b"https": move.https, b"http": move.http, b"": move.bare}[scheme]
        colon, slash = found["colon"], found["slash"]
        host = hosts.to_ascii(target.host).encode()
        if hyphens:
            host = host.replace(b"--", b"\\u002d\\u002d")
        text = target.scheme.encode() + colon if colon else b""
        text += slash + found["second"] + host
        if target.port is not None:
            text += (colon or _colon_like(slash)) + b"%d" % target.port
        return text + target.path.encode().replace(b"/", slash)


def _colon_like(slash: bytes) -> bytes:
    if not slash.startswith(b"%"):
        return b":"
    return slash[slash.rfind(b"%") : -2] + (b"3a" if slash.endswith(b"f") else b"3A")
