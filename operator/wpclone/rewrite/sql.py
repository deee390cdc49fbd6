# SPDX-License-Identifier: Apache-2.0
"""Passes a SQL dump through, changing the addresses in the rows of its INSERTs and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wpclone.errors import TruncatedDump
from wpclone.rewrite import literals, statements
from wpclone.rewrite.alarms import Alarms
from wpclone.rewrite.counts import Counts
from wpclone.rewrite.inserts import Insert, Scan
from wpclone.rewrite.protection import DEFAULT, Protection, core_columns
from wpclone.rewrite.rows import Hooked, RowHook, TableHook
from wpclone.rewrite.values import Rewriter

# Small enough for the processor's cache, large enough that a row rarely lies across two slices.
_SLICE = 256 * 1024

_Piece = tuple[bytes, bool]


class SqlStream:
    """Parses a dump pushed in any chunking: the same bytes come out, but for addresses.

    Memory is bounded by the largest row (in `statements`, by the largest statement). The
    iterators are lazy: each has to be exhausted before the next chunk is fed.
    """

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
        self.counts = Counts()
        self.rows: dict[str, int] = {}
        self._rewriter = rewriter
        self._prefix = prefix
        self._protected = protected
        self._on_row = on_row
        self._hooked = hooked
        self._on_table = on_table
        self._columns: dict[str, tuple[str, ...]] = {}
        self._modes = statements.Modes()
        self._dialect = literals.BACKSLASHES
        self._delimiter = b";"
        self._insert: Insert | None = None
        self._rest: list[bytes] = []
        self._held = 0
        self._wanted = 1
        self._partial: list[bytes] = []
        self._whole = False
        self._first = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk; give what can be passed on, in pieces of any size."""
        for piece, _ in self._push(chunk):
            yield piece

    def statements(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk; give whole statements, each with the white space before it.

        What is no statement for a server comes too: a `DELIMITER` line as a statement of its own.
        """
        self._whole = True
        yield from self._joined(self._push(chunk))

    def close(self) -> Iterator[bytes]:
        """Give the end of the dump; raise `TruncatedDump` if it lies inside a statement."""
        pieces = self._advance() if self._held else iter(())
        if self._whole:
            yield from self._joined(pieces)
        else:
            yield from (piece for piece, _ in pieces)
        rest = b"".join(self._rest)
        if foreign := statements.FOREIGN.get(self._first):
            raise TruncatedDump(foreign)
        if self._insert is not None:
            raise TruncatedDump(f"The dump ends inside an INSERT into {self._insert.table}")
        if statements.TRAILER.match(rest) is None:
            raise TruncatedDump("The dump ends inside a statement")
        self._rest = []
        if rest and not self._whole:
            yield rest

    def _joined(self, pieces: Iterator[_Piece]) -> Iterator[bytes]:
        for piece, ends in pieces:
            self._partial.append(piece)
            if ends:
                statement, self._partial = b"".join(self._partial), []
                yield statement

    def _push(self, chunk: bytes) -> Iterator[_Piece]:
        self._first += chunk[: 2 - len(self._first)]
        for low in range(0, len(chunk), _SLICE):
            part = chunk[low : low + _SLICE]
            self._rest.append(part)
            self._held += len(part)
            # A giant row is tried again only after it has grown by half: linear work in all.
            if self._held >= self._wanted:
                yield from self._advance()

    def _advance(self) -> Iterator[_Piece]:
        """Parse all complete units of what is held, keep the rest."""
        data = b"".join(self._rest)
        self._rest = []
        scan = Scan(data, self._rewriter)
        at = 0
        while at < len(data):
            if self._insert is None:
                high, pieces = self._statement(data, at)
            else:
                high, pieces = self._some_rows(self._insert, data, at, scan)
            yield from pieces
            if high == at:
                break
            at = high
        self._rest = [data[at:]]
        self._held = len(data) - at
        self._wanted = self._held + self._held // 2 + 1

    def _statement(self, data: bytes, at: int) -> tuple[int, list[_Piece]]:
        """Pass one statement, or the head of an INSERT; the same place if it is incomplete."""
        trivia = self._dialect.trivia.match(data, at)
        start = trivia.end() if trivia else at
        if delimiter := statements.DELIMITER.match(data, start):
            if delimiter[2] is None:
                return at, []
            self._delimiter = delimiter[1]
            return delimiter.end(), [(data[at : delimiter.end()], True)]
        if head := statements.INSERT.match(data, start):
            self._insert = self._begin(head["table"], head["columns"])
            text = data[at : head.end()]
            if self._insert.hook is None:
                return head.end(), [(text, False)]
            self._insert.head = text
            return head.end(), []
        found = self._dialect.statement_until(self._delimiter).match(data, at)
        if found is None:
            return at, []
        self._learn(data[start : found.end()], found[0])
        return found.end(), [(found[0], True)]

    def _begin(self, table: bytes, columns: bytes | None) -> Insert:
        name = statements.name(table)
        if columns is not None:
            names = statements.listed(columns)
        else:
            names = self._columns.get(name) or core_columns(name, self._prefix)
        self.rows.setdefault(name, 0)
        wanted = self._hooked(name) if self._on_row is not None else False
        hook = None if wanted is False else self._on_row
        guard = self._protected.guard(name, names, self._prefix)
        alarms = None if isinstance(wanted, bool) else Alarms(wanted)
        return Insert(name, names, self._dialect, guard, self._rewriter, self.counts, hook, alarms)

    def _learn(self, statement: bytes, whole: bytes) -> None:
        """Keep what a statement says about later ones."""
        if table := statements.created(statement, 0):
            self._columns[table[0]] = table[1]
            self._on_table(table[0], statement)
        backslashes = self._modes.after(whole)
        self._dialect = literals.BACKSLASHES if backslashes else literals.NO_BACKSLASHES
        silent = statements.silent(statement, whole)
        self.counts.unsupported += bool(silent) and self._rewriter.concerns(silent)

    def _some_rows(
        self, insert: Insert, data: bytes, at: int, scan: Scan
    ) -> tuple[int, list[_Piece]]:
        """Pass the complete rows that are there, and the end of the statement."""
        pieces: list[_Piece] = []
        passed = done = at
        match = insert.dialect.row.match
        while found := match(data, done):
            low, high = found.span(2)
            places = scan.within(low, high)
            raw = found[2]
            is_shown = insert.shows(raw)
            if not places and not is_shown and not insert.head:
                insert.pass_by(found)
                done = high
                continue
            new = insert.change(raw, places, is_shown=is_shown)
            if new is not raw or insert.head:
                pieces += self._replaced(insert, data[passed:done], found, new)
                passed = high
            done = high
        end = self._end(data, done)
        if end is None:
            return done, [*pieces, (data[passed:done], False)] if passed < done else pieces
        self.rows[insert.table] += insert.kept
        self.counts.unsupported += self._rewriter.concerns(data[done:end])
        self._insert = None
        if insert.head:
            return end, []
        return end, [*pieces, (data[passed:end], True)]

    @staticmethod
    def _replaced(
        insert: Insert, before: bytes, found: re.Match[bytes], new: bytes | None
    ) -> list[_Piece]:
        """Give what stands before a changed row, and the row, with the comma it needs."""
        if insert.first_lead is None:
            insert.first_lead = found[1]
        if new is None:
            return [(before, False)] if before else []
        lead = found[1]
        if insert.head:
            lead, insert.head = insert.head + insert.first_lead, b""
        return [(before + lead + new, False)]

    def _end(self, data: bytes, at: int) -> int | None:
        """Give the place behind the statement that ends here; None if more rows may come."""
        gap = statements.BETWEEN.match(data, at)
        start = gap.end() if gap else at
        if start >= len(data) or data[start] in b",(":
            return None
        found = self._dialect.insert_until(self._delimiter).match(data, at)
        return found.end() if found else None
