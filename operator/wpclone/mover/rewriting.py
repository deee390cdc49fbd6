# SPDX-License-Identifier: Apache-2.0
"""Puts the rewriter between a source and the loader, one fresh stream per table."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import ImportFailed, SourceError, TruncatedDump
from wpclone.mover import spool
from wpclone.mover.ledger import Arrived
from wpclone.mover.sources.base import Piece
from wpclone.mover.spool import Spooled
from wpclone.rewrite import Counts, SqlStream, filtered

if TYPE_CHECKING:
    from wpclone.mask import Masker
    from wpclone.mover.choosing import Choice
    from wpclone.mover.ddl import Definition
    from wpclone.mover.sources.base import Copy, Source, Table
    from wpclone.mover.sources.neighbour.neighbour import Neighbour
    from wpclone.mover.spool import Sql
    from wpclone.rewrite import Rewriter

# To be masked, a row is held in memory, at about ten times its size (measured): this much fits into
# the Job's 512 MiB.
MAX_MASKED: Final = 40_000_000
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Rewritten:
    """A source's rows with the clone's addresses in them."""

    def __init__(
        self,
        source: Source,
        rewriter: Rewriter,
        choice: Choice,
        masker: Masker | None = None,
        neighbour: Neighbour | None = None,
    ) -> None:
        """Stream the chosen rows of a site's tables, masked if there is a masker.

        What is masked has to come past here: a neighbour has nothing to do then.
        """
        self._source = source
        self._rewriter = rewriter
        self._choice = choice
        self._prefix = choice.prefix
        self._masker = masker
        self._neighbour = neighbour if masker is None else None
        self._near: set[str] = set()
        self._counts = Counts()

    def near(self, table: Table, definition: Definition) -> bool:
        """Tell whether the server copies what it can of the table by itself."""
        near = (
            self._neighbour is not None
            and definition.transactional
            and not definition.changes
            and not self._choice.rows_stay(table.name)
            and self._neighbour.takes(table)
        )
        (self._near.add if near else self._near.discard)(table.name)
        return near

    def copies(self, table: Table, cursor: str | None) -> Iterator[Copy]:
        """Give what it copies; only of a table that is near."""
        return self._neighbour.copies(table, cursor) if self._neighbour else iter(())

    def estrange(self, table: Table) -> None:
        """Let the table come past here from now on."""
        if self._neighbour is not None:
            self._neighbour.estrange(table)

    def pieces(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream the table, from its start or a cursor; of some only the structure comes."""
        self._counts = Counts()
        if self._masker is not None:
            self._masker.begin(table.name, table.ddl)
        if self._choice.rows_stay(table.name):
            return
        try:
            for piece in self._streamed(table, cursor):
                yield self._rewritten(table, piece)
        except TruncatedDump as error:
            raise _cut(table) from error
        except spool.TooLong as error:
            raise _too_long(table, error.size) from error
        except OSError as error:  # of our own files: a source's has a reason by now
            if error.errno not in _FULL:
                raise
            raise _no_room(table) from error

    def _streamed(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        if self._neighbour is not None and table.name in self._near:
            return self._neighbour.rest(table, cursor)
        return self._source.rows(table, cursor)

    def _rewritten(self, table: Table, piece: Piece) -> Piece:
        """Rewrite whole statements; a stream of their own, because a stream may hold some back."""
        masker = self._masker
        if masker is None:
            whole = self._passed(SqlStream(self._rewriter, prefix=self._prefix), piece.sql)
            return Piece(whole, piece.rows, piece.cursor)
        _refuse_unmaskable(table, piece)
        dropped = masker.tally.dropped
        stream = SqlStream(
            self._rewriter, prefix=self._prefix, on_row=masker.on_row, hooked=masker.shown
        )
        whole = self._passed(stream, piece.sql)
        dropped = masker.tally.dropped - dropped
        if sum(stream.rows.values()) + dropped != piece.rows:
            raise _unmasked(table)
        return Piece(whole, piece.rows - dropped, piece.cursor)

    def _passed(self, stream: SqlStream, sql: Sql) -> Sql:
        """Send statements through a stream, long ones from one file to another."""
        if isinstance(sql, Spooled):
            whole: Sql = _filtered(stream, sql)
        else:
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


def _filtered(stream: SqlStream, sql: Spooled) -> Spooled:
    whole = Spooled()
    os.lseek(sql.descriptor, 0, os.SEEK_SET)
    filtered(stream, sql.descriptor, whole.descriptor, tempfile.gettempdir())
    return whole


def _refuse_unmaskable(table: Table, piece: Piece) -> None:
    """Raise SourceError if a piece is too large to be masked."""
    if len(piece.sql) > MAX_MASKED:
        raise SourceError(
            Reason.SOURCE_TOO_LARGE,
            f"Table {clean(table.name, 64)} has a row of {len(piece.sql) / 1e6:,.0f} MB;"
            f" rows of up to {MAX_MASKED / 1e6:,.0f} MB can be masked",
        )


def _too_long(table: Table, size: int) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"Table {clean(table.name, 64)} has a row of {size / 1e6:,.0f} MB;"
        f" rows of up to {spool.MOST / 1e6:,.0f} MB can be copied",
    )


def _no_room(table: Table) -> SourceError:
    return SourceError(
        Reason.SOURCE_TOO_LARGE,
        f"Table {clean(table.name, 64)} has a row for which there is no room in the mover's /tmp",
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
