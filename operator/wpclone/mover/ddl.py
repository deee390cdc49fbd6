# SPDX-License-Identifier: Apache-2.0
"""Maps a source's CREATE TABLE to what the clone's database knows, and refuses anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed

MAX_BYTES: Final = 1_048_576
_TOKEN: Final = re.compile(
    rb"(?P<space>\s+)"
    rb"|(?P<comment>/\*.*?\*/)"
    rb"|(?P<name>`(?:[^`]|``)++`)"
    rb"|(?P<text>'(?:[^'\\]|\\.|'')*+')"
    rb"|(?P<word>[A-Za-z0-9_$.]++)"
    rb"|(?P<sign>[(),=+*/%<>!&|-])",
    re.DOTALL,
)
# What a table is made of is kept; where and how a server stores it is the clone's own business.
_KEPT_OPTIONS: Final = frozenset(
    {b"ENGINE", b"AUTO_INCREMENT", b"CHARSET", b"CHARACTER SET", b"COLLATE", b"COMMENT"}
)
_ENGINES: Final = frozenset({b"innodb", b"myisam", b"aria"})
# Servers differ in what these mean without a collation. One that leaves it out means this one:
# those with a newer default always say it.
_SILENT_COLLATIONS: Final = {
    charset: charset + b"_general_ci" for charset in (b"utf8", b"utf8mb3", b"utf8mb4")
}
# Types that only some servers have, and what holds their values as text elsewhere.
_TYPES_AS_TEXT: Final = {
    "uuid": b"char(36) CHARACTER SET ascii",
    "inet4": b"varchar(15) CHARACTER SET ascii",
    "inet6": b"varchar(39) CHARACTER SET ascii",
}
# The newest rules of MySQL and of MariaDB, under which a space at the end counts.
_NEWEST: Final = ("_0900_", "_uca1400_nopad_")
_FORBIDDEN_WORDS: Final = frozenset({b"SELECT", b"OUTFILE", b"DUMPFILE", b"LOAD_FILE", b"DEFINER"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the clone's database server knows."""

    collations: frozenset[str]
    engines: frozenset[str]
    types: frozenset[str] = frozenset()
    """Types of its own, beside those that every server has."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A statement the clone's server can run, and what had to change for it."""

    sql: bytes
    transactional: bool
    changes: Sequence[str]


@dataclass(slots=True)
class _Token:
    kind: str
    text: bytes

    @property
    def upper(self) -> bytes:
        return self.text.upper() if self.kind in {"word", "sign"} else b""


@dataclass(slots=True)
class _Mapping:
    table: str
    dialect: Dialect
    changes: list[str] = field(default_factory=list)
    engine: bytes = b"InnoDB"


def mapped(table: str, ddl: bytes, dialect: Dialect) -> Definition:
    """Return the statement that creates `table` in the clone; ImportFailed if it is foreign."""
    if len(ddl) > MAX_BYTES:
        raise _foreign(table, "its definition is too long")
    mapping = _Mapping(table, dialect)
    tokens = [t for t in _tokens(table, ddl) if not _is_comment(t, mapping)]
    body_end = _body_end(table, tokens)
    body = _collated(tokens[: body_end + 1], mapping)
    options = _options(tokens[body_end + 1 :], mapping)
    sql = b"".join(t.text for t in body) + b" " + b" ".join(options)
    changes = tuple(dict.fromkeys(mapping.changes))
    return Definition(sql, mapping.engine.lower() == b"innodb", changes)


def _tokens(table: str, ddl: bytes) -> Iterator[_Token]:
    at = 0
    text = ddl.strip().removesuffix(b";").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None or text.startswith(b"--", at):
            raise _foreign(table, "its definition holds a sign that has no place there")
        token = _Token(match.lastgroup, match.group())
        if token.upper in _FORBIDDEN_WORDS:
            raise _foreign(table, f"its definition says {token.upper.decode()}")
        yield token
        at = match.end()


def _is_comment(token: _Token, mapping: _Mapping) -> bool:
    """Say whether to drop it; what only some servers would run is named, it may be a partition."""
    if token.kind != "comment":
        return False
    if token.text.startswith((b"/*!", b"/*M!")):
        inner = token.text.strip(b"/*!M 0123456789\n").decode("utf-8", "replace")
        mapping.changes.append(f"{mapping.table}: left out {clean(inner, 60)}")
    return True


def _body_end(table: str, tokens: list[_Token]) -> int:
    """Return where the parenthesis that opens after the table's own name is closed."""
    solid = [i for i, t in enumerate(tokens) if t.kind != "space"]
    words = [tokens[i].upper for i in solid[:6]]
    name = 5 if words[2:5] == [b"IF", b"NOT", b"EXISTS"] else 2
    if words[:2] != [b"CREATE", b"TABLE"] or len(solid) <= name + 1:
        raise _foreign(table, "its definition is not a CREATE TABLE")
    if tokens[solid[name]].text != _quoted(table) or tokens[solid[name + 1]].text != b"(":
        raise _foreign(table, "its definition speaks of something else")
    depth = 0
    for i in solid[name + 1 :]:
        depth += {b"(": 1, b")": -1}.get(tokens[i].text, 0)
        if depth == 0:
            return i
    raise _foreign(table, "its definition ends too early")


def _collated(tokens: list[_Token], mapping: _Mapping) -> list[_Token]:
    """Replace collations and types that the clone's server does not know; say what was unsaid."""
    solid = [t for t in tokens if t.kind != "space"]
    for at, token in enumerate(solid):
        before = [t.upper for t in solid[max(0, at - 2) : at]]
        # A name with a dot before it would reach into another schema.
        if token.kind == "word" and token.text.startswith(b"."):
            raise _foreign(mapping.table, "its definition reaches into another schema")
        if token.kind == "word" and at and solid[at - 1].kind == "name":
            token.text = _type(token.text, mapping)
        if before[-1:] == [b"COLLATE"] and token.kind == "word":
            token.text = _collation(token.text, mapping)
        elif before == [b"CHARACTER", b"SET"] and solid[at + 1].upper != b"COLLATE":
            silent = _SILENT_COLLATIONS.get(token.text.lower())
            if silent is not None:
                token.text += b" COLLATE " + _collation(silent, mapping)
    return tokens


def _options(tokens: list[_Token], mapping: _Mapping) -> list[bytes]:
    """Return the options behind the columns that are kept, mapped."""
    solid = [t for t in tokens if t.kind != "space" and t.text not in {b"=", b","}]
    kept = []
    at = 0
    while at < len(solid):
        key = solid[at].upper
        if key == b"PARTITION":
            mapping.changes.append(f"{mapping.table}: its partitions")
            break
        if key == b"DEFAULT":
            at += 1
            continue
        if key == b"CHARACTER" and at + 1 < len(solid) and solid[at + 1].upper == b"SET":
            key, at = b"CHARACTER SET", at + 1
        if at + 1 >= len(solid):
            break
        if key in _KEPT_OPTIONS:
            kept.append(key + b"=" + _option(key, solid[at + 1], mapping))
            at += 1
        at += 1
    if not any(option.startswith(b"ENGINE=") for option in kept):
        kept.insert(0, b"ENGINE=InnoDB")
    return kept + _silent(kept, mapping)


def _silent(kept: list[bytes], mapping: _Mapping) -> list[bytes]:
    """Return the table's collation if its options leave it to the server."""
    said = dict(option.split(b"=", 1) for option in kept)
    charset = said.get(b"CHARSET", said.get(b"CHARACTER SET", b"")).lower()
    silent = _SILENT_COLLATIONS.get(charset)
    if silent is None or b"COLLATE" in said:
        return []
    return [b"COLLATE=" + _collation(silent, mapping)]


def _option(key: bytes, value: _Token, mapping: _Mapping) -> bytes:
    if value.kind not in {"word", "text"}:
        raise _foreign(mapping.table, "its definition has an option without a value")
    if key == b"COLLATE":
        return _collation(value.text, mapping)
    if key != b"ENGINE":
        return value.text
    wanted = value.text.lower()
    if wanted not in _ENGINES or wanted.decode() not in mapping.dialect.engines:
        mapping.changes.append(f"{mapping.table}: engine InnoDB instead of {clean(_read(value))}")
        wanted = b"InnoDB"
    mapping.engine = wanted
    return wanted


def _type(text: bytes, mapping: _Mapping) -> bytes:
    """Return a column's type, or what holds its values where the server does not know it."""
    wanted = text.decode("ascii", "replace").lower()
    if wanted not in _TYPES_AS_TEXT or wanted in mapping.dialect.types:
        return text
    mapping.changes.append(f"{mapping.table}: text instead of the type {wanted}")
    return _TYPES_AS_TEXT[wanted]


def _collation(text: bytes, mapping: _Mapping) -> bytes:
    wanted = text.decode("ascii", "replace").lower()
    known = mapping.dialect.collations
    if wanted in known:
        return text
    charset = wanted.split("_", 1)[0]
    strict = wanted.endswith(("_bin", "_cs"))
    endings = ("bin",) if strict else ("unicode_520_ci", "unicode_ci", "general_ci")
    # utf8 and utf8mb3 are two names for one character set; servers know either or both.
    twins = {"utf8": ("utf8", "utf8mb3"), "utf8mb3": ("utf8mb3", "utf8")}
    same = [wanted.replace(charset, twin, 1) for twin in twins.get(charset, ())]
    others = [f"{twin}_{end}" for end in endings for twin in twins.get(charset, (charset,))]
    mysql, mariadb = _NEWEST
    others = [wanted.replace(mysql, mariadb), wanted.replace(mariadb, mysql), *others]
    for candidate in (*same, *others):
        if candidate in known:
            if candidate not in same:
                mapping.changes.append(
                    f"{mapping.table}: collation {candidate} instead of {clean(wanted, 64)}"
                )
            return candidate.encode()
    raise ImportFailed(
        Reason.DATABASE_ENGINE_MISMATCH,
        f"The clone's database server knows nothing like the collation {clean(wanted, 64)}"
        f" of table {clean(mapping.table, 64)}",
    )


def _read(token: _Token) -> str:
    return token.text.decode("utf-8", "replace")


def _quoted(name: str) -> bytes:
    return b"`" + name.encode().replace(b"`", b"``") + b"`"


def _foreign(table: str, why: str) -> ImportFailed:
    return ImportFailed(
        Reason.IMPORT_FAILED,
        f"The source's table {clean(table, 64)} cannot be taken over: {why}",
    )
