# SPDX-License-Identifier: Apache-2.0
"""Names the tables that are difficult to copy, for every source that copies rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests import mariadb

STRANGE = {
    "binary_key": (
        "k VARBINARY(16) NOT NULL PRIMARY KEY, v BLOB",
        "SELECT UNHEX(MD5(seq)), REPEAT(CHAR(seq % 256), 40) FROM seq_1_to_700",
    ),
    "bits": (
        "id INT PRIMARY KEY, b BIT(12), f FLOAT, d DOUBLE, n DECIMAL(20,6), y YEAR, t TIME(3)",
        "SELECT seq, seq, seq / 7, seq / 7, seq / 7, 2000, SEC_TO_TIME(seq) FROM seq_1_to_50",
    ),
    "enum_key": (
        "e ENUM('b','a','c') NOT NULL PRIMARY KEY, s SET('x','y')",
        "SELECT * FROM (SELECT 'a', 'x,y' UNION SELECT 'b', '' UNION SELECT 'c', NULL) v",
    ),
    "generated": (
        "id INT PRIMARY KEY, a INT, b INT AS (a * 2) STORED, c INT AS (a * 3) VIRTUAL",
        None,
    ),
    "latin": (
        "id INT PRIMARY KEY, t TEXT CHARACTER SET latin1, u VARCHAR(50) CHARACTER SET ucs2",
        "SELECT seq, CONCAT('caf', CHAR(233 USING latin1), seq), CONCAT('naïve ', seq)"
        " FROM seq_1_to_30",
    ),
    "no_key": (
        "a VARCHAR(40), b INT, c TEXT",
        "SELECT IF(seq % 5, CONCAT('row ', seq % 700), NULL), seq % 3, REPEAT('x', seq % 50)"
        " FROM seq_1_to_2500",
    ),
    "nothing_in_it": ("id INT PRIMARY KEY", None),
    "own_types": (
        "id INT PRIMARY KEY, u UUID, i INET6, j INET4",
        "SELECT seq, UUID(), '2001:db8::7', '192.0.2.7' FROM seq_1_to_5",
    ),
    "quoted `name`": (
        "`a b` INT, `se``lect` VARCHAR(20), `ключ` INT, PRIMARY KEY (`ключ`)",
        "SELECT seq, CONCAT('q', seq), seq FROM seq_1_to_10",
    ),
    "spread_key": (
        "a INT NOT NULL, b VARCHAR(9) NOT NULL, c DATETIME NOT NULL, v INT, PRIMARY KEY (a, b, c)",
        "SELECT seq % 7, CONCAT('B', seq % 11), '2001-01-01' + INTERVAL seq SECOND, seq"
        " FROM seq_1_to_777",
    ),
    "text_key": (
        "k VARCHAR(60) COLLATE utf8mb4_unicode_ci NOT NULL PRIMARY KEY, v INT",
        "SELECT CONCAT(CHAR(97 + seq % 26), ' é ''\"\\\\ ', seq), seq FROM seq_1_to_900",
    ),
    "unique_key": (
        "u BIGINT UNSIGNED NOT NULL, v INT, UNIQUE KEY (u)",
        "SELECT 18446744073709551615 - seq, seq FROM seq_1_to_400",
    ),
    "unsigned": (
        "id BIGINT UNSIGNED NOT NULL PRIMARY KEY, v LONGTEXT",
        "SELECT 18446744073709551000 + seq, REPEAT('äöü ', seq) FROM seq_1_to_300",
    ),
}
BYTES = "SELECT 1, _binary 0x000A0D1A22275C09250027"


def dumped(server: mariadb.Server, schema: str, *tables: str) -> bytes:
    """Dump tables in the order of their keys, blobs in hex."""
    options = ("--skip-comments", "--hex-blob", "--order-by-primary", "--skip-extended-insert")
    return server.dump(*options, "--default-character-set=binary", schema, *tables)
