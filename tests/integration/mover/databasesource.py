# SPDX-License-Identifier: Apache-2.0
"""A source that reads a real schema and a real folder, and fails where a test tells it to."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pymysql
from pymysql import converters

from wpclone.api.mover import Inspection
from wpclone.errors import SourceError
from wpclone.mover.sources.base import Beginning, FileChunk, FileInfo, Piece, Skipped, Table

VARIABLE = "TEST_SOURCE"
CHUNK = 65_536
# Everything as the server sent it: only the ways to write values, none to read them.
_RAW: Any = {kind: way for kind, way in converters.conversions.items() if not isinstance(kind, int)}


@dataclass(frozen=True)
class Plan:
    """Where the content is, and what goes wrong on the way."""

    socket: str
    schema: str
    folder: str
    home: str = "https://www.acme.test"
    site: str = "https://www.acme.test"
    prefix: str = "wp_"
    rows_per_piece: int = 10
    # Before this piece of rows, or this file, the source says so in `reached` and waits until the
    # test lets it go on; the test meanwhile does what it wants.
    pause_before: int | None = None
    pause_before_file: int | None = None
    # The same for pieces of certain tables, counted from 1 in each.
    pauses: tuple[tuple[str, int], ...] = ()
    # Before this piece the source gives up.
    cut_before: int | None = None
    reached: str = ""
    go_on: str = ""
    # SQL that follows the rows of each piece.
    inject: str = ""
    hang_on_close: bool = False
    # Tell the highest key of every table that counts its rows, as the agent does.
    marks: bool = False
    # Words of a table's definition, and what the source says instead of them.
    ddl_swap: tuple[str, str] = ("", "")

    def text(self) -> str:
        """Return the text for the environment."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls) -> Self:
        """Read the environment."""
        return cls(**json.loads(os.environ[VARIABLE]))


class DatabaseSource:
    """Streams a schema as the agent would: literals for a binary connection."""

    def __init__(self, plan: Plan) -> None:
        """Follow the plan."""
        self._plan = plan
        self._pieces = self._files = 0
        self._begun: Beginning | None = None
        self._mark: str | None = None
        self._earlier: dict[str, str] = {}
        self.closed: bool | None = None

    def inspect(self) -> Inspection:
        """Count for real."""
        tables = self.tables()
        files = list(self.files())
        return Inspection(
            site_url=self._plan.site,
            home_url=self._plan.home,
            title="Acme",
            wordpress_version="6.8.1",
            db_version="60421",
            table_prefix=self._plan.prefix,
            charset="utf8mb4",
            tables=len(tables),
            rows=sum(t.rows for t in tables),
            database_bytes=sum(t.bytes for t in tables),
            files=len(files),
            file_bytes=sum(f.size for f in files),
        )

    def beginning(self) -> Beginning:
        """Take the mark of posts."""
        if self._begun is None:
            newest = self._ask(f"SELECT MAX(ID) FROM `{self._plan.prefix}posts`")[0][0].decode()
            marks = {"posts": self._mark or newest, **self._highest(), **self._earlier}
            self._begun = Beginning(marks, self.versions())
        return self._begun

    def begin_again(self, marks: Mapping[str, str]) -> None:
        """Take over the mark of posts."""
        self._begun, self._mark, self._earlier = None, marks["posts"], dict(marks)

    def _highest(self) -> dict[str, str]:
        """Return the highest key of each table that counts."""
        if not self._plan.marks:
            return {}
        counting = self._ask(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND extra LIKE '%auto_increment%'"
        )
        return {
            name.decode(): self._ask(
                f"SELECT IFNULL(MAX(`{column.decode()}`), 0) FROM `{name.decode()}`"
            )[0][0].decode()
            for name, column in counting
        }

    def versions(self) -> Mapping[str, str]:
        """Tell of the options that updates change."""
        found = self._ask(
            f"SELECT option_name, option_value FROM {self._plan.prefix}options"
            " WHERE option_name IN ('db_version', 'active_plugins')"
        )
        names = {"db_version": "the database", "active_plugins": "plugins"}
        return {names[name.decode()]: value.decode() for name, value in found}

    def tables(self) -> Sequence[Table]:
        """List the tables under the prefix."""
        found = []
        for (name,) in self._ask("SHOW TABLES"):
            table = name.decode()
            if table.startswith(self._plan.prefix):
                ddl = self._ask(f"SHOW CREATE TABLE `{table}`")[0][1]
                was, becomes = self._plan.ddl_swap
                ddl = ddl.replace(was.encode(), becomes.encode())
                count = self._ask(f"SELECT COUNT(*) FROM {self._belonging(table)}")[0][0]
                found.append(Table(table, count, count * 100, ddl))
        return found

    def rows(self, table: Table, cursor: str | None) -> Iterator[Piece]:
        """Stream a table in small pieces."""
        columns = self._ask(f"SHOW COLUMNS FROM `{table.name}`")
        names = b",".join(b"`%s`" % c[0] for c in columns)
        binary = [any(k in c[1] for k in (b"blob", b"binary", b"bit")) for c in columns]
        at, size = int(cursor or 0), self._plan.rows_per_piece
        number = 0
        every = f"SELECT * FROM {self._belonging(table.name)}"
        while True:
            rows = self._ask(f"{every} LIMIT {size} OFFSET {at}")
            at += len(rows)
            last = len(rows) < size
            number += 1
            self._next_piece(table.name, number)
            if rows:
                head = b"INSERT INTO `%s` (%s) VALUES\n" % (table.name.encode(), names)
                text = b",\n".join(_row(row, binary) for row in rows)
                sql = head + text + b";\n" + self._plan.inject.encode()
                yield Piece(sql, len(rows), None if last else str(at))
            if last:
                return

    def files(self) -> Iterator[FileInfo]:
        """Walk the folder."""
        root = os.fsencode(self._plan.folder)
        for folder, below, names in os.walk(root):
            below.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)  # noqa: PTH118  bytes
                stat = Path(os.fsdecode(path)).stat()
                yield FileInfo(os.path.relpath(path, root), stat.st_size, int(stat.st_mtime))

    def fetch(self, files: Sequence[FileInfo]) -> Iterator[FileChunk]:
        """Read the files in chunks."""
        for info in files:
            self._next_file()
            path = os.path.join(os.fsencode(self._plan.folder), info.path)  # noqa: PTH118  bytes
            try:
                data = Path(os.fsdecode(path)).read_bytes()
            except FileNotFoundError:
                yield FileChunk(info.path, 0, b"", last=True, missing=True)
                continue
            for at in range(0, max(1, len(data)), CHUNK):
                part = data[at : at + CHUNK]
                yield FileChunk(info.path, at, part, last=at + CHUNK >= len(data), missing=False)

    def skipped(self) -> Sequence[Skipped]:
        """Tell of one thing."""
        return (Skipped("wp_view", "a view"),)

    def close(self, *, finished: bool) -> None:
        """Remember how the session ended."""
        self.closed = finished
        if self._plan.hang_on_close:
            threading.Event().wait()

    def _belonging(self, table: str) -> str:
        """Return the table, and which of its rows belong to the copy."""
        if table != f"{self._plan.prefix}posts" or self._mark is None:
            return f"`{table}`"
        return f"`{table}` WHERE ID <= {self._mark}"

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        wire = pymysql.connect(
            unix_socket=self._plan.socket,
            user="root",
            database=self._plan.schema,
            use_unicode=False,
            conv=_RAW,
            ssl_disabled=True,
        )
        with wire, wire.cursor() as cursor:
            cursor.execute("SET NAMES binary")
            cursor.execute("SET sql_mode=''")
            cursor.execute(sql)
            return [
                tuple(int(v) if sql.startswith("SELECT COUNT") else v for v in row)
                for row in cursor.fetchall()
            ]

    def _next_piece(self, table: str, number: int) -> None:
        self._pieces += 1
        if self._pieces == self._plan.cut_before:
            raise SourceError("SourceLost", "The source is gone", retryable=True)
        is_named = [table, number] in map(list, self._plan.pauses)
        if self._pieces == self._plan.pause_before or is_named:
            self._pause()

    def _next_file(self) -> None:
        self._files += 1
        if self._files == self._plan.pause_before_file:
            self._pause()

    def _pause(self) -> None:
        Path(self._plan.reached).write_bytes(b"!")  # both are pipes with names
        Path(self._plan.go_on).read_bytes()


def _row(row: tuple[bytes | None, ...], binary: list[bool]) -> bytes:
    return b"(" + b",".join(_literal(v, b) for v, b in zip(row, binary, strict=True)) + b")"


def _literal(value: bytes | None, is_binary: bool) -> bytes:  # noqa: FBT001  one of two columns' kinds
    if value is None:
        return b"NULL"
    if is_binary:
        return b"0x" + value.hex().encode() if value else b"''"
    return b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"\\'").replace(b"\n", b"\\n") + b"'"
