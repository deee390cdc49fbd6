# SPDX-License-Identifier: Apache-2.0
"""Runs one import: rows and files of the source into the clone, made harmless, proved, marked."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import SourceKind
from wpclone.errors import ImportFailed, SourceError
from wpclone.mover import (
    addresses,
    administrator,
    canary,
    choosing,
    ddl,
    inspection,
    masking,
    neighbours,
    neutralise,
    options,
    origin,
    report,
    telling,
    updates,
    verify,
)
from wpclone.mover.connection import Connection
from wpclone.mover.filesprocess import FilesProcess, Work
from wpclone.mover.ledger import OURS, Arrived, Ledger
from wpclone.mover.loader import Loader
from wpclone.mover.marker import Marker
from wpclone.mover.progress import FILE_WEIGHT, ROW_WEIGHT, Meter
from wpclone.mover.rewriting import Rewritten
from wpclone.mover.sources.base import Beginning
from wpclone.rewrite import Rewriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wpclone.api.mover import Inspection, Outcome
    from wpclone.mover.addresses import Move
    from wpclone.mover.config import Config, Site
    from wpclone.mover.files import Copied
    from wpclone.mover.masking import Masking
    from wpclone.mover.sources.base import Skipped, Source
    from wpclone.mover.sources.neighbour.neighbour import Neighbour

# A crashed server can lose what it had confirmed: then the tables it lost are loaded again.
ROUNDS: Final = 3
# A source that is updated meanwhile is copied again, as far as the update may have touched it.
COPIES: Final = 3


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
    masking: Masking | None = None

    def everything(self, started: datetime) -> Outcome:
        """Copy rows and files, make the copy harmless, prove it."""
        ledger = Ledger(self.connection)
        earlier = self.connection.steady(ledger.beginning, "looking how the import began")
        if earlier is not None:
            self.source.begin_again(earlier.marks)
        updated: list[str] = []
        changes: list[str] = []
        for _ in range(COPIES):
            seen = self._inspect()
            self.masking = self.masking or masking.prepared(self.config, seen.table_prefix)
            move = self._move(seen)
            arrived, copied, changed = self._copy(seen, move, ledger)
            changes += changed
            updated = self._updated(seen, ledger)
            if not updated:
                break
        else:
            raise updates.endless(updated)
        arrived, found = self._proven(arrived, seen, move, ledger)
        done = self.connection.steady(lambda: self._settle(seen, move), "making the copy harmless")
        return report.imported(
            report.Facts(
                self.config,
                seen,
                choosing.of(self.config, seen.table_prefix),
                move.home,
                started,
                arrived,
                copied,
                changes,
                (*self.source.skipped(), *found),
                done,
            )
        )

    def _copy(
        self, seen: Inspection, move: Move, ledger: Ledger
    ) -> tuple[dict[str, Arrived], Copied, list[str]]:
        """Copy what has not arrived yet: rows, and files beside them."""
        files = self._files(move)
        try:
            arrived, changes = self._rows(seen, move, files, ledger)
            self.meter.tell("Copying files that have come meanwhile")
            return arrived, files.finish(), changes
        finally:
            files.stop()

    def _updated(self, seen: Inspection, ledger: Ledger) -> list[str]:
        """Return what was updated on the source meanwhile; its tables are to come again then."""
        begun = self.connection.steady(ledger.beginning, "looking how the import began")
        now = self.source.versions()
        names = updates.changed(begun.versions if begun else {}, now)
        if begun and names:
            self.meter.tell("The source was updated: copying what may have changed", urgent=True)
            beginning = Beginning(begun.marks, now)
            tables = updates.again(self.source.tables(), names, seen.table_prefix)
            self.connection.steady(
                lambda: ledger.begin_import(beginning, tables), "beginning once more"
            )
            self.source.begin_again(begun.marks)
        return names

    def files_only(self) -> None:
        """Bring the files back onto a volume that was lost; the database is people's by now."""
        seen = self._inspect()
        files = self._files(self._move(seen))
        try:
            files.finish()
        finally:
            files.stop()

    def _move(self, seen: Inspection) -> Move:
        return addresses.move(seen, self.config.target_url, self.config.job.additional)

    def _inspect(self) -> Inspection:
        seen = inspection.look(self.source, self.config)
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
                choosing.files(self.config),
            )
        )
        files.start(self.connection.disown, functools.partial(telling.file, self.meter))
        return files

    def _rows(
        self, seen: Inspection, move: Move, files: FilesProcess, ledger: Ledger
    ) -> tuple[dict[str, Arrived], list[str]]:
        """Load every table that has not arrived yet."""
        prefix = seen.table_prefix
        tables = {t.name: t for t in self.source.tables() if t.name not in OURS}
        verify.offered(tables, prefix)
        self.connection.steady(ledger.open, "opening the ledger")
        if self.connection.steady(ledger.beginning, "looking how the import began") is None:
            beginning = self.source.beginning()
            self.connection.steady(lambda: ledger.begin_import(beginning), "beginning the import")

        if mask := self.masking:
            self.connection.steady(lambda: mask.open(self.connection), "opening the ledger")
            tables = mask.ordered(tables)
        # A full volume shall not wait for the end of a large table.
        watcher = telling.Rows(self.meter, files.listen)
        beside = neighbours.of(self.config, self.connection, self.source, seen, move)
        with self.connection.another("2") as another, beside as neighbour:
            both = (self.connection, another)
            loader, rows = self._streams(seen, move, both, watcher, neighbour)
            for again in range(ROUNDS):
                arrived = self.connection.steady(ledger.arrived, "reading the ledger")
                missing = [table for name, table in tables.items() if name not in arrived]
                if not missing:
                    break
                if again and mask:
                    mask.renew()
                loader.load(missing, rows)
        arrived = self.connection.steady(ledger.arrived, "reading the ledger")
        verify.loaded(arrived, tables, prefix)
        return {name: arrived[name] for name in tables}, loader.changes

    def _streams(
        self,
        seen: Inspection,
        move: Move,
        connections: Sequence[Connection],
        watcher: telling.Rows,
        neighbour: Neighbour | None = None,
    ) -> tuple[Loader, Rewritten]:
        """Return who loads, and what: rewritten, and masked if that is wanted."""
        mask = self.masking
        masker = mask.masker if mask else None
        choice = choosing.of(self.config, seen.table_prefix)
        rows = Rewritten(self.source, Rewriter(move.pairs), choice, masker, neighbour)
        bound = ddl.related((table.name, table.ddl) for table in self.source.tables())
        return Loader(connections, watcher, mask, bound), rows

    def _proven(
        self, arrived: dict[str, Arrived], seen: Inspection, move: Move, ledger: Ledger
    ) -> tuple[dict[str, Arrived], list[Skipped]]:
        """Look for what the masking has missed; ImportFailed if there is anything."""
        if self.masking is None:
            return arrived, []
        self.meter.tell("Searching the copy for personal data", urgent=True)
        tables = {table.name: table for table in self.source.tables()}
        watcher = telling.Rows(self.meter)
        loader, rows = self._streams(seen, move, (self.connection,), watcher)

        def load(name: str) -> None:
            loader.load((tables[name],), rows)

        found = canary.prove(self.connection, self.masking, ledger, load)
        return self.connection.steady(ledger.arrived, "reading the ledger"), found

    def _settle(self, seen: Inspection, move: Move) -> tuple[str, ...]:
        """Everything after the rows; each step can be repeated."""
        self.meter.tell("Making the copy harmless", urgent=True)
        prefix, connection = seen.table_prefix, self.connection
        job = self.config.job
        done = neutralise.run(connection, prefix, job.safety, job.plugins_off)
        for name in ("home", "siteurl"):
            options.put(connection, prefix, name, move.home)
        if job.source.kind is SourceKind.BLANK and job.source.title:
            options.put(connection, prefix, "blogname", job.source.title)
        if job.source.kind is SourceKind.CLONE:
            administrator.inherit(connection, prefix, self.site.administrator, self.config.uid)
        administrator.create(connection, prefix, self.site.administrator, self.config.uid)
        verify.settled(connection, prefix, move.home)
        return done
