# SPDX-License-Identifier: Apache-2.0
"""Rows come over byte for byte, whatever a table looks like and whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import mariadb
from tests.integration.sources.opening import Open
from tests.live_site import PREFIX, LiveSite
from tests.strange_tables import BYTES, STRANGE, dumped
from wpclone.mover.sources.base import Table
from wpclone.mover.sources.site.source import SiteSource


@pytest.fixture
def strange(site: LiveSite) -> Iterator[LiveSite]:
    """Give the site with a table of every kind we know to be difficult."""
    made = []
    for name, (columns, rows) in STRANGE.items():
        table = f"`{PREFIX}{name.replace('`', '``')}`"
        made.append(f"DROP TABLE {table}")
        site.query("SET sql_mode=''", f"CREATE TABLE {table} ({columns}) DEFAULT CHARSET=utf8mb4")
        if rows:
            site.query("SET sql_mode=''", f"INSERT INTO {table} {rows}")
    site.query(f"INSERT INTO `{PREFIX}generated` (id, a) VALUES (1, 10), (2, NULL)")
    site.query(f"INSERT INTO `{PREFIX}binary_key` (k, v) {BYTES}")
    yield site
    site.query(*made)


def load(source: SiteSource, tables: list[Table], server: mariadb.Server, schema: str) -> None:
    """Load tables as the mover does: over a binary connection, without strict mode."""
    with server.root(schema) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00'")
        for table in tables:
            cursor.execute("SET NAMES utf8mb4")
            cursor.execute(table.ddl)  # type: ignore[call-overload]
            cursor.execute("SET NAMES binary")
            for piece in source.rows(table, None):
                for statement in piece.sql.split(b";\n"):
                    if statement:
                        cursor.execute(statement)  # type: ignore[call-overload]


def test_every_kind_of_table_arrives_unchanged(strange: LiveSite, open_site: Open) -> None:
    """A copy of difficult tables equals the original in a dump, in DDL and in every byte."""
    source = open_site()
    wanted = [PREFIX + name for name in STRANGE]
    tables = [table for table in source.tables() if table.name in wanted]
    assert sorted(table.name for table in tables) == sorted(wanted)
    copy = strange.server.schema().schema
    load(source, tables, strange.server, copy)
    for table in tables:
        ours = sorted(dumped(strange.server, copy, table.name).splitlines())
        theirs = sorted(dumped(strange.server, strange.login.schema, table.name).splitlines())
        assert ours == theirs, table.name


def test_numbers_keep_the_digits_that_no_dump_shows(site: LiveSite, open_site: Open) -> None:
    """A FLOAT shows six digits and holds more: its bits arrive, not what is shown."""
    table = f"{PREFIX}floats"
    site.query(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, f FLOAT, g FLOAT(10,6), u FLOAT UNSIGNED)",
        f"INSERT INTO {table} VALUES (1, 12345.678, 52.520008, 16777215), (2, -1e-40, -0.1, 3e38),"
        " (3, NULL, NULL, NULL)",
    )
    try:
        source = open_site()
        wanted = [found for found in source.tables() if found.name == table]
        copy = site.server.schema().schema
        load(source, wanted, site.server, copy)
        bits = "SELECT id, f + 0e0, g + 0e0, u + 0e0 FROM "
        ours = site.server.execute(bits + f"`{copy}`.`{table}` ORDER BY id")
        assert ours == site.query(bits + f"{table} ORDER BY id")
    finally:
        site.query(f"DROP TABLE {table}")


def test_wordpress_own_tables_arrive_unchanged(site: LiveSite, open_site: Open) -> None:
    """WordPress' own tables are copied row by row, without the agent's own options."""
    source = open_site()
    tables = list(source.tables())
    copy = site.server.schema().schema
    load(source, tables, site.server, copy)
    ours = dumped(site.server, copy).splitlines()
    agents = b"wpclone_agent_".hex().upper().encode()
    assert not any(agents in line for line in ours)
    theirs = dumped(site.server, site.login.schema).splitlines()
    assert any(agents in line for line in theirs)
    assert sorted(ours) == sorted(line for line in theirs if agents not in line)


@pytest.mark.usefixtures("strange")
def test_counts_are_exact(open_site: Open) -> None:
    """A table's row count is what it really holds, and what its pieces hold together."""
    source = open_site()
    for table in source.tables():
        pieces = list(source.rows(table, None))
        assert sum(piece.rows for piece in pieces) == table.rows, table.name
        assert pieces[-1].cursor is None
        assert all(piece.cursor for piece in pieces[:-1])


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize("name", ["no_key", "text_key", "spread_key", "unsigned", "binary_key"])
def test_a_table_is_resumed_where_it_was_left(open_site: Open, name: str) -> None:
    """Going on from any piece's cursor gives the rest, and nothing twice."""
    source = open_site()
    source._agent.pace.most_bytes = source._agent.pace.bytes = 4096
    table = next(found for found in source.tables() if found.name == PREFIX + name)
    whole = list(source.rows(table, None))
    assert len(whole) > 1
    middle = len(whole) // 2
    rest = list(source.rows(table, whole[middle - 1].cursor))
    rows = b"".join(piece.sql for piece in whole[:middle] + rest).splitlines()
    assert sorted(rows) == sorted(b"".join(piece.sql for piece in whole).splitlines())
    assert sum(piece.rows for piece in whole[:middle] + rest) == table.rows


def test_parents_come_before_their_children(open_site: Open) -> None:
    """Posts are read before their meta, users before theirs, terms before their relations."""
    names = [table.name.removeprefix(PREFIX) for table in open_site().tables()]
    for parent, child in (
        ("posts", "postmeta"),
        ("posts", "comments"),
        ("comments", "commentmeta"),
        ("users", "usermeta"),
        ("terms", "term_taxonomy"),
        ("posts", "term_relationships"),
    ):
        assert names.index(parent) < names.index(child)


def test_rows_written_meanwhile_leave_no_orphans(site: LiveSite, open_site: Open) -> None:
    """A post made after the copy began is not in it, and neither is its meta."""
    source = open_site()
    tables = {table.name.removeprefix(PREFIX): table for table in source.tables()}
    made = site.php(
        "$id = wp_insert_post( array( 'post_title' => 'late post', 'post_status' => 'publish' ) );"
        "add_post_meta( $id, 'late_key', 'late value' ); echo $id;"
    )
    try:
        for name, mark in (("posts", b"late post"), ("postmeta", b"late_key")):
            sql = b"".join(piece.sql for piece in source.rows(tables[name], None))
            assert mark not in sql
    finally:
        site.php(f"wp_delete_post( {int(made)}, true );")


def test_children_of_other_parents_are_not_lost(site: LiveSite, open_site: Open) -> None:
    """Terms of users stand among those of posts; rows outlive their parents: all were there."""
    site.query(
        f"INSERT INTO {PREFIX}term_relationships VALUES (900001, 1, 0)",
        f"INSERT INTO {PREFIX}usermeta (user_id, meta_key) VALUES (900002, 'left_behind')",
    )
    try:
        source = open_site()
        tables = {table.name.removeprefix(PREFIX): table for table in source.tables()}
        for name, mark in (("term_relationships", b"900001"), ("usermeta", b"left_behind")):
            assert mark in b"".join(piece.sql for piece in source.rows(tables[name], None))
    finally:
        site.query(
            f"DELETE FROM {PREFIX}term_relationships WHERE object_id = 900001",
            f"DELETE FROM {PREFIX}usermeta WHERE user_id = 900002",
        )


def test_tables_of_another_site_stay_away(site: LiveSite, open_site: Open) -> None:
    """Where two sites share a schema, the longer prefix owns its tables; decoys own nothing."""
    other = f"{PREFIX}shop_"
    names = [f"{other}options", f"{other}posts", f"{other}users", f"{PREFIX}decoy_options"]
    site.query(*(f"CREATE TABLE {name} (id INT PRIMARY KEY)" for name in names))
    try:
        found = {table.name for table in open_site().tables()}
        assert not any(name.startswith(other) for name in found)
        assert f"{PREFIX}decoy_options" in found
    finally:
        site.query(*(f"DROP TABLE {name}" for name in names))


def test_views_and_triggers_are_named_but_not_copied(site: LiveSite, open_site: Open) -> None:
    """What has code in it is listed as left out."""
    site.query(
        f"CREATE VIEW {PREFIX}seen AS SELECT ID FROM {PREFIX}posts",
        f"CREATE TRIGGER {PREFIX}fires BEFORE INSERT ON {PREFIX}links FOR EACH ROW SET @x = 1",
    )
    try:
        source = open_site()
        assert f"{PREFIX}seen" not in {table.name for table in source.tables()}
        left_out = {entry.what: entry.why for entry in source.skipped()}
        assert left_out[f"{PREFIX}seen"] == "one of the views"
        assert left_out[f"{PREFIX}fires"] == "one of the triggers"
    finally:
        site.query(f"DROP VIEW {PREFIX}seen", f"DROP TRIGGER {PREFIX}fires")


@pytest.mark.parametrize("form", ["LONGTEXT", "LONGBLOB", "LONGTEXT CHARACTER SET latin1"])
def test_a_giant_value_fits_through_a_small_host(
    site: LiveSite, open_site: Open, form: str
) -> None:
    """A value larger than PHP's memory and near the server's packet limit arrives unchanged."""
    table = f"{PREFIX}giant"
    site.query(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, v {form}) DEFAULT CHARSET=utf8mb4",
        f"INSERT INTO {table} VALUES (1, 'small'), (2, REPEAT('äx\\'', 1000)), (3, NULL)",
        f"UPDATE {table} SET v = REPEAT(v, 2300) WHERE id = 2",
    )
    try:
        source = open_site()
        wanted = [found for found in source.tables() if found.name == table]
        copy = site.server.schema().schema
        load(source, wanted, site.server, copy)
        columns = "SELECT id, MD5(v), LENGTH(v) FROM "
        ours = site.server.execute(columns + f"`{copy}`.`{table}` ORDER BY id")
        assert ours == site.query(columns + f"{table} ORDER BY id")
    finally:
        site.query(f"DROP TABLE {table}")


def test_a_giant_value_keeps_what_the_connection_cannot_hold(
    site: LiveSite, open_site: Open
) -> None:
    """Bytes that do not survive the way to UTF-8 and back travel as they are stored."""
    table = f"{PREFIX}japanese"
    site.query(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, v LONGTEXT CHARACTER SET cp932)",
        # The server reads both codes of this sign and writes the other one.
        f"INSERT INTO {table} SELECT seq, REPEAT(_cp932 0xED40, seq) FROM seq_1_to_2",
        f"INSERT INTO {table} VALUES (3, REPEAT(_cp932 0xED40, 3000000))",
    )
    try:
        source = open_site()
        wanted = [found for found in source.tables() if found.name == table]
        copy = site.server.schema().schema
        load(source, wanted, site.server, copy)
        columns = "SELECT id, MD5(v), LENGTH(v) FROM "
        ours = site.server.execute(columns + f"`{copy}`.`{table}` ORDER BY id")
        assert ours == site.query(columns + f"{table} ORDER BY id")
    finally:
        site.query(f"DROP TABLE {table}")
