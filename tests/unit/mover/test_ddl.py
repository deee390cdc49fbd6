# SPDX-License-Identifier: Apache-2.0
"""What becomes of a source's CREATE TABLE."""

from __future__ import annotations

import pytest

from wpclone.errors import ImportFailed
from wpclone.mover import ddl

MARIADB = ddl.Dialect(
    collations=frozenset(
        {
            *("utf8mb4_bin", "utf8mb4_unicode_520_ci", "utf8mb4_general_ci", "latin1_swedish_ci"),
            *("utf8mb3_general_ci", "utf8mb3_unicode_520_ci"),
        }
    ),
    engines=frozenset({"innodb", "myisam", "aria"}),
)
NEWER_MARIADB = ddl.Dialect(
    collations=MARIADB.collations | {"utf8mb4_uca1400_nopad_ai_ci", "utf8mb4_uca1400_nopad_as_cs"},
    engines=MARIADB.engines,
    types=frozenset({"uuid", "inet4", "inet6"}),
)
MYSQL = ddl.Dialect(
    collations=frozenset({"utf8mb4_0900_ai_ci", "utf8mb4_unicode_520_ci", "utf8mb4_bin"}),
    engines=frozenset({"innodb"}),
)
BODY = b"CREATE TABLE `wp_x` (\n  `a` varchar(9) COLLATE %s DEFAULT 'x;)',\n  KEY `a` (`a`)\n) %s"


def table(collation: bytes = b"utf8mb4_bin", options: bytes = b"ENGINE=InnoDB") -> bytes:
    """Return a definition."""
    return BODY % (collation, options)


def test_what_the_server_knows_stays_as_it_is() -> None:
    """Columns, keys, defaults with odd signs and comments pass byte by byte."""
    sql = table(
        options=b"ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COMMENT='it''s; (1'"
    )
    mapped = ddl.mapped("wp_x", sql, MARIADB)
    assert mapped.sql.startswith(sql.rpartition(b" ENGINE")[0])
    assert mapped.sql.endswith(b"ENGINE=innodb AUTO_INCREMENT=7 CHARSET=latin1 COMMENT='it''s; (1'")
    assert mapped.transactional
    assert mapped.changes == ()


@pytest.mark.parametrize(
    ("collation", "dialect", "wanted", "is_told"),
    [
        (b"utf8mb4_0900_ai_ci", MARIADB, b"utf8mb4_unicode_520_ci", True),
        (b"utf8mb4_0900_as_cs", MARIADB, b"utf8mb4_bin", True),
        (b"utf8mb4_0900_ai_ci", NEWER_MARIADB, b"utf8mb4_uca1400_nopad_ai_ci", True),
        (b"utf8mb4_0900_as_cs", NEWER_MARIADB, b"utf8mb4_uca1400_nopad_as_cs", True),
        (b"utf8mb4_de_pb_0900_ai_ci", NEWER_MARIADB, b"utf8mb4_unicode_520_ci", True),
        (b"utf8mb4_uca1400_nopad_ai_ci", MYSQL, b"utf8mb4_0900_ai_ci", True),
        (b"utf8mb4_uca1400_ai_ci", MYSQL, b"utf8mb4_unicode_520_ci", True),
        (b"utf8_general_ci", MARIADB, b"utf8mb3_general_ci", False),
        (b"utf8mb4_BIN", MARIADB, b"utf8mb4_BIN", False),
    ],
)
def test_collations_become_the_nearest_one_the_server_knows(
    collation: bytes, dialect: ddl.Dialect, wanted: bytes, *, is_told: bool
) -> None:
    """MySQL's newest and MariaDB's newest are mapped in both directions, and that is reported."""
    mapped = ddl.mapped("wp_x", table(collation, b"ENGINE=InnoDB COLLATE=" + collation), dialect)
    assert mapped.sql.count(wanted) == 2
    assert bool(mapped.changes) is is_told


def test_a_collation_left_unsaid_is_the_sources_default_and_not_the_clones() -> None:
    """Newer servers have another default: without a word, unique keys would compare otherwise."""
    sql = (
        b"CREATE TABLE `wp_x` (\n  `a` text CHARACTER SET utf8mb4 NOT NULL,\n"
        b"  `b` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,\n"
        b"  `c` text CHARACTER SET latin1,\n  `d` enum('x') CHARACTER SET utf8mb4\n)"
    )
    mapped = ddl.mapped("wp_x", sql + b" ENGINE=InnoDB DEFAULT CHARSET=utf8", MARIADB)
    said = b" CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    assert b"`a` text" + said + b" NOT NULL" in mapped.sql
    assert b"`d` enum('x')" + said + b"\n)" in mapped.sql
    assert b"CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,\n" in mapped.sql
    assert b"CHARACTER SET latin1,\n" in mapped.sql
    assert mapped.sql.endswith(b"ENGINE=innodb CHARSET=utf8 COLLATE=utf8mb3_general_ci")
    assert mapped.changes == ()


def test_types_that_the_server_lacks_are_held_as_text() -> None:
    """MariaDB's UUID and INET6 become text elsewhere, and stay what they are where known."""
    sql = (
        b"CREATE TABLE `wp_x` (\n  `uuid` uuid NOT NULL DEFAULT uuid(),\n"
        b"  `i` INET6 DEFAULT NULL,\n"
        b"  `j` inet4,\n  KEY `inet6` (`i`)\n) ENGINE=InnoDB"
    )
    mapped = ddl.mapped("wp_x", sql, MYSQL)
    assert b"`uuid` char(36) CHARACTER SET ascii NOT NULL DEFAULT uuid()" in mapped.sql
    assert b"`i` varchar(39) CHARACTER SET ascii DEFAULT NULL" in mapped.sql
    assert b"`j` varchar(15) CHARACTER SET ascii,\n  KEY `inet6` (`i`)" in mapped.sql
    assert list(mapped.changes) == [
        f"wp_x: text instead of the type {kind}" for kind in ("uuid", "inet6", "inet4")
    ]
    kept = ddl.mapped("wp_x", sql, NEWER_MARIADB)
    assert kept.sql.startswith(sql.rpartition(b" ENGINE")[0])
    assert kept.changes == ()


def test_an_unknown_character_set_is_a_mismatch_of_engines() -> None:
    """Nothing is guessed: the reason names the collation."""
    with pytest.raises(ImportFailed, match="klingon_ci") as caught:
        ddl.mapped("wp_x", table(b"klingon_ci"), MARIADB)
    assert caught.value.reason == "DatabaseEngineMismatch"


@pytest.mark.parametrize(
    ("options", "engine", "transactional"),
    [
        (b"ENGINE=MyISAM", b"ENGINE=myisam", False),
        (b"ENGINE=FEDERATED CONNECTION='mysql://h/db/t'", b"ENGINE=InnoDB", True),
        (b"ENGINE=MEMORY", b"ENGINE=InnoDB", True),
        (b"DEFAULT CHARSET=latin1", b"ENGINE=InnoDB", True),
    ],
)
def test_engines_are_those_that_keep_data_here(
    options: bytes, engine: bytes, *, transactional: bool
) -> None:
    """Engines that keep nothing, or keep it elsewhere, become InnoDB."""
    mapped = ddl.mapped("wp_x", table(options=options), MARIADB)
    assert engine in mapped.sql
    assert b"mysql://" not in mapped.sql
    assert mapped.transactional is transactional


def test_where_and_how_a_server_stores_is_left_out() -> None:
    """Folders, partitions and versioned comments stay behind; what may matter is told."""
    options = (
        b"ENGINE=InnoDB ROW_FORMAT=COMPRESSED DATA DIRECTORY='/tmp' INDEX DIRECTORY='/tmp'"
        b" UNION=(`y`) /*!50100 PARTITION BY HASH (a) PARTITIONS 4 */"
    )
    mapped = ddl.mapped("wp_x", table(options=options), MARIADB)
    assert mapped.sql.endswith(b") ENGINE=innodb")
    assert len(mapped.changes) == 1
    assert "PARTITION BY HASH" in mapped.changes[0]
    plain = ddl.mapped("wp_x", table(options=b"ENGINE=InnoDB PARTITION BY HASH(a)"), MARIADB)
    assert b"PARTITION" not in plain.sql


@pytest.mark.parametrize(
    "statement",
    [
        b"DROP TABLE `wp_x`",
        b"CREATE TABLE `wp_y` (a int)",
        b"CREATE TABLE `wp_x` (a int); DROP TABLE `wp_y`",
        b"CREATE TABLE `wp_x` (a int) SELECT * FROM mysql.user",
        b"CREATE TABLE `wp_x` AS SELECT 1",
        b"CREATE TABLE `wp_x` LIKE mysql.user",
        b"CREATE TABLE `mysql`.`wp_x` (a int)",
        b"CREATE TABLE `wp_x` (a int, FOREIGN KEY (a) REFERENCES `mysql`.`user` (a))",
        b"CREATE TABLE `wp_x` (a text DEFAULT LOAD_FILE('/etc/passwd'))",
        b"CREATE DEFINER=root TABLE `wp_x` (a int)",
        b"CREATE TABLE `wp_x` (a int",
        b"CREATE TABLE `wp_x` (a int) -- \n",
        b"CREATE VIEW `wp_x` AS SELECT 1",
        b"",
        b"CREATE TABLE `wp_x` (" + b"a int," * 300_000,
    ],
)
def test_s17_anything_else_than_this_one_table_is_refused(statement: bytes) -> None:
    """A definition is run only if all of it is understood."""
    with pytest.raises(ImportFailed) as caught:
        ddl.mapped("wp_x", statement, MARIADB)
    assert caught.value.reason == "ImportFailed"
    assert not caught.value.retryable
