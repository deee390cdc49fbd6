# SPDX-License-Identifier: Apache-2.0
"""Builds a small site with all the oddities that old WordPress databases have."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.mover.databasesource import VARIABLE, Plan

if TYPE_CHECKING:
    from tests.integration.mover.jobs import Job
    from tests.mariadb import Server

DUMP = Path(__file__).parents[3] / "operator/wpclone/mover/blank/wordpress.sql"
URL = "https://www.acme.test"
POSTS = 120
# Those of the folder that belong into a clone.
FILES = 8

ODDITIES = (
    # WordPress 3 on a server of its time: Latin letters, MyISAM, zero dates, a row with id 0.
    "CREATE TABLE wp_old (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL,"
    " born DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', kind ENUM('a','b') NOT NULL)"
    " ENGINE=MyISAM DEFAULT CHARSET=latin1",
    "INSERT INTO wp_old VALUES (0, 'zéro', '0000-00-00 00:00:00', 'x'),"
    " (7, 'sept', '2024-02-30 00:00:00', 'b')",
    "CREATE TABLE wp_utf (slug VARCHAR(60) NOT NULL DEFAULT '' PRIMARY KEY, body TEXT)"
    " ENGINE=InnoDB DEFAULT CHARSET=utf8mb3",
    "INSERT INTO wp_utf VALUES ('', 'empty key'), ('ü', 'https://www.acme.test/ü')",
    "CREATE TABLE wp_keyless (a TEXT, b BLOB, c BIT(3)) ENGINE=InnoDB",
    "INSERT INTO wp_keyless VALUES ('', 0x00ff27, b'101'), (NULL, '', b'000'), (NULL, '', b'000')",
    "CREATE TABLE wp_computed (a INT, b INT, CONSTRAINT c CHECK (a < 10)) COMMENT='it''s; odd'",
    "INSERT INTO wp_computed VALUES (1, 2)",
    # Somebody else's site in the same schema.
    "CREATE TABLE blog_options (option_id INT)",
)
OPTIONS = {
    "siteurl": URL,
    "home": URL,
    "blog_public": "1",
    "ping_sites": "https://ping.example/",
    "cron": "a:0:{}",
    "auth_key": "a salt",
    "_transient_thing": "x",
    "_site_transient_update_core": "x",
    "wpclone_agent_key": "k",
    "active_plugins": 'a:3:{i:0;s:11:"one/one.php";i:1;s:31:"wpclone-agent/wpclone-agent.php";'
    'i:2;s:11:"two/two.php";}',
    "widget_text": 'a:1:{i:2;a:1:{s:4:"text";s:29:"é https://www.acme.test/page";}}',
    "woocommerce_stripe_settings": 'a:3:{s:7:"enabled";s:3:"yes";s:8:"testmode";s:2:"no";'
    's:10:"secret_key";s:7:"sk_live";}',
    "woocommerce_flat_rate_settings": 'a:1:{s:7:"enabled";s:3:"yes";}',
    "mailserver_pass": "pw",
    "upload_path": "/var/www/acme/wp-content/uploads",
}


@dataclass
class Site:
    """A source for imports: a schema and a folder."""

    server: Server
    schema: str
    folder: Path

    def feed(self, job: Job, **plan: Any) -> Plan:
        """Let the job import this site, with the faults of the plan."""
        followed = replace(Plan(str(self.server.socket), self.schema, str(self.folder)), **plan)
        job.program = ("-m", "tests.integration.mover.driver", "import")
        job.config = {**job.config, "source": {"kind": "site", "url": URL}}
        job.extra[VARIABLE] = followed.text()
        return followed


def read_from(job: Job, site: Site, **database: Any) -> None:
    """Let the job copy the site's database, with a login that may only read it."""
    reader = site.server.schema()
    site.server.execute(f"GRANT SELECT, TRIGGER ON `{site.schema}`.* TO '{reader.user}'@'%'")
    secret = job.home / "source"
    secret.mkdir()
    (secret / "username").write_text(reader.user)
    (secret / "password").write_text(reader.password)
    job.extra["WPCLONE_SOURCE_FILES"] = str(site.folder)
    wish = {
        "host": "127.0.0.1",
        "port": site.server.port,
        "name": site.schema,
        "credentialsRef": {"name": "acme"},
        "tls": {"mode": "Disabled"},
        "files": {"claimRef": {"name": "acme-files"}},
        **database,
    }
    listed = [{"cidr": "127.0.0.0/8", "port": site.server.port}]
    job.config = {
        "attempt": 1,
        "source": {"kind": "database", "database": wish},
        "network": {"databases": listed, "allow": ["127.0.0.0/8"], "http": True},
    }


def build(server: Server, folder: Path) -> Site:
    """Make the site."""
    login = server.schema()
    server.client(
        login.schema, stdin=DUMP.read_bytes().replace(b"http://blank.invalid", URL.encode())
    )
    server.execute(
        "SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'", *ODDITIES, schema=login.schema
    )
    with server.root(login.schema) as wire, wire.cursor() as cursor:
        for name, value in OPTIONS.items():
            cursor.execute(
                "REPLACE INTO wp_options (option_name, option_value, autoload)"
                " VALUES (%s, %s, 'yes')",
                (name, value),
            )
        cursor.execute(
            "INSERT INTO wp_options (option_name, option_value, autoload)"
            " SELECT 'wp_user_roles', option_value, 'yes' FROM wp_options WHERE 1 = 0"
        )
        cursor.executemany(
            "INSERT INTO wp_posts (post_author, post_content, post_title, post_excerpt, to_ping,"
            " pinged, post_content_filtered, guid) VALUES (1, %s, %s, '', '', '', '', %s)",
            [
                (
                    f"<a href=\"{URL}/p/{n}\">é {n}</a> 'quoted' \\ back",
                    f"Post {n}",
                    f"{URL}/?p={n}",
                )
                for n in range(POSTS)
            ],
        )
        cursor.execute(
            "INSERT INTO wp_users (user_login, user_pass, user_nicename, user_email,"
            " user_registered, user_activation_key, display_name) VALUES ('admin', '$P$Bhash',"
            " 'admin', 'admin@acme.test', '2020-01-01', 'key', 'Admin')"
        )
        cursor.execute(
            "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES"
            " (1, 'session_tokens', 'a:0:{}'), (1, '_application_passwords', 'a:0:{}'),"
            " (1, 'wp_capabilities', 'a:1:{s:13:\"administrator\";b:1;}')"
        )
    _files(folder)
    return Site(server, login.schema, folder)


def _files(folder: Path) -> None:
    content = folder / "wp-content"
    for path, data in {
        "themes/acme/style.css": b"body { background: url(https://www.acme.test/bg.png) }",
        "uploads/2024/picture.png": b"\x89PNG" + bytes(200_000),
        "uploads/2024/empty.txt": b"",
        "uploads/page.json": rb'{"url":"https:\/\/www.acme.test\/x"}',
        "plugins/one/one.php": b"<?php // https://www.acme.test stays: code is not rewritten",
        "plugins/wpclone-agent/wpclone-agent.php": b"<?php",
        "mu-plugins/must.php": b"<?php",
        "object-cache.php": b"<?php // connects to the source's cache",
        "cache/page.html": b"stale",
    }.items():
        target = content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    odd = os.path.join(os.fsencode(content), b"uploads", b"caf\xe9 'q'.jpg")  # noqa: PTH118  bytes
    Path(os.fsdecode(odd)).write_bytes(b"latin name")
    (folder / "robots.txt").write_text("Sitemap: https://www.acme.test/sitemap.xml\n")
    (folder / "wp-config.php").write_text("<?php // secrets")
