# SPDX-License-Identifier: Apache-2.0
"""Makes a site whose rows the database server can copy by itself, and jobs that have it do so."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from tests.integration.mover import sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.mover.jobs import Job
    from tests.integration.mover.sites import Site

ROWS = 12_000
# How often a value is one of the special ones.
SELDOM = 0.1
# Cut into ranges of some two hundred rows.
RANGE = 20_000
TABLES = (
    "CREATE TABLE wp_odd (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, latin VARCHAR(400)"
    " CHARACTER SET latin1, old TEXT CHARACTER SET utf8mb3, packed LONGBLOB, kind"
    " ENUM('a','https://www.acme.test'), price FLOAT, at TIMESTAMP NULL, born DATETIME NOT NULL"
    " DEFAULT '0000-00-00 00:00:00', bits BIT(5), twice INT AS (id * 2) VIRTUAL, KEY at (at),"
    " KEY latin (latin(20))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    # Nothing that this server could copy by itself: no number for a key, another engine, a type
    # in which an address would hide.
    "CREATE TABLE wp_slugs (slug VARCHAR(90) NOT NULL PRIMARY KEY, body TEXT) ENGINE=InnoDB",
    "CREATE TABLE wp_isam (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body TEXT) ENGINE=MyISAM",
    "CREATE TABLE wp_wide (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body TEXT CHARACTER SET"
    " utf16) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
)
NEAR = ("wp_postmeta", "wp_odd")
ALL = (*NEAR, "wp_slugs", "wp_isam", "wp_wide", "wp_posts", "wp_utf", "wp_keyless", "wp_old")
BODIES = (
    "nothing of interest é",
    None,
    "https://www.acme.test/page",
    'a:1:{s:3:"url";s:26:"https://www.acme.test/page";}',
    r'{"url":"HTTPS:\/\/WWW.Acme.TEST\/x"}',
    "https%3A%2F%2Fwww.acme.test%2F",
    "mail@acme.test",
    "aHR0cHM6Ly93d3cuYWNtZS50ZXN0L3BhZ2U=",
    "https://elsewhere.example/acme-test",
    "'quoted' \\ \n \x1a \x00",
)


def fill(site: Site, rows: int = ROWS) -> None:
    """Give the site tables that are large enough to be worth it."""
    chance = random.Random(7)  # noqa: S311  no secret
    server = site.server
    server.execute("SET sql_mode='ALLOW_INVALID_DATES'", *TABLES, schema=site.schema)
    with server.root(site.schema) as wire, wire.cursor() as cursor:
        cursor.execute("SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', unique_checks=0")
        cursor.execute("START TRANSACTION")
        cursor.executemany(
            "INSERT INTO wp_postmeta (meta_id, post_id, meta_key, meta_value)"
            " VALUES (%s, %s, %s, %s)",
            [(n * 3, n % sites.POSTS, f"k{n % 9}", _body(chance)) for n in range(10, 10 + rows)],
        )
        cursor.executemany(
            "INSERT INTO wp_odd (id, latin, old, packed, kind, price, at, bits)"
            " VALUES (%s, %s, %s, %s, %s, %s, FROM_UNIXTIME(%s), %s)",
            [
                (
                    n,
                    _of(chance, ["é", None, "http://acme.test/é"]),
                    _body(chance),
                    _of(chance, [b"\xff\x00", None, b"\xffhttps://www.acme.test/\x00"]),
                    _of(chance, [1, None, 2]),
                    n / 7,
                    n + 1,
                    n % 32,
                )
                for n in range(-5, rows)
            ],
        )
        for table in ("wp_isam (body)", "wp_wide (body)"):
            cursor.executemany(
                f"INSERT INTO {table} VALUES (%s)",
                [(_body(chance),) for _ in range(rows)],
            )
        cursor.executemany(
            "INSERT INTO wp_slugs VALUES (%s, %s)", [(f"s{n}", _body(chance)) for n in range(rows)]
        )
        cursor.execute("COMMIT")


def _of(chance: random.Random, values: Sequence[Any]) -> Any:
    """Choose one; the first two most often."""
    return chance.choice(values if chance.random() < SELDOM else values[:2])


def _body(chance: random.Random) -> str | None:
    body: str | None = _of(chance, BODIES)
    return body and body + "." * chance.randrange(60)


def beside(job: Job, site: Site, **plan: Any) -> None:
    """Let the job copy the site as a clone on its own server, which lets it in."""
    site.feed(job, marks=True, rows_per_piece=5_000, **plan)
    job.config["source"] = {
        "kind": "clone",
        "clone": {"name": "acme", "uid": "1", "url": "http://acme", "database": site.schema},
    }
    job.extra["TEST_RANGES"] = json.dumps({"size": RANGE})
    admit(job, site)


def admit(job: Job, site: Site) -> None:
    """Let the job's user read the site's schema, as the operator does."""
    site.server.execute(f"GRANT SELECT ON `{site.schema}`.* TO '{job.login.user}'@'%'")


def shut_out(job: Job, site: Site) -> None:
    """Take that back."""
    site.server.execute(f"REVOKE SELECT ON `{site.schema}`.* FROM '{job.login.user}'@'%'")


def content(job: Job, table: str) -> list[str]:
    """Return every row of one table of a clone, in no order."""
    return sorted(map(repr, job.rows(f"SELECT * FROM {table}")))


def read(job: Job, site: Site) -> None:
    """Let the job read the site over SQL, and say that it is a clone beside it."""
    sites.read_from(job, site)
    clone = {"name": "acme", "uid": "1", "url": "http://acme", "database": site.schema}
    job.config["source"]["clone"] = clone
