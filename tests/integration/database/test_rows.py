# SPDX-License-Identifier: Apache-2.0
"""Rows come over byte for byte, whatever a table looks like and whatever is written meanwhile."""

from __future__ import annotations

import pytest

from tests.integration.database.reading import Site
from tests.mariadb import Server
from tests.strange_tables import BYTES, STRANGE, dumped
from wpclone.errors import SourceError
from wpclone.mover import statements
from wpclone.mover.sources.base import Piece, Table
from wpclone.mover.sources.database import giants, rows
from wpclone.mover.sources.database.source import DatabaseSource

pytestmark = pytest.mark.database


def load(source: DatabaseSource, wanted: list[Table], server: Server) -> str:
    """Load tables as the mover does, through the filter of what is let in; the schema's name."""
    schema = server.schema().schema
    with server.root(schema) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00'")
        for table in wanted:
            cursor.execute("SET NAMES utf8mb4")
            cursor.execute(table.ddl)  # type: ignore[call-overload]
            cursor.execute("SET NAMES binary")
            for piece in source.rows(table, None):
                for insert in statements.inserts(table.name, piece.sql):
                    cursor.execute(insert.sql)  # type: ignore[call-overload]
    return schema


def named(source: DatabaseSource, *names: str) -> list[Table]:
    """Return tables of the source by their names without the prefix."""
    return [table for table in source.tables() if table.name.removeprefix("wp_") in names]


def test_every_kind_of_table_arrives_unchanged(site: Site) -> None:
    """A copy of difficult tables equals the original in a dump, in DDL and in every byte."""
    for name, (columns, content) in STRANGE.items():
        table = f"`wp_{name.replace('`', '``')}`"
        site.query("SET sql_mode=''", f"CREATE TABLE {table} ({columns}) DEFAULT CHARSET=utf8mb4")
        if content:
            site.query("SET sql_mode=''", f"INSERT INTO {table} {content}")
    site.query("INSERT INTO `wp_generated` (id, a) VALUES (1, 10), (2, NULL)")
    site.query(f"INSERT INTO `wp_binary_key` (k, v) {BYTES}")
    source = site.open()
    tables = named(source, *STRANGE)
    assert len(tables) == len(STRANGE)
    copy = load(source, tables, site.server)
    for found in tables:
        ours = sorted(dumped(site.server, copy, found.name).splitlines())
        theirs = sorted(dumped(site.server, site.schema, found.name).splitlines())
        assert ours == theirs, found.name


def test_types_of_mariadb_alone_arrive_unchanged(site: Site) -> None:
    """UUID, INET6 and INET4 refuse binary text: their literals say that they are text."""
    site.query(
        "CREATE TABLE wp_own (u UUID PRIMARY KEY, i INET6, j INET4, d DATE, e JSON)",
        "INSERT INTO wp_own SELECT UUID(), '2001:db8::1', '192.0.2.7', '2024-02-29',"
        ' \'{"a": "ü"}\' FROM seq_1_to_20',
    )
    source = site.open()
    copy = load(source, named(source, "own"), site.server)
    assert dumped(site.server, copy, "wp_own") == dumped(site.server, site.schema, "wp_own")


def test_wordpress_own_tables_arrive_unchanged(site: Site) -> None:
    """WordPress' own tables are copied row by row, without options of the agent plugin."""
    site.query(
        "INSERT INTO wp_options (option_name, option_value) VALUES ('wpclone_agent_key', 'k')"
    )
    source = site.open()
    copy = load(source, list(source.tables()), site.server)
    ours = dumped(site.server, copy).splitlines()
    theirs = dumped(site.server, site.schema).splitlines()
    agents = b"wpclone_agent_".hex().upper().encode()
    assert sorted(ours) == sorted(line for line in theirs if agents not in line)


def test_text_in_the_sites_old_character_set_stays_as_php_saw_it(site: Site) -> None:
    """A site that speaks Latin-1 stores what PHP counted: those bytes arrive, whatever they are."""
    config = "<?php define( 'DB_CHARSET', 'latin1' );"
    (site.folder / "wp-config.php").write_text(config)
    site.query(
        "CREATE TABLE wp_old (id INT PRIMARY KEY, t TEXT) DEFAULT CHARSET=latin1",
        "INSERT INTO wp_old VALUES (1, _latin1 0xE9C3A9)",
        "CREATE TABLE wp_new (id INT PRIMARY KEY, t TEXT) DEFAULT CHARSET=utf8mb4",
        "INSERT INTO wp_new VALUES (1, 'é'), (2, '😀')",
    )
    source = site.open()
    assert source.inspect().charset == "latin1"
    old, new = named(source, "old")[0], named(source, "new")[0]
    assert b"\xe9\xc3\xa9" in next(source.rows(old, None)).sql
    # What the site's connection cannot hold travels as its stored bytes.
    sql = next(source.rows(new, None)).sql
    assert b"_latin1'\xe9'" in sql
    assert b"_utf8mb4 0xF09F9880" in sql
    copy = load(source, [old, new], site.server)
    for name in ("wp_old", "wp_new"):
        assert dumped(site.server, copy, name) == dumped(site.server, site.schema, name)


def test_long_values_arrive_whole_between_short_ones(site: Site) -> None:
    """A value of megabytes is read by itself, with and without a key; its neighbours stay."""
    site.query(
        "CREATE TABLE wp_long (id INT PRIMARY KEY, a LONGTEXT, b LONGBLOB, c TEXT)",
        "CREATE TABLE wp_long_keyless (a LONGTEXT, b LONGBLOB)",
        "INSERT INTO wp_long SELECT seq, REPEAT('é''x\\\\', IF(seq % 3, 2, 400000)),"
        " REPEAT(0x00FF27, IF(seq % 5, 1, 500000)), seq FROM seq_1_to_20",
        "INSERT INTO wp_long_keyless SELECT a, b FROM wp_long",
        "INSERT INTO wp_long_keyless SELECT a, b FROM wp_long WHERE id = 15",
    )
    source = site.open()
    copy = load(source, named(source, "long", "long_keyless"), site.server)
    same = "SELECT MD5(a), MD5(b) FROM {}.{} ORDER BY 1, 2"
    for table in ("wp_long", "wp_long_keyless"):
        ours = site.server.execute(same.format(copy, table))
        assert ours == site.server.execute(same.format(site.schema, table)), table
        assert ours


def test_a_value_that_is_too_long_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """SourceTooLarge, with table and column."""
    monkeypatch.setattr(giants, "MAX_VALUE", 300_000)
    site.query(
        "INSERT INTO wp_options (option_name, option_value) VALUES ('big', REPEAT('x', 300001))"
    )
    source = site.open()
    with pytest.raises(SourceError, match=r"wp_options\.option_value") as caught:
        list(source.rows(named(source, "options")[0], None))
    assert caught.value.reason == "SourceTooLarge"


@pytest.mark.parametrize("key", ["PRIMARY KEY (a, b)", "KEY (a)"], ids=["key", "no key"])
def test_any_piece_can_be_resumed_after(
    site: Site, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From each cursor on come exactly the rows that had not come; equal ones stay together."""
    monkeypatch.setattr(rows, "PIECE", 2000)
    monkeypatch.setattr(rows, "PAGE_ROWS", 70)
    monkeypatch.setattr(rows, "KEYLESS_ROWS", 70)
    site.query(
        f"CREATE TABLE wp_paged (a INT NOT NULL, b VARCHAR(20) NOT NULL, v TEXT, {key})",
        "INSERT INTO wp_paged SELECT seq % 7, CONCAT('k', seq), REPEAT('x', seq % 40)"
        " FROM seq_1_to_500",
    )
    if key.startswith("KEY"):
        site.query("INSERT INTO wp_paged SELECT * FROM wp_paged WHERE a = 3")
    source = site.open()
    table = named(source, "paged")[0]
    pieces = list(source.rows(table, None))
    assert len(pieces) > 5
    assert pieces[-1].cursor is None
    assert sum(piece.rows for piece in pieces) == table.rows
    whole = split(pieces)
    for at, piece in enumerate(pieces[:-1]):
        rest = list(source.rows(table, piece.cursor))
        assert whole == split(pieces[: at + 1]) + split(rest)


def split(pieces: list[Piece]) -> list[bytes]:
    """Return the rows of pieces, in their order."""
    text = b"".join(piece.sql for piece in pieces)
    return [row.strip(b",;\n") for row in text.split(b"\n") if row.startswith(b"(")]


def test_rows_written_meanwhile_leave_no_orphans(site: Site) -> None:
    """What came after the beginning stays behind, and so does a child of such a row."""
    source = site.open()
    source.beginning()
    site.query(
        "INSERT INTO wp_posts (post_content, post_title, post_excerpt, to_ping, pinged,"
        " post_content_filtered) VALUES ('new', 'new', '', '', '', '')",
        "INSERT INTO wp_postmeta (post_id, meta_key, meta_value)"
        " SELECT MAX(ID), 'k', 'new' FROM wp_posts",
    )
    for name in ("posts", "postmeta"):
        table = named(source, name)[0]
        assert b"'new'" not in b"".join(piece.sql for piece in source.rows(table, None))


def test_a_later_session_copies_up_to_the_marks_of_the_first(site: Site) -> None:
    """A mover that begins again takes over the marks, and adds those of tables made since."""
    first = site.open()
    marks = dict(first.beginning().marks)
    site.query(
        "INSERT INTO wp_users (user_login, user_pass) VALUES ('late', 'x')",
        "CREATE TABLE wp_late (id INT PRIMARY KEY)",
        "INSERT INTO wp_late VALUES (7)",
    )
    second = site.open()
    second.begin_again(marks)
    users, late = named(second, "users")[0], named(second, "late")[0]
    assert b"'late'" not in next(second.rows(users, None)).sql
    assert late.rows == 1
    assert second.beginning().marks["wp_late"] == "7"


def test_a_lost_connection_is_taken_up_where_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row comes once, although the server ends our connections in the middle."""
    monkeypatch.setattr(rows, "PIECE", 3000)
    monkeypatch.setattr(rows, "PAGE_ROWS", 300)
    site.query(
        "CREATE TABLE wp_many (id INT PRIMARY KEY, v TEXT)",
        "INSERT INTO wp_many SELECT seq, REPEAT('x', 50) FROM seq_1_to_3000",
    )
    source = site.open()
    table = named(source, "many")[0]
    seen = []
    for number, piece in enumerate(source.rows(table, None)):
        seen.append(piece)
        if number in {3, 20}:
            ours = site.query(
                f"SELECT id FROM information_schema.processlist WHERE user = '{site.reader.user}'"
            )
            site.server.execute(*[f"KILL {connection}" for (connection,) in ours])
    assert sum(piece.rows for piece in seen) == 3000
    assert len(set(split(seen))) == 3000


def test_a_table_that_vanishes_is_named(site: Site) -> None:
    """The copy stops with the table's trouble: it would be half a site."""
    source = site.open()
    table = named(source, "links")[0]
    site.query("DROP TABLE wp_links")
    with pytest.raises(SourceError, match="wp_links"):
        list(source.rows(table, None))
