# SPDX-License-Identifier: Apache-2.0
"""Puts the sample site on a host: from the cache, or generated through WordPress' functions."""

import json
import secrets
import shutil
from dataclasses import dataclass, field

from local import paths, say
from local.sample import cache
from local.sample.host import Host
from local.sample.profiles import Bulk, Profile

# Not WordPress' default, so that a copier that guesses it fails.
PREFIX = "acme_"
_TOOLS = "/opt/sample"
_CORE = "/usr/share/wordpress/."
_HTACCESS = """RewriteEngine On
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
"""


@dataclass(frozen=True)
class Place:
    """Where on a host a site lives; the schema and its user have one name."""

    schema: str

    @property
    def document_root(self) -> str:
        """The folder with WordPress' files, as the host sees it."""
        return f"/var/www/{self.schema}"


ACME = Place("acme")
SCHEMA = ACME.schema
DOCUMENT_ROOT = ACME.document_root


@dataclass(frozen=True)
class Login:
    """How the site's owner gets in."""

    url: str
    username: str
    password: str = field(repr=False)


def ensure(host: Host, profile: Profile, url: str, place: Place = ACME) -> Login:
    """Have the site on the host, just as it was generated; return its administrator's login."""
    login = Login(url, profile.admin, secrets.token_urlsafe(18))
    stored = cache.find(profile, url)
    root = host.root / place.document_root.lstrip("/")
    with say.step("sample site", f"{profile.name} at {url}") as note:
        prepare(host, place)
        if stored.complete:
            stored.restore(host, root, place.schema)
        else:
            note.text = f"{profile.name} at {url}, generated"
            generate(host, place, profile, url)
            stored.save(host, root, place.schema)
        tool = ["php", f"{_TOOLS}/site/password.php", place.document_root, url, profile.admin]
        host.run(tool, stdin=login.password)
        host.run(["chown", "-R", "www-data:www-data", place.document_root])
    return login


def enlarge(host: Host, place: Place, bulk: Bulk, url: str) -> None:
    """Make the site at this place a large one; quicker than any cache would bring it back."""
    tool = ["php", f"{_TOOLS}/site/large.php", place.document_root]
    with say.step("sample site", f"{bulk.share:.1%} of 5 GB more at {url}"):
        host.run(tool, stdin=json.dumps(bulk.request(url)), timeout=1200)
        uploads = f"{place.document_root}/wp-content/uploads"
        host.run(["chown", "-R", "www-data:www-data", uploads], timeout=120)


def remove(host: Host, place: Place) -> None:
    """Take a site away: its files, its schema, its user."""
    shutil.rmtree(host.root / place.document_root.lstrip("/"), ignore_errors=True)
    drop = f"DROP DATABASE IF EXISTS {place.schema}; DROP USER IF EXISTS {place.schema}@localhost;"
    host.run(["mariadb", *host.database], stdin=drop, timeout=120)


def wake(host: Host, url: str) -> None:
    """Be the first visitors, and let WordPress' clock strike once: a live site has had both."""
    for page in ("/", "/journal/", "/shop/", "/wp-login.php", "/wp-cron.php?doing_wp_cron"):
        host.run(["curl", "--insecure", "--silent", "--fail", "--output", "/dev/null", url + page])


def prepare(host: Host, place: Place) -> None:
    """Lay WordPress itself, an empty schema and the site's configuration."""
    root = host.root / place.document_root.lstrip("/")
    tools = host.root / _TOOLS.lstrip("/")
    for old in (root, tools):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(cache.HERE, tools, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    content = f"{place.document_root}/wp-content"
    host.run(["mkdir", "-p", f"{content}/uploads", f"{content}/themes"])
    host.run(["cp", "-aL", _CORE, place.document_root])
    password = secrets.token_hex(16)
    host.run(["mariadb", *host.database], stdin=_schema(place.schema, password))
    paths.write(root / "wp-config.php", _configuration(place.schema, password), 0o600)
    paths.write(root / ".htaccess", _HTACCESS)
    for kind in ("theme", "plugin"):
        shutil.copytree(tools / kind, root / "wp-content" / f"{kind}s", dirs_exist_ok=True)


def generate(host: Host, place: Place, profile: Profile, url: str) -> None:
    """Run the generator on the host."""
    tool = ["php", f"{_TOOLS}/site/make.php", place.document_root]
    host.run(tool, stdin=json.dumps(profile.request(url)), timeout=580)


def _schema(name: str, password: str) -> str:
    return (
        f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4;"
        f"CREATE OR REPLACE USER {name}@localhost IDENTIFIED BY '{password}';"
        f"GRANT ALL ON {name}.* TO {name}@localhost;"
    )


def _configuration(schema: str, password: str) -> str:
    names = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")
    random = [
        (f"{name}_{kind}", secrets.token_hex(32)) for name in names for kind in ("KEY", "SALT")
    ]
    settings = {
        "DB_NAME": schema,
        "DB_USER": schema,
        "DB_PASSWORD": password,
        "DB_HOST": "localhost",
        "DB_CHARSET": "utf8mb4",
        "DB_COLLATE": "",
        # The host has no way to the internet: asking for news would only make its pages wait.
        "WP_HTTP_BLOCK_EXTERNAL": "1",
        "AUTOMATIC_UPDATER_DISABLED": "1",
        **dict(random),
    }
    lines = [f"define( '{name}', '{value}' );" for name, value in settings.items()]
    return "\n".join(
        [
            "<?php",
            "// Written by the sample; made anew at each start.",
            *lines,
            f"$table_prefix = '{PREFIX}';",
            "defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );",
            "require_once ABSPATH . 'wp-settings.php';",
            "",
        ]
    )
