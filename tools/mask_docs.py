# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/masking.md from the rules themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wpclone import mask
from wpclone.mask.kinds import MEANS, Kind
from wpclone.mask.rules import Rule

_MARKED: Final = re.compile(
    r"(<!-- generated: (\w+) -->\n).*?(<!-- end of what is generated -->)", re.DOTALL
)
_TITLES: Final = {
    "kinds": ("kind", "what it is for, and what becomes of it"),
    "rules": ("table", "what is in it", "columns and keys", "Standard", "Strict"),
    "members": ("kind", "names of members"),
    "files": ("files", "why"),
}


def page(text: str, rules: mask.Rules) -> str:
    """Return the page with its tables made anew."""
    tables = {
        "kinds": [[f"`{kind}`", means] for kind, means in MEANS.items()],
        "rules": [row for rule in rules.rules for row in _rule(rule)],
        "members": [
            [f"`{kind}`", _names(names)]
            for document in rules.documents
            for kind, names in document.members.items()
        ],
        "files": [
            [f"`{rule.path}`", rule.why] for document in rules.documents for rule in document.files
        ],
    }

    def made(found: re.Match[str]) -> str:
        return found[1] + _table(_TITLES[found[2]], tables[found[2]]) + found[3]

    return _MARKED.sub(made, text)


def _rule(rule: Rule) -> Iterator[list[str]]:
    """Yield a row for each pair of kinds: columns of the same pair share it."""
    table, about = f"`{rule.table}`", rule.about
    for column, values in rule.when.items():
        about += f" (`{column}` is {' or '.join(f'`{value}`' for value in values)})"
    if rule.rows != (Kind.KEEP, Kind.KEEP):
        yield [table, about, "all rows", *_kinds(rule.rows)]
    grouped: dict[tuple[Kind, Kind], list[str]] = {}
    for fields in (rule.columns, rule.keys):
        for name, both in fields.items():
            grouped.setdefault(both, []).append("others" if name == "*" else f"`{name}`")
    for both, names in sorted(grouped.items(), key=lambda one: one[1] == ["others"]):
        yield [table, about, ", ".join(names), *_kinds(both)]


def _kinds(both: tuple[Kind, Kind]) -> list[str]:
    return ["copied" if kind is Kind.KEEP else f"`{kind}`" for kind in both]


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(titles: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def sections() -> Mapping[str, tuple[str, ...]]:
    """Return the parts that are generated, and their columns."""
    return _TITLES
