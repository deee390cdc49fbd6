# SPDX-License-Identifier: Apache-2.0
"""Puts the sample site on a host: from the cache, or generated through WordPress' functions."""

import json
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from local import paths, say
from local.sample import cache
from local.sample.host import Host
from local.sample.profiles import Profile

# Not WordPress' default, so that a copier that guesses it fails.
PREFIX = "acme_"
SCHEMA = "acme"
DOCUMENT_ROOT = "/var/www/acme"
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
class Login:
    """How the site's owner gets in."""

    url: str
    username: str
    password: str = field(repr=False)


def ensure(host: Host, profile: Profile, url: str) -> Login:
    """Have the site on the host, just as it was generated; return its administrator's login."""
    login = Login(url, profile.admin, secrets.token_urlsafe(18))
    stored = cache.find(profile, url)
    root = host.root / DOCUMENT_ROOT.lstrip("/")
    with say.step("sample site", f"{profile.name} at {url}") as note:
        prepare(host, root)
        if stored.complete:
            stored.restore(host, root, SCHEMA)
        else:
            note.text = f"{profile.name} at {url}, generated"
            generate(host, profile, url)
            stored.save(host, root, SCHEMA)
        tool = ["php", f"{_TOOLS}/site/password.php", DOCUMENT_ROOT, url, profile.admin]
        host.run(tool, stdin=login.password)
        host.run(["chown", "-R", "www-data:www-data", DOCUMENT_ROOT])
    return login


def wake(host: Host, url: str) -> None:
    """Be the first visitors, and let WordPress' clock strike once: a live site has had both."""
    for page in ("/", "/journal/", "/shop/", "/wp-login.php", "/wp-cron.php?doing_wp_cron"):
        host.run(["curl", "--insecure", "--silent", "--fail", "--output", "/dev/null", url + page])


def prepare(host: Host, root: Path) -> None:
    """Lay WordPress itself, an empty schema and the site's configuration."""
    tools = host.root / _TOOLS.lstrip("/")
    for place in (root, tools):
        shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(cache.HERE, tools, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    host.run(
        ["mkdir", "-p", f"{DOCUMENT_ROOT}/wp-content/uploads", f"{DOCUMENT_ROOT}/wp-content/themes"]
    )
    host.run(["cp", "-aL", _CORE, DOCUMENT_ROOT])
    password = secrets.token_hex(16)
    host.run(["mariadb", *host.database], stdin=_schema(password))
    paths.write(root / "wp-config.php", _configuration(password), 0o600)
    paths.write(root / ".htaccess", _HTACCESS)
    for kind in ("theme", "plugin"):
        shutil.copytree(tools / kind, root / "wp-content" / f"{kind}s", dirs_exist_ok=True)


def generate(host: Host, profile: Profile, url: str) -> None:
    """Run the generator on the host."""
    tool = ["php", f"{_TOOLS}/site/make.php", DOCUMENT_ROOT]
    host.run(tool, stdin=json.dumps(profile.request(url)), timeout=580)


def _schema(password: str) -> str:
    return (
        f"DROP DATABASE IF EXISTS {SCHEMA}; CREATE DATABASE {SCHEMA} CHARACTER SET utf8mb4;"
        f"CREATE OR REPLACE USER {SCHEMA}@localhost IDENTIFIED BY '{password}';"
        f"GRANT ALL ON {SCHEMA}.* TO {SCHEMA}@localhost;"
    )


def _configuration(password: str) -> str:
    names = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")
    random = [
        (f"{name}_{kind}", secrets.token_hex(32)) for name in names for kind in ("KEY", "SALT")
    ]
    settings = {
        "DB_NAME": SCHEMA,
        "DB_USER": SCHEMA,
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
