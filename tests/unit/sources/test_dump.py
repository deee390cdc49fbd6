# SPDX-License-Identifier: Apache-2.0
"""A stranger's dump with its wp-content becomes a source, or one sentence says why it cannot."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from tests import archives
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover import statements
from wpclone.mover.sources.archive import columns
from wpclone.mover.sources.archive.dump import DumpSource
from wpclone.mover.spool import view

SITE = b"""-- MariaDB dump 10.19
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `acme_options`;
CREATE TABLE `acme_options` (
  `option_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `option_name` varchar(191) NOT NULL DEFAULT '',
  `option_value` longtext NOT NULL,
  PRIMARY KEY (`option_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
LOCK TABLES `acme_options` WRITE;
/*!40000 ALTER TABLE `acme_options` DISABLE KEYS */;
INSERT INTO `acme_options` VALUES (1,'siteurl','https://www.acme.test/wp'),
(2,'home','https://www.acme.test'),(3,'blogname','Acme; \\'Sons\\'');
UNLOCK TABLES;
CREATE TABLE `acme_posts` (`ID` int, `post_content` longtext) DEFAULT CHARSET=utf8mb4;
INSERT IGNORE INTO acme_posts (ID, `post_content`) VALUES (1,'a'),(2,NULL);
CREATE TABLE `acme_users` (`ID` int, name varchar(9)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE `acme_usermeta` (`id` int) DEFAULT CHARSET=utf8mb4;
INSERT INTO `acme_usermeta` VALUES (7);
CREATE TABLE `other_things` (`id` int);
INSERT INTO `other_things` VALUES (1);
/*!50001 CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` VIEW `acme_view` AS select 1 */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER acme_trigger
 BEFORE INSERT ON `acme_posts` FOR EACH ROW BEGIN SET @a = 1; END */;;
DELIMITER ;
GRANT ALL ON *.* TO root;
INSERT INTO `acme_posts` VALUES (3,'later');
"""
CONTENT = {"wp-content/themes/a/style.css": b"body {}"}
VERSION = b"<?php\n$wp_version = '6.7.2';\n"


def packed(
    sql: bytes = SITE, name: str = "db/site.sql", more: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    """Return an archive of a dump with a folder wp-content."""
    return archives.tar({**CONTENT, name: sql, **more})


def refused(archive: bytes) -> SourceError:
    """Return why an archive is refused."""
    with pytest.raises(SourceError) as caught:
        DumpSource(archives.Memory(archive))
    assert caught.value.message.isprintable()
    assert not caught.value.retryable
    return caught.value


def rows(source: DumpSource) -> dict[str, list[bytes]]:
    """Return the statements that the loader would run, which takes nothing but plain rows."""
    got = {}
    for table in source.tables():
        pieces = list(source.rows(table, None))
        assert sum(piece.rows for piece in pieces) == table.rows
        sql = b"".join(view(piece.sql) for piece in pieces)
        got[table.name] = [bytes(insert.sql) for insert in statements.inserts(table.name, sql)]
    return got


@pytest.mark.parametrize("way", ["tar", "gz", "no ranges", "inner gz"])
def test_rows_and_files_come_out_of_any_packing(way: str) -> None:
    """A tar, a gzipped one, one without ranges, a gzipped dump in it."""
    inner = way == "inner gz"
    data = packed(gzip.compress(SITE) if inner else SITE, "site.sql.gz" if inner else "site.sql")
    remote = archives.forwards(data) if way == "no ranges" else archives.Memory(data)
    if way == "gz":
        remote = archives.Memory(gzip.compress(data))
    source = DumpSource(remote)
    assert rows(source) == {
        "acme_options": [
            b"INSERT INTO `acme_options` VALUES (1,'siteurl','https://www.acme.test/wp'),\n"
            b"(2,'home','https://www.acme.test'),(3,'blogname','Acme; \\'Sons\\'')"
        ],
        "acme_posts": [
            b"INSERT INTO `acme_posts` (`ID`,`post_content`) VALUES (1,'a'),(2,NULL)",
            b"INSERT INTO `acme_posts` VALUES (3,'later')",
        ],
        "acme_users": [],
        "acme_usermeta": [b"INSERT INTO `acme_usermeta` VALUES (7)"],
    }
    assert [file.path for file in source.files()] == [b"wp-content/themes/a/style.css"]
    fetched = b"".join(chunk.data for chunk in source.fetch(list(source.files())))
    assert fetched == CONTENT["wp-content/themes/a/style.css"]


def test_the_dump_tells_whose_site_it_is() -> None:
    """Prefix, addresses and title from the options; the version from the files, if it is there."""
    seen = DumpSource(archives.Memory(packed(more={"wp-includes/version.php": VERSION}))).inspect()
    assert (seen.table_prefix, seen.title) == ("acme_", "Acme; 'Sons'")
    assert (seen.site_url, seen.home_url) == ("https://www.acme.test/wp", "https://www.acme.test")
    assert (seen.tables, seen.rows, seen.files, seen.file_bytes) == (4, 7, 1, 7)
    assert seen.wordpress_version == "6.7.2"
    assert not seen.multisite


def test_only_definitions_and_rows_are_taken() -> None:
    """Views, triggers and whatever else a dump wants to run are named and never run."""
    told = {(s.what, s.why) for s in DumpSource(archives.Memory(packed())).skipped()}
    assert told == {
        ("acme_view", "one of the views"),
        ("acme_trigger", "one of the triggers"),
        ("GRANT ALL ON", "a statement that is not run"),
    }


@pytest.mark.parametrize(
    ("archive", "reason", "words"),
    [
        (packed(b"SELECT 1;"), Reason.SOURCE_NOT_WORDPRESS, "no WordPress"),
        (archives.tar(CONTENT), Reason.SOURCE_NOT_WORDPRESS, "no dump"),
        (
            archives.tar({"site.sql": SITE}),
            Reason.SOURCE_NOT_WORDPRESS,
            "no folder wp-content",
        ),
        (
            packed(more={"older.sql": SITE}),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "more than one dump",
        ),
        (
            packed(SITE + SITE.replace(b"acme_", b"shop_")),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "prefixes acme_, shop_",
        ),
        (
            packed(re.sub(rb"CREATE TABLE `acme_posts`[^;]*;", b"", SITE)),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "no definition of its table acme_posts",
        ),
        (
            packed(SITE + b"ALTER TABLE `acme_posts`\n  ADD PRIMARY KEY (`ID`);\n"),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "ALTER TABLE",
        ),
        (
            packed(b"SET sql_mode='NO_BACKSLASH_ESCAPES';\n" + SITE),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "NO_BACKSLASH_ESCAPES",
        ),
        (
            packed(SITE + b"SET NAMES latin1;\nINSERT INTO `acme_posts` VALUES (4,'x');\n"),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "character set",
        ),
        (
            packed(SITE.replace(b"NAMES utf8mb4", b"NAMES latin1")),
            Reason.SOURCE_LAYOUT_UNSUPPORTED,
            "--default-character-set=utf8mb4",
        ),
        (packed(SITE[:-20]), Reason.SOURCE_LOST, "cut"),
        (packed()[:1400], Reason.SOURCE_LOST, "cut off"),
        (b"PK\x03\x04" + bytes(600), Reason.SOURCE_LAYOUT_UNSUPPORTED, "neither a tar"),
        (b"", Reason.SOURCE_LAYOUT_UNSUPPORTED, "neither a tar"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_over_is_one_sentence(
    archive: bytes, reason: Reason, words: str
) -> None:
    """And nothing has been made by then."""
    error = refused(archive)
    assert error.reason == reason
    assert words in error.message


def test_a_network_of_sites_is_told_by_the_inspection() -> None:
    """Its own reason is given by whoever inspects any source."""
    more = b"CREATE TABLE `acme_blogs` (`i` int);\nCREATE TABLE `acme_site` (`i` int);\n"
    assert DumpSource(archives.Memory(packed(SITE + more))).inspect().multisite


def test_sql_files_of_plugins_are_no_dumps() -> None:
    """Below wp-content they are files like any other."""
    source = DumpSource(archives.Memory(packed(more={"wp-content/plugins/p/install.sql": b"x"})))
    assert b"wp-content/plugins/p/install.sql" in {file.path for file in source.files()}


def test_double_quotes_become_single_ones() -> None:
    """Some plugins write them; the loader takes only what a server takes in any mode."""
    dump = (
        SITE
        + b"""INSERT INTO `acme_posts` VALUES ("4", "it's \\"so\\" ""now"" \\\\"), (5,'"');\n"""
    )
    got = rows(DumpSource(archives.Memory(packed(dump))))["acme_posts"][-1]
    assert got == rb"""INSERT INTO `acme_posts` VALUES ('4', 'it\'s "so" "now" \\'), (5,'"')"""


@pytest.mark.parametrize(
    ("names", "definition", "value"),
    [
        ("utf8mb4", "text CHARACTER SET latin1", b"_utf8mb4'x'"),
        ("utf8", "text", b"'x'"),
        ("utf8mb4", "text COLLATE utf8mb3_bin", b"'x'"),
        ("utf8mb4", "varchar(9) COLLATE cp1251_bin", b"_utf8mb4'x'"),
        ("utf8mb4", "varchar(9) COLLATE ascii_bin", b"'x'"),
        ("utf8mb4", "blob", b"'x'"),
        ("binary", "text CHARACTER SET latin1", b"'x'"),
    ],
)
def test_text_keeps_its_meaning_in_every_character_set(
    names: str, definition: str, value: bytes
) -> None:
    """The loader's connection knows bytes only: where they differ, their character set is said."""
    dump = SITE.replace(b"SET NAMES utf8mb4", b"SET NAMES " + names.encode())
    dump += (
        b"CREATE TABLE `acme_odd` (`n` int, `t` %s) DEFAULT CHARSET=utf8mb4;\n"
        b"INSERT INTO `acme_odd` VALUES (1,'x');\n" % definition.encode()
    )
    got = rows(DumpSource(archives.Memory(packed(dump))))["acme_odd"]
    assert got == [b"INSERT INTO `acme_odd` VALUES (1," + value + b")"]


def test_a_table_is_taken_up_at_any_piece() -> None:
    """A cursor is a place in the dump."""
    more = b"".join(
        b"INSERT INTO `acme_posts` VALUES (%d,'%s');\n" % (n, b"y" * 300_000) for n in range(10, 22)
    )
    source = DumpSource(archives.Memory(packed(SITE + more)))
    posts = next(table for table in source.tables() if table.name == "acme_posts")
    pieces = list(source.rows(posts, None))
    assert len(pieces) > 2
    whole = [view(piece.sql) for piece in pieces]
    for at, piece in enumerate(pieces[:-1]):
        again = list(source.rows(posts, piece.cursor))
        assert b"".join(view(p.sql) for p in again) == b"".join(whole[at + 1 :])
        assert sum(p.rows for p in again) == sum(p.rows for p in pieces[at + 1 :])


def test_an_import_is_bound_to_its_archive() -> None:
    """Another dump does not finish what one has begun."""
    one = DumpSource(archives.Memory(packed()))
    other = DumpSource(archives.Memory(packed(SITE.replace(b"later", b"other"))))
    one.begin_again(one.beginning().marks)
    with pytest.raises(SourceError, match="another one"):
        other.begin_again(one.beginning().marks)


def test_a_compressed_export_is_told_apart() -> None:
    """Whoever gzips an export learns that it needs no gzip."""
    data = gzip.compress(archives.tar({"manifest.json": b"{}"}))
    assert "export of ours" in refused(data).message


def test_columns_are_read_as_a_server_reads_them() -> None:
    """Names with signs, defaults with commas, keys, the table's own character set."""
    ddl = (
        b"CREATE TABLE `t` (\n `a``,b` varchar(10) CHARACTER SET ascii DEFAULT 'x,`(',\n"
        b" `e` enum('a','b)') NOT NULL COMMENT 'CHARACTER SET latin1',\n `n` decimal(10,2),\n"
        b" PRIMARY KEY (`e`), KEY `k` (`n`,`e`), CHECK (`n` > 0)\n) ENGINE=InnoDB CHARSET=latin2"
    )
    assert columns.read(ddl, "utf8mb4") == [
        columns.Column("a`,b", "ascii"),
        columns.Column("e", "latin2"),
        columns.Column("n", None),
    ]


def test_a_dump_in_a_bomb_is_refused() -> None:
    """A small file that unpacks to gigabytes ends early."""
    bomb = gzip.compress(bytes(1 << 20), 9) * 400
    error = refused(packed(bomb, "site.sql.gz"))
    assert error.reason == Reason.SOURCE_TOO_LARGE
