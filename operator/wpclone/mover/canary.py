# SPDX-License-Identifier: Apache-2.0
"""Reads the finished copy once and looks for every original that the masking has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mask import Canary, Trait
from wpclone.mover.filling import quoted
from wpclone.mover.ledger import OURS
from wpclone.mover.sources.base import Skipped

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.ledger import Ledger
    from wpclone.mover.masking import Masking

# Numbers and times hold no address; a number in a column of numbers is not told from an amount.
_TEXTS: Final = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    " AND table_name = %s AND data_type IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext',"
    " 'longtext', 'json', 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob',"
    " 'enum', 'set') ORDER BY ordinal_position"
)
_MOST_NAMED: Final = 5


@dataclass(slots=True)
class Findings:
    """Where originals were met: how often, by place and kind of original."""

    leaks: Counter[tuple[str, str, Trait]] = field(default_factory=Counter)
    told: Counter[tuple[str, str, Trait]] = field(default_factory=Counter)

    def tables_with(self, *traits: Trait) -> set[str]:
        """Return the tables in which an original of these kinds has leaked."""
        return {table for table, _, found in self.leaks if found in traits}

    def without(self, tables: Collection[str]) -> Findings:
        """Return what was met in other tables."""
        return Findings(*(
            Counter({place: n for place, n in known.items() if place[0] not in tables})
            for known in (self.leaks, self.told)
        ))  # fmt: skip

    def plus(self, other: Findings) -> Findings:
        """Return both."""
        return Findings(self.leaks + other.leaks, self.told + other.told)


def search(
    connection: Connection, masking: Masking, tables: Collection[str] | None = None
) -> Findings:
    """Look through the copy, or through some tables of it."""
    findings = Findings()
    connection.speak("utf8mb4")
    there = [row[0].decode("utf-8", "replace") for row in connection.query("SHOW TABLES")]
    for table in there:
        if table not in OURS and (tables is None or table in tables):
            one = connection.steady(
                lambda table=table: _table(connection, masking, table),  # type: ignore[misc]
                f"searching {clean(table, 64)}",
            )
            findings = findings.plus(one)
    return findings


def _table(connection: Connection, masking: Masking, table: str) -> Findings:
    findings = Findings()
    connection.speak("utf8mb4")
    columns = [row[0].decode("utf-8", "replace") for row in connection.query(_TEXTS, (table,))]
    if not columns:
        return findings
    canary = Canary(masking.key, masking.seen)
    plan = masking.masker.plan(table, columns)
    for row in _rows(connection, table, columns):
        kinds = plan.row(row.__getitem__).kinds
        for at, value in enumerate(row):
            for trait, leaks in canary.hits(value, kinds[at]) if value else ():
                counter = findings.leaks if leaks else findings.told
                counter[table, columns[at], trait] += 1
    return findings


def _rows(
    connection: Connection, table: str, columns: list[str]
) -> Iterator[tuple[bytes | None, ...]]:
    connection.speak("binary")
    names = ", ".join(quoted(column) for column in columns)
    yield from connection.stream(f"SELECT {names} FROM {quoted(table)}")  # noqa: S608  quoted


def prove(
    connection: Connection, masking: Masking, ledger: Ledger, load: Callable[[str], None]
) -> list[Skipped]:
    """Search the copy; `load` brings a table once more. Return what is worth telling.

    A number or a name may have stood in a table before the row that says whose it is: such a table
    is masked once more, with all that is known by now. What is found then is a leak.
    """
    met = search(connection, masking)
    again = met.tables_with(Trait.PHONE, Trait.SURNAME)
    for name in sorted(again):
        load(name)
    if again:
        met = met.without(again).plus(search(connection, masking, again))
    try:
        told = judge(met)
    except ImportFailed:
        # Another attempt will have other rules.
        connection.steady(ledger.forget, "opening the ledger anew")
        raise
    connection.steady(lambda: masking.close(connection), "closing the ledger")
    return told


def judge(findings: Findings) -> list[Skipped]:
    """Return what is worth telling; VerificationFailed if the copy holds an original."""
    if findings.leaks:
        total: Counter[Trait] = Counter()
        for (_, _, trait), times in findings.leaks.items():
            total[trait] += times
        what = ", ".join(f"{n:,} times an original {t.value}" for t, n in total.items())
        places = sorted({f"{table}.{column}" for table, column, _ in findings.leaks})
        named = ", ".join(clean(place, 80) for place in places[:_MOST_NAMED])
        raise ImportFailed(
            Reason.VERIFICATION_FAILED,
            f"The masked copy still holds {what}, in {named}; a masking rule for it is missing or"
            " wrong (docs/masking.md)",
        )
    return [
        Skipped(
            f"{clean(table, 60)}.{clean(column, 60)}",
            f"{times:,} values are as some {trait.value}; no masking rule says that they are one",
        )
        for (table, column, trait), times in sorted(
            findings.told.items(), key=lambda one: (one[0][0], one[0][1])
        )
    ]
