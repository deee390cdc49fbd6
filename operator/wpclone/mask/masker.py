# SPDX-License-Identifier: Apache-2.0
"""Masks the rows of a dump on their way: the row hook of `wpclone.rewrite.SqlStream`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wpclone.api.mover import Mask
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed
from wpclone.mask import contacts, finding
from wpclone.mask.keys import Key
from wpclone.mask.kinds import Kind
from wpclone.mask.maker import Maker, Names, decoded
from wpclone.mask.plan import Definition, Plan, Row, definition, needles, tells_of_persons
from wpclone.mask.rules import Rules
from wpclone.mask.seen import Seen, Trait
from wpclone.rewrite import Form, Value

# Free text comes after the names that may stand in it.
_LATE: Final = frozenset({Kind.TEXT, Kind.DATA, Kind.ANSWER, None})
_NUMBERS: Final = frozenset({Kind.PHONE, Kind.SHAPE, Kind.ANSWER, Kind.DROP})
# How an address shows itself in any text, and where none can be seen.
_SIGNS: Final = (b"@", b"%40", b"u0040", b"&#64;", b"&#x40;", b"&#0", b"&#x0", b"&commat;")
_HEX_SIGNS: Final = (b"0x", b"x'")
_SIGN: Final = re.compile(rb"[@&]|%40|\\u0040")
_LEAST_TOKEN: Final = 4


@dataclass(slots=True)
class Tally:
    """What was done to the rows of one table."""

    rows: int = 0  # shown to us
    dropped: int = 0
    masked: int = 0  # values


class Masker:
    """Masks one site's tables; what it sees of persons is in `seen`."""

    def __init__(self, rules: Rules, key: Key, mask: Mask, prefix: str, seen: Seen) -> None:
        """Take the rules, the customer's key, how much to mask, and the site's table prefix."""
        self._rules = rules
        self._mask = mask
        self._prefix = prefix
        self._seen = seen
        self._maker = Maker(rules, key, seen)
        self._known: dict[str, Definition] = {}
        self._signs: dict[str, bool | tuple[bytes, ...]] = {}
        self._plans: dict[tuple[str, tuple[str, ...]], Plan] = {}
        self.tally = Tally()

    def begin(self, table: str, ddl: bytes) -> None:
        """Learn a table's columns and count anew."""
        self.learn(table, ddl)
        self.tally = Tally()

    def learn(self, table: str, ddl: bytes) -> None:
        """Learn a table's columns."""
        self._known[table] = definition(ddl)
        self._signs.pop(table, None)

    def tells_of_persons(self, table: str) -> bool:
        """Tell whether a table has to come before those that only mention somebody."""
        return tells_of_persons(self._rules, self._short(table))

    def shown(self, table: str) -> bool | tuple[bytes, ...]:
        """Say which rows of a table have to be shown to us: all, or those with one of these signs.

        Or with a number; every other row passes as it is. Never too few.
        """
        if table not in self._signs:
            texts = needles(self._rules.of(self._short(table)), self._mask)
            known = self._known.get(table)
            hex_signs = _HEX_SIGNS if known is not None and known.binary else ()
            self._signs[table] = True if texts is None else (*texts, *_SIGNS, *hex_signs)
        return self._signs[table]

    def on_row(
        self, table: str, columns: tuple[str, ...], values: list[Value]
    ) -> list[Value] | None:
        """Return the row masked, or None if it is not copied."""
        self.tally.rows += 1
        row = self._fitting_plan(table, columns, len(values)).row(
            lambda at: values[at].data if at < len(values) else None
        )
        if row.dropped:
            self.tally.dropped += 1
            return None
        names: Names = {}
        new = list(values)
        kinds = row.kinds
        late: list[int] = []
        for at, value in enumerate(values):
            kind = kinds[at] if at < len(kinds) else None
            if kind is None and (value.form is Form.RAW or not self._mentions(value)):
                continue
            if kind in _LATE:
                late.append(at)
            else:
                self._value(table, row, at, new, names)
        for at in late:
            self._value(table, row, at, new, names)
        return new

    def _fitting_plan(self, table: str, columns: Sequence[str], values: int) -> Plan:
        """Return the plan for a row; ImportFailed if no list of columns is as long as the row.

        Where a dump names none, the columns of core's tables are known by heart; plugins add some.
        """
        plan = self.plan(table, columns)
        if plan.columns and len(plan.columns) != values:
            known = self._known.get(table)
            plan = self.plan(table, known.columns) if known else plan
        if plan.columns and len(plan.columns) != values:
            raise ImportFailed(
                Reason.VERIFICATION_FAILED,
                f"A row of table {clean(table, 64)} has {values} values for"
                f" {len(plan.columns)} columns: it was not copied, because it could not be masked",
            )
        return plan

    def plan(self, table: str, columns: Sequence[str]) -> Plan:
        """Return what the rules say of a table with these columns."""
        known = self._known.get(table)
        names = tuple(columns) or (known.columns if known else ())
        plan = self._plans.get((table, names))
        if plan is None:
            rules = self._rules.of(self._short(table))
            if rules and not names:
                raise ImportFailed(
                    Reason.VERIFICATION_FAILED,
                    f"The columns of table {clean(table, 64)} are not known: nothing of it was"
                    " copied, because it could not be masked",
                )
            plan = Plan(rules, self._mask, names)
            self._plans[table, names] = plan
        return plan

    def _value(self, table: str, row: Row, at: int, values: list[Value], names: Names) -> None:
        """Put the stand-in of a value into its place."""
        kind = row.kinds[at] if at < len(row.kinds) else None
        value = values[at]
        if value.form is Form.RAW and (kind not in _NUMBERS or not value.raw.isdigit()):
            return
        data = value.data
        if not data:
            return
        name = row.key if at == row.keyed else ""
        new = self._maker.make(kind or Kind.TEXT, data, name, names if kind else None)
        if new != data:
            values[at] = value.with_data(self._fitting(table, at, new), data)
            self.tally.masked += 1

    def _mentions(self, value: Value) -> bool:
        """Tell quickly whether a value of no kind can mention anybody."""
        if value.form is Form.HEX or _SIGN.search(value.raw):
            return True
        return self._seen.knows_any(Trait.PHONE) and finding.has_number(value.raw)

    def _fitting(self, table: str, at: int, new: bytes) -> bytes:
        """Cut a stand-in to its column; an address loses letters of its own, not its domain."""
        known = self._known.get(table)
        if known is None or at >= len(known.columns):
            return new
        width = known.widths.get(known.columns[at])
        text, charset = decoded(new)
        if width is None or len(text) <= width:
            return new
        token = width - len(contacts.MAIL_DOMAIN)
        if new.endswith(contacts.MAIL_DOMAIN) and token >= _LEAST_TOKEN:
            return new[:token] + contacts.MAIL_DOMAIN
        return text[:width].encode(charset)

    def _short(self, table: str) -> str:
        return table.removeprefix(self._prefix)
