# SPDX-License-Identifier: Apache-2.0
"""Passes dumps of a real server through the rewriter and loads them again: same values, moved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import mariadb
from wpclone.rewrite import Counts, Pair, Rewriter, SqlStream

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(mariadb.missing() is not None, reason=str(mariadb.missing())),
]

OLD, NEW = b"https://old.example", b"https://copy.clones.test"
REWRITER = Rewriter([Pair(OLD.decode(), NEW.decode())])
PAYLOADS = [
    b"",
    OLD,
    bytes(range(256)) + OLD + b"/" + bytes(range(256)),
    rb"100\% it's \_ \\ ''" + b'"\n\r\t\x1a\0' + OLD,
    b's:%d:"%s";' % (len(OLD) + 4, b"'\\\n;" + OLD),
    b'{"u":"' + OLD.replace(b"/", rb"\/") + rb'\/","d":"a:1:{i:0;s:19:\"' + OLD + rb'\";}"}',
    b"'); DROP TABLE x; -- " + OLD + b" /*",
    "grüße 😀 ".encode() + OLD,
    b"no address, but \\' quotes \\",
]
DIALECTS = {
    "default": [],
    "hex": ["--hex-blob"],
    "column lists": ["--complete-insert"],
    "a row a statement": ["--skip-extended-insert"],
    "no definitions": ["--no-create-info", "--skip-triggers"],
    "ansi": ["--compatible=ansi", "--default-character-set=utf8mb4"],
    "replace": ["--replace"],
    "ignore": ["--insert-ignore"],
}


@pytest.fixture(scope="module")
def server() -> Iterator[mariadb.Server]:
    """Run one server with a table of hostile values."""
    with mariadb.server() as ours:
        ours.execute("CREATE DATABASE old", "CREATE DATABASE new")
        for schema in ("old", "new"):
            ours.execute(
                "CREATE TABLE `wp_postmeta` (`meta_id` int PRIMARY KEY, `note` varchar(40)"
                " DEFAULT 'a,b(`c`)', `meta_value` longblob, `twice` longtext COLLATE utf8mb4_bin,"
                " KEY `n` (`note`(9)))",
                schema=schema,
            )
        with ours.root("old") as connection, connection.cursor() as cursor:
            for number, payload in enumerate(PAYLOADS):
                text = payload.decode("latin-1") if number != 7 else payload.decode()
                row = (number, "it's; (1),", payload, text)
                cursor.execute("INSERT INTO wp_postmeta VALUES (%s, %s, _binary %s, %s)", row)
            cursor.execute("INSERT INTO wp_postmeta (meta_id) VALUES (99)")
        yield ours


def rows(server: mariadb.Server, schema: str) -> list[tuple[object, ...]]:
    """Read the table as bytes."""
    return server.execute(
        "SELECT meta_id, note, meta_value, CAST(twice AS BINARY) FROM wp_postmeta ORDER BY 1",
        schema=schema,
    )


def moved(value: object) -> object:
    """Say what a value has to become, decoded as it is."""
    return REWRITER.value(value, Counts()) if isinstance(value, bytes) else value


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dump_loads_as_the_same_values_moved(server: mariadb.Server, dialect: str) -> None:
    """Every dialect of the real dump program, read and loaded, gives exactly the values meant."""
    dump = server.dump(*DIALECTS[dialect], "old", "wp_postmeta")
    stream = SqlStream(REWRITER)
    parts = [dump[low : low + 100] for low in range(0, len(dump), 100)]
    pieces = [piece for part in parts for piece in stream.feed(part)]
    new = b"".join([*pieces, *stream.close()])
    server.execute("DELETE FROM wp_postmeta", schema="new")
    server.client("--binary-mode", "new", stdin=b"SET sql_mode='', NAMES utf8mb4;" + new)
    before = rows(server, "old")
    assert rows(server, "new") == [tuple(map(moved, row)) for row in before]
    assert stream.rows == {"wp_postmeta": len(PAYLOADS) + 1}
    assert stream.counts.residual == stream.counts.unsupported == 0
    assert stream.counts.rewritten == 2 * sum(OLD in each or b"old.e" in each for each in PAYLOADS)


def test_a_dump_without_addresses_is_the_same_bytes(server: mariadb.Server) -> None:
    """Whatever a dump holds, with nothing to move it leaves as it came."""
    dump = server.dump("--all-databases", "--routines", "--events")
    stream = SqlStream(Rewriter([Pair("https://nowhere.example", NEW.decode())]))
    parts = [dump[low : low + 65536] for low in range(0, len(dump), 65536)]
    pieces = [piece for part in parts for piece in stream.feed(part)]
    assert b"".join([*pieces, *stream.close()]) == dump
