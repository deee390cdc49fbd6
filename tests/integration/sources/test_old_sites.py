# SPDX-License-Identifier: Apache-2.0
"""Sites whose connection does not speak Unicode, as they were made before WordPress 2.2."""

from __future__ import annotations

from tests import live_site, mariadb
from tests.integration.sources.opening import opened
from tests.integration.sources.test_tables import load
from tests.live_site import PREFIX


def test_a_latin_site_brings_its_words_in_definitions_too(database: mariadb.Server) -> None:
    """Choices of an ENUM, defaults and comments arrive letter by letter, like the rows."""
    name = f"{PREFIX}old"
    with live_site.live(database, charset="latin1") as site:
        site.query(
            f"CREATE TABLE {name} (id INT PRIMARY KEY, size ENUM('größer','klein') NOT NULL"
            " DEFAULT 'größer', t VARCHAR(20) DEFAULT 'é' COMMENT 'für später')"
            " ENGINE=InnoDB DEFAULT CHARSET=latin1 COMMENT='Übersicht'",
            f"INSERT INTO {name} VALUES (1, 'größer', 'naïve'), (2, 'klein', 'x')",
        )
        copy = database.schema().schema
        with opened(site.url) as source:
            wanted = [found for found in source.tables() if found.name == name]
            load(source, wanted, database, copy)
        for question in ("SHOW CREATE TABLE {}", "SELECT * FROM {} ORDER BY id"):
            theirs = site.query(question.format(name))
            assert database.execute(question.format(name), schema=copy) == theirs
