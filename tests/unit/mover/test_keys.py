# SPDX-License-Identifier: Apache-2.0
"""Which indexes of a table can be made when it is full."""

from __future__ import annotations

import pytest

from wpclone.mover import ddl, keys

SERVER = ddl.Dialect(frozenset({"utf8mb4_bin"}), frozenset({"innodb", "myisam"}))


def mapped(*parts: str, engine: str = "InnoDB") -> ddl.Definition:
    """Map a table of these columns and indexes."""
    body = ",\n  ".join(parts)
    return ddl.mapped(
        "wp_x", f"CREATE TABLE `wp_x` (\n  {body}\n) ENGINE={engine}".encode(), SERVER
    )


def test_plain_indexes_come_later_and_all_else_first() -> None:
    """Primary and unique keys, full text and checks stay with the columns, byte by byte."""
    definition = mapped(
        "`id` bigint NOT NULL AUTO_INCREMENT",
        "`key` text COMMENT 'a, (b'",
        "PRIMARY KEY (`id`)",
        "UNIQUE KEY `u` (`key`(9))",
        "KEY `a``b` (`key`(191),`id`) USING BTREE COMMENT 'KEY, `x`'",
        "INDEX `second` ((lower(`key`)) DESC)",
        "FULLTEXT KEY `words` (`key`)",
        "CONSTRAINT `c` CHECK (`id` > 0)",
    )
    assert definition.later == (
        b"KEY `a``b` (`key`(191),`id`) USING BTREE COMMENT 'KEY, `x`'",
        b"INDEX `second` ((lower(`key`)) DESC)",
    )
    assert definition.first == (
        b"CREATE TABLE `wp_x` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n"
        b"  `key` text COMMENT 'a, (b',\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`key`(9)),\n"
        b"  FULLTEXT KEY `words` (`key`),\n  CONSTRAINT `c` CHECK (`id` > 0)\n) ENGINE=innodb"
    )
    assert [keys.name(key) for key in definition.later] == ["a`b", "second"]


@pytest.mark.parametrize(
    ("parts", "engine", "reason"),
    [
        (("`a` int", "PRIMARY KEY (`a`)"), "InnoDB", "there is none"),
        (("`a` int", "KEY `a` (`a`)"), "MyISAM", "an index added copies the table"),
        (
            ("`a` int", "KEY `a` (`a`)", "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `y` (`b`)"),
            "InnoDB",
            "a foreign key needs one",
        ),
        (
            ("`a` int AUTO_INCREMENT", "`b` int", "KEY `b` (`b`)", "KEY `a` (`a`)"),
            "InnoDB",
            "a counting column needs one, and the order of both would change",
        ),
    ],
)
def test_where_an_index_is_needed_all_come_first(
    parts: tuple[str, ...], engine: str, reason: str
) -> None:
    """The table is made whole at once."""
    definition = mapped(*parts, engine=engine)
    assert definition.later == (), reason
    assert definition.first == definition.sql, reason


def test_tables_bound_by_foreign_keys_are_known_on_either_side() -> None:
    """The referenced table needs the index that the reference names."""
    child = b"CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `wp_pa``rent` (`b`)"
    tables = [("wp_child", child), ("wp_other", b"`a` text COMMENT 'REFERENCES `wp_x`'")]
    assert ddl.related(tables) == {"wp_child", "wp_pa`rent"}
