# SPDX-License-Identifier: Apache-2.0
"""Is a live WordPress site as a source: the seam between the agent and the mover."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

from wpclone.api.mover import ImportConfig, Inspection
from wpclone.api.reasons import Reason
from wpclone.api.text import clean
from wpclone.errors import SourceError
from wpclone.mover.net.client import Client
from wpclone.mover.sources import credentials
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table
from wpclone.mover.sources.credentials import Credentials
from wpclone.mover.sources.site import facts, fetching, install, listing, resolve, streaming
from wpclone.mover.sources.site.admin import Admin
from wpclone.mover.sources.site.agent import Agent, Failed
from wpclone.mover.sources.site.ahead import Ahead
from wpclone.mover.sources.site.channel import Channel
from wpclone.mover.sources.site.frames import Damaged, Frame
from wpclone.mover.sources.site.listing import SiteTable
from wpclone.mover.sources.site.opening import Opener

# What is left out is told to people: the first ones will do.
_MOST_SKIPPED: Final = 1000
T = TypeVar("T")


class Door(Protocol):
    """Who has let us in, and how to leave."""

    client: Client
    temporary: bool

    def admin(self) -> Admin | None:
        """Log in as an administrator, if there is a login."""
        ...

    def is_gone(self) -> bool:
        """Tell whether what we brought is gone."""
        ...


class SiteSource:
    """A live site with an open session; see `wpclone.mover.sources.base.Source`."""

    def __init__(self, agent: Agent, opener: Door) -> None:
        """Take an open session; use `open`."""
        self._agent = agent
        self._opener = opener
        self._process = os.getpid()
        self._closed = False
        self._facts: dict[str, Any] | None = None
        self._tables: dict[str, SiteTable] | None = None
        self._marks: dict[str, str] = {}
        self._skipped: dict[Skipped, None] = {}
        self._ahead = Ahead()
        self._waiting: dict[str, Future[list[Frame]]] = {}

    @classmethod
    def open(cls, job: ImportConfig, secret: Mapping[str, str], certificates: Path | None) -> Self:
        """Find the site, prove who we are, bring the agent if need be, and open a session."""
        proof = credentials.read(secret)
        client = Client(job.network, certificates, rate=job.limits.rate)
        try:
            return cls._opened(job, proof, client)
        except BaseException:
            client.close()
            raise

    @classmethod
    def _opened(cls, job: ImportConfig, proof: Credentials, client: Client) -> Self:
        limits = job.limits
        home, front = resolve.home(client, job.source.url or "", limits.request_seconds)
        way = Channel(client, home, limits.request_seconds)
        opener = Opener(client, way, home, front, proof, job.source.agent, limits.request_seconds)
        agent = Agent(way, opener.open(), opener.open, limits)
        return cls(agent, opener)

    def inspect(self) -> Inspection:
        """Read the manifest, count rows and files, and refuse what cannot be copied."""
        manifest = self._manifest()
        rows = sum(entry.table.rows for entry in self._all_tables().values())
        count = size = 0
        for file in self.files():
            count += 1
            size += file.size
        return facts.inspection(
            manifest,
            temporary=self._opener.temporary,
            rows=rows,
            files=count,
            file_bytes=size,
        )

    def beginning(self) -> Beginning:
        """Tell the marks and versions of the manifest this session goes by."""
        return Beginning(self._all_marks(), facts.versions(self._manifest()))

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Read manifest and tables anew when they are wanted, under the earlier marks."""
        self._facts = self._tables = None
        self._waiting.clear()
        self._marks = dict(marks)

    def versions(self) -> Mapping[str, str]:
        """Ask for the manifest once more."""
        return facts.versions(_one(self._read_manifest))

    def tables(self) -> Sequence[Table]:
        """List the site's tables, parents before their children."""
        return [entry.table for entry in self._all_tables().values()]

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table's rows, from its start or from a cursor."""
        entry = self._all_tables().get(table.name, SiteTable(table))
        waiting = self._waiting.pop(table.name, None) if cursor is None else None
        self._waiting.clear()
        page = waiting or self._ask_ahead(entry, cursor)
        ask_next = functools.partial(self._ask_for_table_after, table.name)
        yield from _told(streaming.rows(self._agent, entry, page, self._ahead, ask_next))

    def files(self) -> Iterator[FileInfo]:
        """List the files to copy, and take note of what is left out."""
        for entry in _told(listing.files(self._agent)):
            if isinstance(entry, FileInfo):
                yield entry
            elif len(self._skipped) < _MOST_SKIPPED:
                self._skipped[entry] = None

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of files, in their order."""
        yield from _told(fetching.fetch(self._agent, files))

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        return list(self._skipped)

    def close(self, *, finished: bool) -> None:
        """End the session; `finished` takes our plugin off if nobody else uses it.

        What fails here harms nothing: an idle agent of ours removes itself.
        """
        if self._closed or os.getpid() != self._process:
            return
        self._leave(hang_up=False)
        try:
            said = self._agent.call("finish", {"remove": finished}, patient=False)[0].json()
            if finished and self._opener.temporary and not said.get("others"):
                self._make_sure_it_is_gone(bool(said.get("removing")))
        except (SourceError, Failed, Damaged, LookupError):
            pass
        self._opener.client.close()

    def _leave(self, *, hang_up: bool = True) -> None:
        """Ask nothing more; the process that opened the source hangs up."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        self._ahead.close()
        self._agent.end()
        if hang_up:
            self._opener.client.close()

    def _make_sure_it_is_gone(self, removing: bool) -> None:  # noqa: FBT001  the agent's word
        if removing and self._opener.is_gone():
            return
        admin = self._opener.admin()
        if admin is not None:
            install.remove(admin)
            admin.logout()

    def _ask_ahead(self, entry: SiteTable, cursor: str | None) -> Future[list[Frame]]:
        return self._ahead.ask(functools.partial(streaming.first, self._agent, entry, cursor))

    def _ask_for_table_after(self, name: str) -> None:
        """Most sites have many small tables: the next one is asked for before anyone wants it."""
        names = list(self._all_tables())
        at = names.index(name) + 1 if name in names else len(names)
        if at < len(names):
            self._waiting[names[at]] = self._ask_ahead(self._all_tables()[names[at]], None)

    def _manifest(self) -> dict[str, Any]:
        if self._facts is None:
            manifest = _one(self._read_manifest)
            facts.refuse_unsupported(manifest)
            for kind in ("views", "triggers"):
                for name in manifest.get(kind) or ():
                    self._skipped[Skipped(clean(str(name), 64), f"one of the {kind}")] = None
            self._facts = manifest
        return self._facts

    def _read_manifest(self) -> dict[str, Any]:
        return self._agent.call("manifest", {})[0].json()

    def _all_marks(self) -> dict[str, str]:
        """Return the earlier marks, and those of tables that have been made since."""
        marks = dict(self._manifest()["marks"])
        return {str(name): str(most) for name, most in marks.items()} | self._marks

    def _all_tables(self) -> dict[str, SiteTable]:
        if self._tables is None:
            found = list(_told(listing.tables(self._agent, self._all_marks())))
            self._tables = {entry.table.name: entry for entry in found}
        return self._tables


def _told(stream: Iterator[T]) -> Iterator[T]:
    """Pass a stream on; what the agent reports as failed becomes a SourceError."""
    try:
        yield from stream
    except Failed as error:
        raise _lost(error) from error
    except (Damaged, LookupError, TypeError, ValueError) as error:
        raise _nonsense() from error


def _one(ask: Callable[[], T]) -> T:
    """Return one answer under the same rules as a stream."""
    return next(_told(ask() for _ in (None,)))


def _lost(error: Failed) -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST,
        f"The source could not be read: {clean(error.message, 160)}",
        retryable=True,
    )


def _nonsense() -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST, "The agent plugin sent something that makes no sense", retryable=True
    )
