# SPDX-License-Identifier: Apache-2.0
"""Runs one import: rows and files of the source into the clone, made harmless, proved, marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wpclone.api.mover import SourceKind
from wpclone.api.reasons import Reason
from wpclone.errors import ImportFailed, SourceError
from wpclone.mask import Trait
from wpclone.mover import (
    addresses,
    administrator,
    canary,
    inspection,
    masking,
    neutralise,
    options,
    origin,
    report,
    verify,
)
from wpclone.mover.connection import Connection
from wpclone.mover.filesprocess import FilesProcess, Work
from wpclone.mover.ledger import OURS, Arrived, Ledger
from wpclone.mover.loader import Loader
from wpclone.mover.marker import Marker
from wpclone.mover.progress import FILE_WEIGHT, ROW_WEIGHT, Meter
from wpclone.mover.rewriting import Rewritten
from wpclone.rewrite import Rewriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from wpclone.api.mover import Inspection, Outcome
    from wpclone.mover.addresses import Move
    from wpclone.mover.config import Config, Site
    from wpclone.mover.masking import Masking
    from wpclone.mover.sources.base import Piece, Skipped, Source, Table

# A crashed server can lose what it had confirmed: then the tables it lost are loaded again.
ROUNDS: Final = 3


def run(config: Config, site: Site, meter: Meter) -> Outcome:
    """Import the source, or finish what an earlier run has begun; return the report."""
    started = datetime.now(UTC)
    meter.tell("Connecting to the clone's database", urgent=True)
    with Connection(site.database, f"wpclone-{config.uid}") as connection:
        marker = Marker(connection, site.state, config.uid)
        marks = connection.steady(marker.read, "looking for an earlier import")
        if marks.database is not None and marks.volume:
            return marks.database
        meter.tell("Opening the source", urgent=True)
        source = _opened(config)
        finished = False  # while another run may follow, our plugin stays on the source
        try:
            work = _Work(config, site, meter, connection, source)
            if marks.database is not None:
                work.files_only()
                marker.set_volume()
                outcome = marks.database
            else:
                outcome = work.everything(started)
                connection.steady(
                    lambda: marker.set(outcome, config.job.attempt), "marking the end"
                )
            finished = True
        except (ImportFailed, SourceError) as error:
            finished = not error.retryable
            raise
        finally:
            source.close(finished=finished)
        return outcome


def _opened(config: Config) -> Source:
    """Open the source; one that was there when it was inspected and is away now is lost."""
    try:
        return origin.open_source(config)
    except SourceError as error:
        if error.reason != Reason.SOURCE_UNREACHABLE or config.job.inspection is None:
            raise
        sentence = f"The source stopped answering after its inspection: {error.message}"
        raise SourceError(Reason.SOURCE_LOST, sentence, retryable=error.retryable) from error


@dataclass(slots=True)
class _Work:
    """The steps of an import, and what they share."""

    config: Config
    site: Site
    meter: Meter
    connection: Connection
    source: Source
    table: str = ""
    table_rows: int = 0
    done: int = 0
    masking: Masking | None = None
    found: list[Skipped] = field(default_factory=list)

    def everything(self, started: datetime) -> Outcome:
        """Copy rows and files, make the copy harmless, prove it."""
        seen = self._inspect()
        self.masking = masking.prepared(self.config, seen.table_prefix)
        move = addresses.move(seen, self.config.target_url)
        files = self._files(move)
        try:
            arrived, changes = self._rows(seen, move, files)
            self.meter.tell("Copying files that have come meanwhile")
            copied = files.finish()
        finally:
            files.stop()
        self.meter.tell("Making the copy harmless", urgent=True)
        done = self.connection.steady(lambda: self._settle(seen, move), "making the copy harmless")
        return report.imported(
            report.Facts(
                self.config,
                seen,
                move.home,
                started,
                arrived,
                copied,
                changes,
                (*self.source.skipped(), *self.found),
                done,
            )
        )

    def files_only(self) -> None:
        """Bring the files back onto a volume that was lost; the database is people's by now."""
        seen = self._inspect()
        files = self._files(addresses.move(seen, self.config.target_url))
        try:
            files.finish()
        finally:
            files.stop()

    def _inspect(self) -> Inspection:
        seen = inspection.accepted(self.source.inspect(), self.config)
        files = seen.file_bytes + seen.files * FILE_WEIGHT
        self.meter.expect(seen.database_bytes + seen.rows * ROW_WEIGHT, files)
        return seen

    def _files(self, move: Move) -> FilesProcess:
        files = FilesProcess(
            Work(
                self.source,
                Rewriter(move.pairs),
                self.site.document_root,
                self.site.state,
                self.config.job.limits.parallel_files,
                masking.personal(self.config),
            )
        )
        files.start(self.connection.disown, self._tell_files)
        return files

    def _rows(
        self, seen: Inspection, move: Move, files: FilesProcess
    ) -> tuple[dict[str, Arrived], list[str]]:
        """Load every table that has not arrived yet."""
        prefix = seen.table_prefix
        tables = {t.name: t for t in self.source.tables() if t.name not in OURS}
        verify.offered(tables, prefix)
        ledger = Ledger(self.connection)
        self.connection.steady(ledger.open, "opening the ledger")

        def tell(piece: Piece) -> None:
            self._tell_rows(piece)
            files.listen()  # a full volume shall not wait for the end of a large table

        mask = self.masking
        loader = Loader(self.connection, ledger, tell, self._keep)
        masker = mask.masker if mask else None
        rows = Rewritten(self.source, Rewriter(move.pairs), prefix, masker)
        if mask:
            self.connection.steady(lambda: mask.open(self.connection), "opening the ledger")
            tables = mask.ordered(tables)
        for _ in range(ROUNDS):
            arrived = self.connection.steady(ledger.arrived, "reading the ledger")
            missing = [table for name, table in tables.items() if name not in arrived]
            if not missing:
                break
            for table in missing:
                self._begin(table)
                loader.load(table, rows)
                self._end(table)
        if mask:
            self._search(mask, ledger, lambda name: loader.load(tables[name], rows))
        arrived = self.connection.steady(ledger.arrived, "reading the ledger")
        verify.loaded(arrived, tables, prefix)
        return {name: arrived[name] for name in tables}, loader.changes

    def _keep(self) -> None:
        if self.masking:
            self.masking.keep(self.connection)

    def _search(self, mask: Masking, ledger: Ledger, load: Callable[[str], object]) -> None:
        """Look for what the masking has missed; ImportFailed if there is anything."""
        self.meter.tell("Searching the copy for personal data", urgent=True)
        met = canary.search(self.connection, mask)
        # A number or a name may have stood in a table before the row that says whose it is.
        again = met.tables_with(Trait.PHONE, Trait.SURNAME)
        for name in sorted(again):
            load(name)
        if again:
            met = met.without(again).plus(canary.search(self.connection, mask, again))
        try:
            self.found = canary.judge(met)
        except ImportFailed:
            # Another attempt will have other rules.
            self.connection.steady(ledger.forget, "opening the ledger anew")
            raise
        self.connection.steady(lambda: mask.close(self.connection), "closing the ledger")

    def _settle(self, seen: Inspection, move: Move) -> tuple[str, ...]:
        """Everything after the rows; each step can be repeated."""
        prefix, connection = seen.table_prefix, self.connection
        done = neutralise.run(connection, prefix, self.config.job.safety)
        for name in ("home", "siteurl"):
            options.put(connection, prefix, name, move.home)
        title = self.config.job.source.title
        if self.config.job.source.kind is SourceKind.BLANK and title:
            options.put(connection, prefix, "blogname", title)
        administrator.create(connection, prefix, self.site.administrator, self.config.uid)
        verify.settled(connection, prefix, move.home)
        return done

    def _begin(self, table: Table) -> None:
        self.table, self.table_rows = table.name, 0
        self.meter.tell(f"{table.name}: {table.rows:,} rows")

    def _end(self, table: Table) -> None:
        self.done += table.bytes + table.rows * ROW_WEIGHT
        self.meter.rows.reach(self.done)

    def _tell_rows(self, piece: Piece) -> None:
        self.table_rows += piece.rows
        self.meter.rows.advance(len(piece.sql) + piece.rows * ROW_WEIGHT)
        self.meter.tell(f"{self.table}: {self.table_rows:,} rows")

    def _tell_files(self, files: int, size: int, path: bytes) -> None:
        self.meter.files.advance(size + files * FILE_WEIGHT)
        self.meter.tell(path.decode("utf-8", "replace"))
