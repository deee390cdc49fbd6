# SPDX-License-Identifier: Apache-2.0
"""Makes archives for tests, and reads them from memory as if they were remote."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.hostquirks import Request, Send, host
from wpclone.api.mover import Inspection
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table
from wpclone.mover.sources.remote.reader import Remote, Sequential


@dataclass
class Memory:
    """A remote file whose server sends any part of it."""

    data: bytes
    version: str = "one"
    ranged: bool = True
    asked: int = 0

    @property
    def size(self) -> int | None:
        """How long it is."""
        return len(self.data)

    def stream(self, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield it in pieces that end at odd places."""
        self.asked += 1
        end = len(self.data) if end is None else min(end, len(self.data))
        for low in range(offset, end, 1009):
            yield self.data[low : min(low + 1009, end)]

    def close(self) -> None:
        """Do nothing."""


def forwards(data: bytes) -> Remote:
    """Return a remote file whose server only sends it whole."""
    return Sequential(lambda: (part for part in Memory(data).stream()), len(data), "one")


def tar(
    files: Mapping[str, bytes | tarfile.TarInfo], kind: int = tarfile.PAX_FORMAT, mode: str = "w"
) -> bytes:
    """Return a tar archive of these files; a TarInfo stands for itself."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_700_000_000
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@dataclass
class Held:
    """A site that is held in memory, as a source; its files may change while they are read."""

    tables_: Mapping[str, Sequence[tuple[bytes, int]]]
    files_: Mapping[str, bytes]
    vanished: frozenset[str] = frozenset()
    prefix: str = "wp_"

    def inspect(self) -> Inspection:
        """Tell what it is."""
        return Inspection(
            site_url="https://www.acme.test/wp",
            home_url="https://www.acme.test",
            wordpress_version="6.8.1",
            table_prefix=self.prefix,
            tables=len(self.tables_),
        )

    def beginning(self) -> Beginning:
        """Tell its versions."""
        return Beginning({}, self.versions())

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Do nothing: it never changes."""

    def versions(self) -> Mapping[str, str]:
        """Tell one."""
        return {"WordPress": "6.8.1"}

    def tables(self) -> Sequence[Table]:
        """List its tables, all of one column."""
        return [
            Table(
                name, len(pieces), 100, b"CREATE TABLE `%s` (a TEXT) ENGINE=InnoDB" % name.encode()
            )
            for name, pieces in self.tables_.items()
        ]

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Yield the pieces as they are."""
        assert cursor is None
        pieces = self.tables_[table.name]
        for number, (sql, rows) in enumerate(pieces, 1):
            yield Piece(sql, rows, None if number == len(pieces) else str(number))

    def files(self) -> Iterator[FileInfo]:
        """List the files with the sizes they had."""
        for name in self.files_:
            yield FileInfo(os.fsencode(name), 1, 1_700_000_000)

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Send each file in odd pieces, the first of them twice."""
        for file in files:
            data = self.files_[os.fsdecode(file.path)]
            if os.fsdecode(file.path) in self.vanished:
                yield FileChunk(file.path, 0, b"", last=True, missing=True)
                continue
            yield FileChunk(file.path, 0, b"an earlier version", last=False, missing=False)
            for low in range(0, max(len(data), 1), 70_001):
                part = data[low : low + 70_001]
                last = low + len(part) == len(data)
                yield FileChunk(file.path, low, part, last=last, missing=False)

    def skipped(self) -> Sequence[Skipped]:
        """Name a view."""
        return [Skipped("wp_view", "one of the views")]

    def close(self, *, finished: bool) -> None:
        """Do nothing."""


@contextlib.contextmanager
def served(data: bytes, *, ranges: bool = True) -> Iterator[str]:
    """Serve a file on loopback, with ranges or without; give its address."""

    def answer(request: Request, send: Send) -> bool:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if not ranges or asked is None:
            send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
            return True
        low, high = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        head = f"Content-Range: bytes {low}-{high}/{len(data)}\r\nContent-Length: {high + 1 - low}"
        send(f"HTTP/1.1 206 Partial Content\r\n{head}\r\n\r\n".encode() + data[low : high + 1])
        return True

    with host(answer) as ours:
        yield f"{ours.url}/site.tar"
