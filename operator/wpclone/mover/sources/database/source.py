# SPDX-License-Identifier: Apache-2.0
"""Is a site's database and a place with its files as one source, read without the site's help."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from wpclone.api import secrets
from wpclone.api.mover import Inspection
from wpclone.api.origins import TLS
from wpclone.api.origins import DatabaseSource as Wish
from wpclone.api.reasons import Reason
from wpclone.api.sourcekinds import SourceKind
from wpclone.api.text import clean
from wpclone.errors import InvalidSpec, SourceError
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table
from wpclone.mover.sources.database import address, facts, marks, rows, tables, tls
from wpclone.mover.sources.database.facts import Options
from wpclone.mover.sources.database.pool import Pool
from wpclone.mover.sources.database.tables import Shape
from wpclone.mover.sources.database.wire import Server
from wpclone.mover.sources.files.folder import Folder
from wpclone.mover.sources.files.place import Found, Place
from wpclone.mover.sources.files.tarball import Tarball
from wpclone.mover.sources.remote import opening

if TYPE_CHECKING:
    from wpclone.mover.config import Config

# Names and words of the server's are read as Unicode, whatever the site speaks.
_UNICODE: Final = "utf8mb4"
_KINDS: Final = {"VIEW": "one of the views", "SEQUENCE": "one of the sequences"}


@dataclass(frozen=True, slots=True)
class _Copied:
    """One table, how it is read, and which of its rows belong to the copy."""

    table: Table
    shape: Shape
    condition: str


@dataclass(frozen=True, slots=True)
class _Site:
    """What the schema has told."""

    prefix: str
    names: Mapping[str, str]
    own: tuple[str, ...]
    options: Options
    charset: str
    version: str


class DatabaseSource:
    """A database and files; see `wpclone.mover.sources.base.Source`."""

    def __init__(
        self, wish: Wish, pool: Pool, server: Server, place: Place, config: Config
    ) -> None:
        """Take what is open; use `open`."""
        self._wish = wish
        self._server = server
        self._place = place
        self._before = config.job.inspection
        self._budget = float(config.job.limits.source_budget_seconds)
        self._facts = pool
        self._content: Pool | None = None
        self._found: Found | None = None
        self._site_: _Site | None = None
        self._tables: dict[str, _Copied] | None = None
        self._marks: dict[str, str] = {}
        self._skipped: dict[Skipped, None] = {}

    @classmethod
    def open(cls, config: Config) -> Self:
        """Connect to the server, which has to be allowed, and find the files."""
        wish = config.job.source.database
        if wish is None:
            raise InvalidSpec("WPCLONE_IMPORT: source.database is missing")
        server = _server(wish, config)
        pool = Pool(server, _UNICODE, float(config.job.limits.source_budget_seconds))
        try:
            with pool.lent():
                place = _place(wish, config)
            return cls(wish, pool, server, place, config)
        except BaseException:
            pool.close()
            raise

    def inspect(self) -> Inspection:
        """Read the settings, count rows and files, and refuse what cannot be copied."""
        site = self._site()
        files = self._files()
        copied = self._all_tables().values()
        sizes = self._facts.ask(tables.sizes)
        title = html.unescape(site.options.text("blogname", 400))
        before = self._before.wordpress_version if self._before else ""
        return Inspection(
            site_url=site.options.text("siteurl", 2048),
            home_url=self._wish.site_url or site.options.text("home", 2048),
            title=clean(title, 200),
            wordpress_version=files.wordpress or before or site.options.wordpress,
            db_version=site.version,
            table_prefix=site.prefix,
            charset=site.charset,
            database_bytes=sum(sizes.get(name, 0) for name in site.own),
            tables=len(copied),
            rows=sum(one.table.rows for one in copied),
            files=files.files,
            file_bytes=files.size,
        )

    def beginning(self) -> Beginning:
        """Tell the marks of this session, and what updates would change."""
        self._all_tables()
        return Beginning(dict(self._marks), self._site().options.versions())

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Look anew, under the earlier marks; tables made since get marks of their own."""
        self._site_ = self._tables = None
        self._marks = dict(marks)

    def versions(self) -> Mapping[str, str]:
        """Read the settings once more."""
        prefix = self._site().prefix
        return self._facts.ask(lambda wire: facts.options(wire, prefix)).versions()

    def tables(self) -> Sequence[Table]:
        """List the site's tables, parents before their children."""
        return [one.table for one in self._all_tables().values()]

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table's rows, going on where a lost connection left off."""
        copied = self._all_tables()[table.name]
        try:
            yield from rows.steadily(self._contents(), copied.shape, copied.condition, cursor)
        except (LookupError, TypeError, ValueError) as error:
            raise _nonsense(table) from error

    def files(self) -> Iterator[FileInfo]:
        """List the files to copy."""
        return self._place.files()

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of files, in their order."""
        return self._place.fetch(files)

    def skipped(self) -> Sequence[Skipped]:
        """Name what has been left out so far."""
        return [*self._skipped, *self._place.skipped()]

    def close(self, *, finished: bool) -> None:  # noqa: ARG002  nothing of ours is on the source
        """Close the connections."""
        self._facts.close()
        if self._content is not None:
            self._content.close()
        self._place.close()

    def _site(self) -> _Site:
        """Look at the schema once."""
        if self._site_ is None:
            names = self._facts.ask(tables.listed)
            prefix = facts.prefix(names, self._wish.table_prefix, self._wish.name)
            facts.refuse_network(names, prefix)
            self._site_ = self._told(names, prefix)
        return self._site_

    def _told(self, names: Mapping[str, str], prefix: str) -> _Site:
        options = self._facts.ask(lambda wire: facts.options(wire, prefix))
        config = self._files().config
        ask = self._facts.ask
        ask(lambda wire: facts.refuse_layout(wire, prefix, options, config))
        base = [name for name, kind in names.items() if kind == tables.BASE]
        every = tables.prefixes(base)
        for name in tables.own(names, prefix, every):
            if (kind := names[name]) != tables.BASE:
                self._skip(name, _KINDS.get(kind, f"of the kind {clean(kind, 40).lower()}"))
        own = tuple(marks.in_order(tables.own(base, prefix, every), prefix))
        self._skip_triggers(own)
        before = self._before.charset if self._before else ""
        return _Site(
            prefix=prefix,
            names=names,
            own=own,
            options=options,
            charset=before or ask(lambda wire: facts.charset(wire, prefix, config)),
            version=clean(tables.text(ask(lambda wire: wire.value("SELECT VERSION()"))), 64),
        )

    def _files(self) -> Found:
        """Look at the files once; an archive that was read to be inspected is not read again."""
        before = self._before
        if self._found is None and before is not None and self._wish.files.uri:
            self._found = Found(before.files, before.file_bytes)
        if self._found is None:
            self._found = self._place.look()
        return self._found

    def _all_tables(self) -> dict[str, _Copied]:
        if self._tables is None:
            site = self._site()
            shapes = self._facts.ask(
                lambda wire: [tables.shape(wire, name, site.charset) for name in site.own]
            )
            taken = self._facts.ask(lambda wire: marks.take(wire, shapes, site.prefix))
            self._marks = taken | self._marks
            sizes = self._facts.ask(tables.sizes)
            found = (self._copied(shape, sizes.get(shape.name, 0)) for shape in shapes)
            self._tables = {one.shape.name: one for one in found}
        return self._tables

    def _copied(self, shape: Shape, size: int) -> _Copied:
        prefix = self._site().prefix
        limits = marks.limits(shape, self._marks, prefix)
        condition = shape.condition(limits, prefix)
        count = self._facts.ask(lambda wire: rows.counted(wire, shape, condition))
        definition = self._facts.ask(lambda wire: tables.definition(wire, shape.name))
        table = Table(shape.name, count, size, definition)
        facts.refuse_definition(table)
        return _Copied(table, shape, condition)

    def _contents(self) -> Pool:
        if self._content is None:
            self._content = Pool(self._server, self._site().charset, self._budget)
        return self._content

    def _skip_triggers(self, own: Sequence[str]) -> None:
        for row in self._facts.ask(lambda wire: wire.all("SHOW TRIGGERS", tables.MAX_TABLES)):
            if tables.text(row[2]) in own:
                self._skip(tables.text(row[0]), "one of the triggers")

    def _skip(self, name: str, why: str) -> None:
        self._skipped[Skipped(clean(name, 64), why)] = None


def _server(wish: Wish, config: Config) -> Server:
    """Return where to connect; whether that is allowed is looked up now."""
    problem = secrets.problem(SourceKind.DATABASE, config.secret)
    if problem is None and not config.secret[secrets.USERNAME].strip():
        problem = "its key 'username' is empty"
    if problem is not None:
        raise SourceError(
            Reason.CREDENTIALS_INVALID, f"The source Secret cannot be used: {problem}"
        )
    allowed = config.job.network.databases or ()
    return Server(
        host=wish.host,
        port=wish.port,
        addresses=address.vetted(wish.host, wish.port, allowed),
        schema=wish.name,
        user=config.secret[secrets.USERNAME].strip(),
        password=config.secret[secrets.PASSWORD],
        tls=tls.context(wish.tls or TLS(), config.source_ca, config.certificates),
    )


def _place(wish: Wish, config: Config) -> Place:
    if wish.files.uri is not None:
        # The login is the database's; nobody else gets it.
        keys = (secrets.ACCESS_KEY_ID, secrets.SECRET_ACCESS_KEY, secrets.SESSION_TOKEN)
        proof = {key: config.secret[key] for key in keys if key in config.secret}
        proof = proof if wish.files.uri.startswith("s3://") else {}
        remote = opening.remote(wish.files.uri, proof, config.job, config.certificates)
        return Tarball(remote, clean(wish.files.uri))
    name = wish.files.claim_ref.name if wish.files.claim_ref else ""
    return Folder(str(config.source_files), f"The volume {name}")


def _nonsense(table: Table) -> SourceError:
    return SourceError(
        Reason.SOURCE_LOST,
        f"The database sent something that makes no sense for table {clean(table.name, 64)}",
    )
