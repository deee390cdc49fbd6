# SPDX-License-Identifier: Apache-2.0
"""Puts the rewriter between a source and the loader, one fresh stream per table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed, SourceError, TruncatedDump
from wpclone.mover import exclusions
from wpclone.mover.ledger import Arrived
from wpclone.mover.sources.base import Piece
from wpclone.rewrite import Counts, SqlStream

if TYPE_CHECKING:
    from wpclone.mask import Masker
    from wpclone.mover.sources.base import Source, Table
    from wpclone.rewrite import Rewriter

# A row is rewritten in memory, and takes about ten times its size meanwhile (measured): this much
# fits into the Job's 512 MiB. Sources send small rows in pieces far below it.
MAX_PIECE_BYTES: Final = 40_000_000


class Rewritten:
    """A source's rows with the clone's addresses in them."""

    def __init__(
        self, source: Source, rewriter: Rewriter, prefix: str, masker: Masker | None = None
    ) -> None:
        """Stream tables under `prefix`, masked if there is a masker."""
        self._source = source
        self._rewriter = rewriter
        self._prefix = prefix
        self._masker = masker
        self._counts = Counts()

    def pieces(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream the table, from its start or a cursor; of some only the structure comes."""
        self._counts = Counts()
        if self._masker is not None:
            self._masker.begin(table.name, table.ddl)
        if exclusions.structure_only(table.name, self._prefix):
            return
        for piece in self._source.rows(table, cursor):
            if len(piece.sql) > MAX_PIECE_BYTES:
                raise _too_large(table, len(piece.sql))
            try:
                yield self._rewritten(table, piece)
            except TruncatedDump as error:
                raise _cut(table) from error

    def _rewritten(self, table: Table, piece: Piece) -> Piece:
        """Rewrite whole statements; a stream of their own, because a stream may hold some back."""
        masker = self._masker
        if masker is None:
            return Piece(
                self._passed(SqlStream(self._rewriter, prefix=self._prefix), piece.sql),
                piece.rows,
                piece.cursor,
            )
        dropped = masker.tally.dropped
        stream = SqlStream(
            self._rewriter, prefix=self._prefix, on_row=masker.on_row, hooked=masker.shown
        )
        whole = self._passed(stream, piece.sql)
        dropped = masker.tally.dropped - dropped
        if sum(stream.rows.values()) + dropped != piece.rows:
            raise _unmasked(table)
        return Piece(whole, piece.rows - dropped, piece.cursor)

    def _passed(self, stream: SqlStream, sql: bytes) -> bytes:
        whole = b"".join([*stream.statements(sql), *stream.close()])
        self._counts.merge(stream.counts)
        return whole

    def seen(self) -> Arrived:
        """Return what the rewriter saw in the stream begun last, up to its last piece."""
        counts = self._counts
        if counts.invalid_after > counts.invalid_before:
            raise ImportFailed(
                Reason.VERIFICATION_FAILED,
                f"Rewriting would have broken {counts.invalid_after - counts.invalid_before}"
                " serialized values",
            )
        return Arrived(
            rewritten=counts.rewritten,
            residual=counts.residual,
            protected=counts.protected,
            serialized=counts.serialized,
            invalid_before=counts.invalid_before,
            invalid_after=counts.invalid_after,
            masked=self._masker.tally.masked if self._masker else 0,
            dropped=self._masker.tally.dropped if self._masker else 0,
        )


def _too_large(table: Table, size: int) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"Table {clean(table.name, 64)} has a row of {size / 1e6:,.0f} MB;"
        f" rows of up to {MAX_PIECE_BYTES / 1e6:,.0f} MB can be copied",
    )


def _unmasked(table: Table) -> ImportFailed:
    return ImportFailed(
        Reason.VERIFICATION_FAILED,
        f"Rows of table {clean(table.name, 64)} could not be read to be masked; none was copied",
    )


def _cut(table: Table) -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST,
        f"The rows of table {clean(table.name, 64)} ended in the middle of a statement",
        retryable=True,
    )
