# SPDX-License-Identifier: Apache-2.0
"""Gives the engine in machine code (`native/`) the manners of the reference.

The same names, arguments, bytes and counters: whoever uses one can use the other. What happens
once or seldom is still the reference's work: addresses are parsed, tables resolved and hooks
asked in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import wpclone_native

from wpclone.errors import TruncatedDump
from wpclone.rewrite import base64_values, hosts, literals, statements
from wpclone.rewrite.addresses import Pair, Site, mapped, needles, wanted
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.prefilter import Prefilter
from wpclone.rewrite.protection import DEFAULT, Protection, core_columns
from wpclone.rewrite.rows import Form, Hooked, Row, RowHook, TableHook, Value

_FORMS = (Form.RAW, Form.TEXT, Form.HEX)
# The counters in the order in which the engine tells them.
_NUMBERS = (
    "values",
    "rewritten",
    "residual",
    "protected",
    "serialized",
    "invalid_before",
    "invalid_after",
    "unsupported",
    "encoded",
)


class Rewriter:
    """Maps the addresses of some pairs to their targets; built once, used for every value."""

    def __init__(self, pairs: Sequence[Pair], *, base64: bool = False) -> None:
        """Compile the pairs; `base64` also looks into base64 texts. A bad pair: `InvalidSpec`."""
        moves = mapped(pairs)
        sources = [move.source for move in moves]
        self.needles = needles(sources)
        self.coded_needles = tuple(
            text for name in self.needles for text in base64_values.needles(name)
        )
        self.prefilter = Prefilter(self.needles, self.coded_needles if base64 else ())
        self.mapping = wpclone_native.Mapping(
            [_sought(site) for site in sources],
            [_sought(site) for site in wanted(moves)],
            [(_written(m.https), _written(m.http), _written(m.bare)) for m in moves],
            list(self.needles),
            list(self.coded_needles),
            base64,
        )

    def concerns(self, data: bytes) -> bool:
        """Tell quickly whether a value can hold a source address that is to be rewritten."""
        return self.mapping.concerns(data)

    def value(self, data: bytes, counts: Counts, where: str = "") -> bytes:
        """Rewrite one decoded column value; `where` names its place for the report."""
        new, counted = self.mapping.value(data, where)
        counts.merge(_counts(counted))
        return data if new is None else new

    def text(self, data: bytes, counts: Counts, where: str = "") -> bytes:
        """Rewrite the content of a text file: CSS, JavaScript, JSON, SVG, HTML."""
        new, counted = self.mapping.text(data, where)
        counts.merge(_counts(counted))
        return data if new is None else new

    def residuals(self, data: bytes) -> int:
        """Count the source addresses that are in a value, wherever in it."""
        return self.mapping.residuals(data)


class SqlStream:
    """Parses a dump pushed in any chunking: the same bytes come out, but for addresses."""

    def __init__(  # noqa: PLR0913  each has its default
        self,
        rewriter: Rewriter,
        *,
        prefix: str = "wp_",
        protected: Protection = DEFAULT,
        on_row: RowHook | None = None,
        hooked: Hooked = lambda _table: True,
        on_table: TableHook = lambda _table, _definition: None,
    ) -> None:
        """Take the rewriter; `on_row` is asked about the rows that `hooked` says of a table.

        `on_table` is told of each CREATE TABLE.
        """
        self._host = _Host(prefix, protected, on_row, hooked, on_table)
        self._stream = wpclone_native.Stream(rewriter.mapping, self._host)
        self._whole = False

    @property
    def counts(self) -> Counts:
        """What has been counted so far."""
        return _counts(self._stream.counts)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows of each table have passed."""
        return self._stream.rows

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk; give what can be passed on, in pieces of any size."""
        piece = self._stream.feed(chunk)
        return iter((piece,) if piece else ())

    def statements(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk; give whole statements, each with the white space before it."""
        self._whole = True
        return iter(self._stream.statements(chunk))

    def close(self) -> Iterator[bytes]:
        """Give the end of the dump; raise `TruncatedDump` if it lies inside a statement."""
        pieces, cut = self._stream.close(self._whole)
        yield from pieces
        _complain(cut)

    def filter(self, source: int, sink: int, spool: str) -> None:
        """Pass a whole dump from one file descriptor to another, in bounded memory.

        Values that are too large for that go to unnamed files in the folder `spool`. What is
        complete of a truncated dump has been written when `TruncatedDump` is raised.
        """
        _complain(self._stream.filter(source, sink, spool))


class _Host:
    """Knows what the engine does not: it resolves tables, learns from statements, asks the hook."""

    def __init__(
        self,
        prefix: str,
        protected: Protection,
        on_row: RowHook | None,
        hooked: Hooked,
        on_table: TableHook,
    ) -> None:
        self._prefix = prefix
        self._protected = protected
        self._on_row = on_row
        self._hooked = hooked
        self._on_table = on_table
        self._columns: dict[str, tuple[str, ...]] = {}
        self._tables: list[tuple[str, tuple[str, ...]]] = []
        self._modes = statements.Modes()

    def table(self, quoted: bytes, columns: bytes | None) -> wpclone_native.Table:
        """Resolve a table's name and its column list."""
        name = statements.name(quoted)
        if columns is not None:
            names = statements.listed(columns)
        else:
            names = self._columns.get(name) or core_columns(name, self._prefix)
        guard = self._protected.guard(name, names, self._prefix)
        keyed = None
        if guard.key is not None:
            keyed = (guard.key, guard.value, sorted(guard.names))
        wanted = self._hooked(name) if self._on_row is not None else False
        signs = None if isinstance(wanted, bool) else list(wanted)
        self._tables.append((name, names))
        number = len(self._tables) - 1
        return (
            number,
            name,
            list(names),
            sorted(guard.places),
            keyed,
            wanted is not False,
            signs,
        )

    def learn(self, statement: bytes, whole: bytes) -> bool:
        """Keep what a statement says about later ones; tell of backslashes from here on."""
        if table := statements.created(statement, 0):
            self._columns[table[0]] = table[1]
            self._on_table(table[0], statement)
        return self._modes.after(whole)

    def row(
        self,
        number: int,
        raw: bytes,
        fields: list[tuple[int, int, int, int]],
        changes: list[tuple[int, bytes]],
        backslashes: bool,  # noqa: FBT001  called by position only
    ) -> list[tuple[int, bytes]] | None:
        """Show a row to the hook; give the tokens that differ from the dump's."""
        if self._on_row is None:
            return changes
        table, columns = self._tables[number]
        dialect = literals.BACKSLASHES if backslashes else literals.NO_BACKSLASHES
        spans = [(low, high, _FORMS[form], body) for low, high, form, body in fields]
        row = Row(raw, spans, dialect, is_whole=True)
        old = [row.value(at) for at in range(len(spans))]
        shown = list(old)
        for at, token in changes:
            shown[at] = Value(token, old[at].form, dialect, old[at].intro)
        new = self._on_row(table, columns, shown)
        if new is None:
            return None
        pairs = enumerate(zip(old, new, strict=True))
        return [(at, after.raw) for at, (before, after) in pairs if after is not before]


def _sought(site: Site) -> wpclone_native.Sought:
    forms = [[_atom(atom) for atom in form] for form in hosts.spellings(site.host).forms]
    folders = [[_atom(atom) for atom in folder] for folder in site.folders]
    return forms, _digits(site), folders if site.path else []


def _written(site: Site) -> wpclone_native.Written:
    host = hosts.to_ascii(site.host).encode()
    return site.scheme.encode(), host, _digits(site), site.path.encode()


def _digits(site: Site) -> bytes | None:
    return None if site.port is None else b"%d" % site.port


def _atom(atom: hosts.Atom) -> wpclone_native.Atom:
    if isinstance(atom, hosts.Character):
        return list(atom.raw), list(atom.codes), atom.latin
    return atom


def _counts(counted: wpclone_native.Counted) -> Counts:
    numbers, places = counted
    counts = Counts(residual_where=dict(places))
    for name, number in zip(_NUMBERS, numbers, strict=True):
        setattr(counts, name, number)
    return counts


def _complain(cut: str | None) -> None:
    if cut is None:
        return
    if foreign := statements.MARKS.get(cut):
        raise TruncatedDump(foreign)
    if cut:
        raise TruncatedDump(f"The dump ends inside an INSERT into {cut}")
    raise TruncatedDump("The dump ends inside a statement")
