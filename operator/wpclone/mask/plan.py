# SPDX-License-Identifier: Apache-2.0
"""Resolves the rules for one table: which kind each value of a row is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from wpclone.api.mover import Mask
from wpclone.mask.kinds import PERSONS, Kind
from wpclone.mask.rules import Keys, Rule, Rules

Get = Callable[[int], bytes | None]
"""Gives the value of a row at a place; None for NULL."""

_COLUMN: Final = re.compile(rb"^\s*`((?:[^`]|``)+)`\s+(\w+)(?:\((\d+)\))?", re.MULTILINE)
_BINARY: Final = frozenset({b"tinyblob", b"blob", b"mediumblob", b"longblob", b"varbinary"})
_WIDE: Final = frozenset({b"char", b"varchar"})
_TINYTEXT: Final = 255
_LITERAL: Final = re.compile(r"[^*?\[]*")
_LEAST_LITERAL: Final = 3
_ESCAPED: Final = re.compile(r"['\"\\\0\n\r\x1a]")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a CREATE TABLE says that matters here."""

    columns: tuple[str, ...]
    widths: dict[str, int]  # in characters, where a column has any
    binary: bool  # values may come as hex, unreadable to a search


def definition(ddl: bytes) -> Definition:
    """Read a CREATE TABLE as a server prints it: a line for each column."""
    columns: list[str] = []
    widths: dict[str, int] = {}
    binary = False
    for found in _COLUMN.finditer(ddl):
        name = found[1].replace(b"``", b"`").decode("utf-8", "replace")
        kind = found[2].lower()
        columns.append(name)
        binary = binary or kind in _BINARY
        if kind in _WIDE and found[3]:
            widths[name] = int(found[3])
        elif kind == b"tinytext":
            widths[name] = _TINYTEXT
    return Definition(tuple(columns), widths, binary)


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule, by places."""

    when: tuple[tuple[int, frozenset[bytes]], ...]
    drops: bool
    fixed: tuple[tuple[int, Kind], ...]
    key: int
    value: int
    keys: Keys


@dataclass(frozen=True, slots=True)
class Row:
    """What is to become of a row."""

    kinds: list[Kind | None]
    keyed: int  # the place of a value that goes by a key, or -1
    key: str
    dropped: bool = False


class Plan:
    """The rules of one table with these columns."""

    def __init__(self, rules: Sequence[Rule], mask: Mask, columns: Sequence[str]) -> None:
        """Take the rules in their order: a later one wins."""
        strict = mask is Mask.STRICT
        self.columns = tuple(columns)
        self._steps = [step for rule in rules if (step := _step(rule, columns, strict))]

    def row(self, get: Get) -> Row:
        """Return the kinds of a row's values: None where no rule speaks."""
        kinds: list[Kind | None] = [None] * len(self.columns)
        keyed, name = -1, ""
        for step in self._steps:
            if any(get(at) not in values for at, values in step.when):
                continue
            if step.drops:
                return Row(kinds, keyed, name, dropped=True)
            for at, kind in step.fixed:
                kinds[at] = kind
            if step.key >= 0:
                name = (get(step.key) or b"").decode("utf-8", "replace")
                found = step.keys.kind(name)
                if found is not None:
                    kinds[step.value], keyed = found, step.value
        if keyed >= 0 and kinds[keyed] is Kind.DROP:
            return Row(kinds, keyed, name, dropped=True)
        return Row(kinds, keyed, name)


def _step(rule: Rule, columns: Sequence[str], strict: bool) -> _Step | None:  # noqa: FBT001  which of two
    # As the server does: the case of a column's name says nothing.
    places = {name.lower(): at for at, name in enumerate(columns)}
    if any(name.lower() not in places for name in rule.when):
        return None
    when = tuple(
        (places[name.lower()], frozenset(value.encode() for value in values))
        for name, values in rule.when.items()
    )
    fixed = tuple(
        (places[name.lower()], both[strict])
        for name, both in rule.columns.items()
        if name.lower() in places
    )
    key, value = rule.key.lower(), rule.value.lower()
    keyed = key in places and value in places
    return _Step(
        when,
        rule.rows[strict] is Kind.DROP,
        fixed,
        places[key] if keyed else -1,
        places[value] if keyed else -1,
        Keys([{name: both[strict] for name, both in rule.keys.items()}]),
    )


def needles(rules: Sequence[Rule], mask: Mask) -> tuple[bytes, ...] | None:
    """Return texts, one of which is in every row that a rule speaks of; None: any row may be one.

    A table such as `postmeta` is large, and the rows about people in it are few.
    """
    found: set[str] = set()
    for rule in rules:
        if rule.when:
            # A row has to meet each condition: the one with the fewest answers is enough.
            fewest = min(rule.when.values(), key=len)
            found.update(fewest)
            continue
        literals = [_LITERAL.match(name) for name in rule.keys]
        texts = [one[0] for one in literals if one is not None]
        drops = rule.rows[mask is Mask.STRICT] is Kind.DROP
        if rule.columns or drops or any(len(text) < _LEAST_LITERAL for text in texts):
            return None
        found |= set(texts)
    # Some signs stand in a dump with a backslash or twice; and `ab` is in whatever `abc` is in.
    if any(not text or _ESCAPED.search(text) for text in found):
        return None
    shortest = [one for one in found if not any(o in one for o in found if o != one)]
    return tuple(text.encode() for text in sorted(shortest))


def tells_of_persons(rules: Rules, table: str) -> bool:
    """Tell whether a table says who somebody is: such tables are copied before all others."""
    return any(
        kind in PERSONS
        for rule in rules.of(table)
        for both in (*rule.columns.values(), *rule.keys.values())
        for kind in both
    )
