# SPDX-License-Identifier: Apache-2.0
"""Runs a real, live WordPress on loopback: what somebody wants a copy of.

Apache with mod_php out of our Debian base, in a mount namespace of its own, on a private database.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from local import rootfs
from local.sample import cache
from tests import mariadb, namespaces

if TYPE_CHECKING:
    from local.sample.profiles import Bulk

ADMINISTRATOR = "admin"
PASSWORD = "correct horse & battery"
PREFIX = "acme_"
START_SECONDS = 30
_WEB = 33

_CONFIG = """<?php
define( 'DB_NAME', '{schema}' );
define( 'DB_USER', '{user}' );
define( 'DB_PASSWORD', '{password}' );
define( 'DB_HOST', '127.0.0.1:{port}' );
define( 'DB_CHARSET', '{charset}' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {{
	define( $name . '_KEY', 'a key for tests ' . $name );
	define( $name . '_SALT', 'a salt for tests ' . $name );
}}
if ( file_exists( __DIR__ . '/wp-config-more.php' ) ) {{ require __DIR__ . '/wp-config-more.php'; }}
define( 'WP_ENVIRONMENT_TYPE', 'local' );
defined( 'FS_METHOD' ) || define( 'FS_METHOD', 'direct' );
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
$table_prefix = '{prefix}';
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
"""

_INSTALL = """
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = '127.0.0.1:{port}'; $_SERVER['REQUEST_URI'] = '/';
require '/srv/html/wp-load.php'; require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Acme & Sons', '{admin}', 'admin@acme.test', true, '', '{password}' );
update_option( 'siteurl', '{url}' ); update_option( 'home', '{url}' );
update_option( 'permalink_structure', '/%postname%/' );
"""

_APACHE = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile /tmp/apache.pid
ErrorLog /srv/error.log
CustomLog /srv/access.log "%O"
User www-data
Group www-data
KeepAlive On
StartServers 2
MaxRequestWorkers 12
{modules}
TypesConfig /etc/mime.types
DirectoryIndex index.php
DocumentRoot /srv/html
<FilesMatch "\\.php$">
    SetHandler application/x-httpd-php
</FilesMatch>
<Directory /srv/html>
    Require all granted
    AllowOverride None
    RewriteEngine On
    RewriteRule .* - [E=HTTP_AUTHORIZATION:%{{HTTP:Authorization}}]
    RewriteRule ^index\\.php$ - [L]
    RewriteCond %{{REQUEST_FILENAME}} !-f
    RewriteCond %{{REQUEST_FILENAME}} !-d
    RewriteRule . /index.php [L]
</Directory>
<Directory /srv/html/no-ranges>
    MaxRanges none
</Directory>
{settings}
"""
_MODULES = ("mpm_prefork", "authz_core", "dir", "mime", "rewrite", "env", "setenvif", "php8.4")


@dataclass
class LiveSite:
    """One live WordPress."""

    folder: Path
    server: mariadb.Server
    login: mariadb.Login
    port: int
    charset: str = "utf8mb4"
    settings: Mapping[str, str] = field(default_factory=lambda: {"memory_limit": "64M"})
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The site's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def html(self) -> Path:
        """The document root."""
        return self.folder / "html"

    def install(self) -> None:
        """Copy the core, write its configuration and let WordPress install itself."""
        self._inside("cp -aL /usr/share/wordpress/. /srv/html")
        login = self.login
        config = _CONFIG.format(
            schema=login.schema,
            user=login.user,
            password=login.password,
            port=self.server.port,
            charset=self.charset,
            prefix=PREFIX,
        )
        (self.html / "wp-config.php").unlink(missing_ok=True)
        (self.html / "wp-config.php").write_text(config)
        (self.html / "wp-content" / "uploads").mkdir(exist_ok=True)
        self._inside("chown -R 33:33 /srv/html")
        self.first_run()

    def first_run(self) -> None:
        """Let WordPress install itself."""
        self.raw_php(
            _INSTALL.format(port=self.port, admin=ADMINISTRATOR, password=PASSWORD, url=self.url)
        )

    def start(self) -> None:
        """Start the web server and return once it answers."""
        modules = "".join(
            f"LoadModule {name.replace('8.4', '')}_module"
            f" /usr/lib/apache2/modules/{'lib' if name.startswith('php') else 'mod_'}{name}.so\n"
            for name in _MODULES
        )
        settings = "".join(
            f"php_admin_value {name} {value}\n" for name, value in self.settings.items()
        )
        text = _APACHE.format(port=self.port, modules=modules, settings=settings)
        (self.folder / "apache.conf").write_text(text)
        command = self._command("exec apache2 -f /srv/apache.conf -DFOREGROUND")
        # A group of its own: when Apache ends it signals all of its group.
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Apache did not start:\n{self.log()[-2000:]}")
            time.sleep(0.05)  # there is no event to wait for: the port answers, or not yet

    def stop(self) -> None:
        """Stop the web server."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)
            self._process = None

    def visit(self) -> None:
        """Be the first visitor: WordPress writes a post of its own then."""
        with urllib.request.urlopen(self.url, timeout=START_SECONDS) as page:  # noqa: S310  our own
            page.read()

    def own(self) -> None:
        """Give every file to the web server's user."""
        self._inside("chown -R 33:33 /srv/html/wp-content")

    def enlarge(self, bulk: Bulk) -> None:
        """Make it a large site, as the sample's generator does."""
        tools = self.folder / "sample"
        ignored = shutil.ignore_patterns("*.py", "__pycache__")
        shutil.copytree(cache.HERE, tools, ignore=ignored, dirs_exist_ok=True)
        (self.folder / "bulk.json").write_text(json.dumps(bulk.request(self.url)))
        self._inside("php /srv/sample/site/large.php /srv/html < /srv/bulk.json", 600)
        self.own()

    def reset(self) -> None:
        """Take our plugin and everything of it away, as if it had never been there."""
        shutil.rmtree(self.html / "wp-content" / "plugins" / "wpclone-agent", ignore_errors=True)
        options = f"`{PREFIX}options`"
        self.query(
            f"UPDATE {options} SET option_value = 'a:0:{{}}' WHERE option_name = 'active_plugins'",
            f"DELETE FROM {options} WHERE option_name LIKE 'wpclone%'",
        )

    def log(self) -> str:
        """Return what the web server and PHP have complained about."""
        log = self.folder / "error.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def sent(self) -> int:
        """Return how many bytes the web server has sent so far, by its own count."""
        log = self.folder / "access.log"
        return sum(map(int, log.read_text().split())) if log.exists() else 0

    def php(self, code: str) -> str:
        """Run PHP with WordPress loaded; what it printed."""
        asked = f"$_SERVER['HTTP_HOST']='127.0.0.1:{self.port}'; $_SERVER['REQUEST_URI']='/';"
        return self.raw_php(f"{asked} require '/srv/html/wp-load.php'; {code}")

    def raw_php(self, code: str) -> str:
        """Run PHP; what it printed."""
        (self.folder / "run.php").write_text(f"<?php\n{code}")
        return self._inside("setpriv --reuid 33 --regid 33 --clear-groups php /srv/run.php")

    def query(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements on the site's schema; the rows of the last one."""
        return self.server.execute(*statements, schema=self.login.schema)

    def plugins(self) -> set[str]:
        """Return the folders of all plugins."""
        return {path.name for path in (self.html / "wp-content" / "plugins").iterdir()}

    def _inside(self, script: str, timeout: float = 120) -> str:
        done = subprocess.run(
            self._command(script), check=False, capture_output=True, timeout=timeout, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr + done.stdout)
        return done.stdout

    def _command(self, script: str) -> list[str]:
        tree = shlex.quote(str(rootfs.tree()))
        enter = (
            f"mount --bind {shlex.quote(str(self.folder))} {tree}/srv"
            f" && mount --rbind /dev {tree}/dev && mount -t proc proc {tree}/proc"
            f" && mount -t tmpfs tmpfs {tree}/tmp"  # noqa: S108  the chroot's own
            f" && exec chroot {tree} /bin/sh -c {shlex.quote(script)}"
        )
        return namespaces.apart(enter)


@contextlib.contextmanager
def live(
    server: mariadb.Server, *, charset: str = "utf8mb4", **settings: str
) -> Iterator[LiveSite]:
    """Run one live site until the context ends; nothing of it stays. `settings` are php.ini's."""
    folder = Path(tempfile.mkdtemp(prefix="wpclone-live-"))
    folder.chmod(0o755)
    (folder / "html").mkdir()
    site = LiveSite(
        folder,
        server,
        server.schema(charset=charset),
        _free_port(),
        charset,
        # Tests change files of the site and want to see it at once.
        {"memory_limit": "64M", "opcache.revalidate_freq": "0", **settings},
    )
    try:
        site.install()
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def missing() -> str | None:
    """Say what is missing to run a live site here, or None if nothing is."""
    if os.getuid() != 0:
        return "only root can give a live site a root file system of its own"
    absent = [name for name in ("mmdebstrap", "unshare") if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else mariadb.missing()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
