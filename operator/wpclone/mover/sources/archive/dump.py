# SPDX-License-Identifier: Apache-2.0
"""Is a dump beside the files of its site as a source; see `wpclone.mover.sources.base.Source`."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from wpclone.api.mover import Inspection
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.sources.archive import form, marks, normalising, whose
from wpclone.mover.sources.archive.scanning import Dump, Found, Scanner
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table
from wpclone.mover.sources.remote import folder, sections, tar
from wpclone.mover.sources.remote.folder import Folder
from wpclone.mover.sources.remote.pulling import Pull
from wpclone.mover.sources.remote.reader import Remote
from wpclone.mover.sources.remote.tar import Member

_SQL: Final = re.compile(rb"\.sql(\.gz)?$", re.IGNORECASE)
_INSIDE: Final = b"/wp-content/"
_VERSION_FILE: Final = re.compile(rb"(?:^|/)wp-includes/version\.php$")
_VERSION: Final = re.compile(rb"\$wp_version\s*=\s*'([0-9A-Za-z.-]{1,32})'")
_MOST_VERSION: Final = 64 * 1024


class DumpSource:
    """A tar archive, gzipped or not, of one SQL dump and a folder wp-content."""

    def __init__(self, remote: Remote) -> None:
        """Read all of it once; SourceError if it is not what it has to be."""
        archive = folder.archived(remote)
        self._remote = remote
        with contextlib.closing(Pull(archive)) as pull:
            reading = _Reading(pull)
            self._folder: Folder = folder.sorted_out(archive, reading.members())
        self._dump, self._sql, self._version = reading.result(archive)
        self._site = whose.site(self._dump)
        self._digest = self._digested()

    def inspect(self) -> Inspection:
        """Tell what site the dump holds, and how big it is."""
        tables = self.tables()
        files = list(self._folder.files())
        return Inspection(
            site_url=self._site.siteurl,
            home_url=self._site.home,
            title=self._site.title,
            wordpress_version=self._version,
            table_prefix=self._site.prefix,
            multisite=self._site.multisite,
            database_bytes=sum(table.bytes for table in tables),
            tables=len(tables),
            rows=sum(table.rows for table in tables),
            files=len(files),
            file_bytes=sum(file.size for file in files),
            charset=self._dump.charset,
        )

    def beginning(self) -> Beginning:
        """Tell which archive this is."""
        return Beginning(marks.of(self._digest), self.versions())

    def begin_again(self, marks_then: Mapping[str, str]) -> None:
        """Make sure that it is still the same archive."""
        marks.compare(marks_then, self._digest)

    def versions(self) -> Mapping[str, str]:
        """Tell what WordPress it was, if that is known: it never changes."""
        return {"WordPress": self._version} if self._version else {}

    def tables(self) -> Sequence[Table]:
        """List the site's tables in the order of the dump."""
        return [
            Table(found.name, found.rows, found.bytes, found.ddl)
            for found in sorted(self._ours().values(), key=lambda found: found.last)
        ]

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table's rows, from its start or from a cursor."""
        found = self._ours()[table.name]
        if not found.last:
            yield Piece(b"", 0, None)
            return
        parts = self._sql.stream(found.first, found.last)
        yield from normalising.pieces(found, self._dump.charset, parts, cursor)

    def files(self) -> Iterator[FileInfo]:
        """List the site's files in the order of the archive."""
        yield from self._folder.files()

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Stream the content of files that this source has listed."""
        yield from self._folder.fetch(files)

    def skipped(self) -> Sequence[Skipped]:
        """Name what is left out of the dump and of the files."""
        return [*self._dump.skipped, *self._folder.skipped]

    def close(self, *, finished: bool) -> None:  # noqa: ARG002  an archive stays as it is
        """Hang up."""
        self._remote.close()

    def _ours(self) -> dict[str, Found]:
        prefix = self._site.prefix
        return {name: t for name, t in self._dump.tables.items() if name.startswith(prefix)}

    def _digested(self) -> str:
        digest = hashlib.sha256(self._dump.digest.encode())
        for file in self._folder.files():
            digest.update(b"%s\0%d\0%d\0" % (file.path, file.size, file.mtime))
        return digest.hexdigest()


class _Reading:
    """Passes the members of an archive on, and reads the dump as it comes by."""

    def __init__(self, pull: Pull) -> None:
        self._pull = pull
        self._dump: Dump | None = None
        self._member: Member | None = None
        self._version = ""

    def members(self) -> Iterator[Member]:
        """Yield every member but the dump; SourceError at a second one."""
        for number, member in enumerate(tar.members(self._pull)):
            if number == 0 and member.name == form.MANIFEST:
                raise SourceError(
                    Reason.SOURCE_LAYOUT_UNSUPPORTED,
                    "The archive is an export of ours that was compressed; give it as it was"
                    " written",
                )
            if _is_dump(member):
                self._take(member)
                continue
            if _VERSION_FILE.search(member.name) and member.size <= _MOST_VERSION:
                found = _VERSION.search(self._pull.exactly(member.size))
                self._version = found[1].decode() if found else ""
            yield member

    def result(self, archive: Remote) -> tuple[Dump, Remote, str]:
        """Return the dump, where it can be read again, and WordPress' version."""
        if self._dump is None or self._member is None:
            raise SourceError(
                Reason.SOURCE_NOT_WORDPRESS, "The archive holds no dump: no file *.sql or *.sql.gz"
            )
        section: Remote = sections.Section(archive, self._member.offset, self._member.size)
        if _is_packed(self._member):
            section = sections.unpacked(section)
        return self._dump, section, self._version

    def _take(self, member: Member) -> None:
        if self._member is not None:
            raise SourceError(
                Reason.SOURCE_LAYOUT_UNSUPPORTED,
                "The archive holds more than one dump beside wp-content; leave one in it",
            )
        self._member = member
        parts = self._pull.pieces(member.size)
        if _is_packed(member):
            parts = sections.plain(parts)
        scanner = Scanner()
        for part in parts:
            scanner.feed(part)
        self._dump = scanner.close()


def _is_dump(member: Member) -> bool:
    """Tell whether this is the dump: plugins bring SQL files of their own below wp-content."""
    if member.odd or member.is_folder or not _SQL.search(member.name):
        return False
    return _INSIDE not in b"/" + folder.plain(member.name)


def _is_packed(member: Member) -> bool:
    return member.name.lower().endswith(b".gz")
