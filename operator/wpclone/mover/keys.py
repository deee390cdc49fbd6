# SPDX-License-Identifier: Apache-2.0
"""Splits the indexes that can come later off a table's definition.

To sort a finished table once is far cheaper than to keep each index in order row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wpclone.mover.tokens import Token

_PLAIN = frozenset({b"KEY", b"INDEX"})
_UNIQUE = frozenset({b"PRIMARY", b"UNIQUE"})


def split(body: Sequence[Token]) -> tuple[bytes, tuple[bytes, ...]]:
    """Return a definition up to its last parenthesis without its plain indexes, and these.

    They are all there or none: servers keep the order in which indexes were made. Those that
    anything depends on stay, and so do unique ones, which say what a row may be.
    """
    opens = next(at for at, token in enumerate(body) if token.text == b"(") + 1
    parts = list(_parts(body[opens:-1]))
    plain = [part for part in parts if _is_plain(part)]
    if not plain or _is_needed(parts):
        return b"", ()
    kept = b",".join(_text(part) for part in parts if part not in plain)
    later = tuple(_text(part).strip() for part in plain)
    return _text(body[:opens]) + kept.rstrip() + b"\n)", later


def name(key: bytes) -> str:
    """Return the name of an index that was split off."""
    quoted = key[key.index(b"`") + 1 :]
    at = 0
    while quoted[at : at + 1] != b"`" or quoted[at : at + 2] == b"``":
        at += 1 + (quoted[at : at + 2] == b"``")
    return quoted[:at].replace(b"``", b"`").decode("utf-8", "replace")


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield columns, indexes and constraints: what stands between commas of the outermost level."""
    part: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {b"(": 1, b")": -1}.get(token.text, 0)
        if token.text == b"," and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _is_plain(part: Sequence[Token]) -> bool:
    solid = _solid(part)
    return len(solid) > 1 and solid[0].upper in _PLAIN and solid[1].kind == "name"


def _is_needed(parts: Sequence[Sequence[Token]]) -> bool:
    """Say whether anything needs an index from the start: a foreign key, or a counting column."""
    leading = set()
    counting = set()
    for part in parts:
        solid = _solid(part)
        words = [token.upper for token in solid]
        if b"FOREIGN" in words:
            return True
        if b"AUTO_INCREMENT" in words:
            counting.add(solid[0].text)
        if words[:1] and words[0] in _UNIQUE and b"(" in words:
            leading.add(solid[words.index(b"(") + 1].text)
    return not counting <= leading


def _solid(part: Sequence[Token]) -> list[Token]:
    return [token for token in part if token.kind != "space"]


def _text(part: Sequence[Token]) -> bytes:
    return b"".join(token.text for token in part)
