# SPDX-License-Identifier: Apache-2.0
"""Checks a site image's root file system, or a running clone, against docs/site-image.md.

    python tools/check_site_image.py rootfs /path/to/unpacked/image
    python tools/check_site_image.py url https://acme-preview.clones.test [--host NAME] [--ca FILE]

Every line of the contract is one line of output. It exits 0 when all required lines hold. A line
that only weakens the promise (the site can unhook the guard) is a warning and does not fail.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

DEADLINE = 15.0


@dataclass(frozen=True)
class Finding:
    """What became of one line of the contract."""

    holds: bool
    line: str
    required: bool = True

    def __str__(self) -> str:
        """Show it as a line of the report."""
        mark = "ok  " if self.holds else "FAIL" if self.required else "weak"
        return f"{mark}  {self.line}"


def check_rootfs(root: Path) -> Iterator[Finding]:
    """Check what an image brings along, without running it."""
    core = root / "usr/src/wordpress"
    yield Finding((core / "wp-includes/version.php").is_file(), "core lies in /usr/src/wordpress")
    yield Finding((core / "wp-login.php").is_file(), "core is complete enough to log in")
    yield Finding(not _leading_out(core), "core has no links that lead out of it")
    yield Finding(not (core / "wp-config.php").exists(), "core brings no wp-config.php of its own")
    yield Finding(_configured(root), "wp-config.php takes its values from WORDPRESS_… variables")
    entry = [
        root / "usr/local/bin" / name for name in ("wpclone-entrypoint", "docker-entrypoint.sh")
    ]
    yield Finding(
        any(path.is_file() and path.stat().st_mode & 0o111 for path in entry),
        "an entrypoint fills an empty document root",
    )
    yield Finding(_php_version(root) >= (8, 1), "PHP is 8.1 or newer")
    yield Finding(_brings(root, "mysqli.so"), "PHP can talk to MySQL and MariaDB (mysqli)")
    yield Finding(_has(root, "libphp*.so"), "PHP runs inside Apache (mod_php)", required=False)
    pinned = _server_configuration(root)
    for setting in ("auto_prepend_file", "sendmail_path"):
        yield Finding(
            re.search(rf"^\s*php_admin_value\s+{setting}\s+.*/opt/wpclone/", pinned, re.MULTILINE)
            is not None,
            f"the server's configuration pins {setting}",
            required=False,
        )
    yield Finding("endpoint.php" in pinned, "the server keeps strangers from files", required=False)


def _leading_out(core: Path) -> list[Path]:
    """Find links below a folder whose target is not below it."""
    if not core.is_dir():
        return []
    home = core.resolve()
    links = (path for path in core.rglob("*") if path.is_symlink())
    return [path for path in links if not path.resolve().is_relative_to(home)]


def _configured(root: Path) -> bool:
    places = ("var/www/wp-config.php", "usr/src/wordpress/wp-config-docker.php")
    texts = [(root / place).read_text() for place in places if (root / place).is_file()]
    return any("WORDPRESS_DB_HOST" in text for text in texts)


def _php_version(root: Path) -> tuple[int, int]:
    """Read PHP's version from where Debian and the official image keep it."""
    found = [(0, 0)]
    for folder in (root / "etc/php").glob("*.*"):
        major, _, minor = folder.name.partition(".")
        if major.isdigit() and minor.isdigit():
            found.append((int(major), int(minor)))
    header = root / "usr/local/include/php/main/php_version.h"
    if header.is_file():
        match = re.search(r'PHP_VERSION "(\d+)\.(\d+)', header.read_text())
        found += [(int(match[1]), int(match[2]))] if match else []
    return max(found)


def _brings(root: Path, extension: str) -> bool:
    """Look for an extension where Debian and the official image keep them."""
    places = ("usr/lib/php/*/", "usr/local/lib/php/extensions/*/")
    return any(found for place in places for found in root.glob(place + extension))


def _has(root: Path, pattern: str) -> bool:
    return any((root / "usr/lib/apache2/modules").glob(pattern))


def _server_configuration(root: Path) -> str:
    """Read all of Apache's configuration an image may bring."""
    ours = root / "etc/wpclone/apache2.conf"
    folders = (root / "etc/apache2" / name for name in ("conf-enabled", "sites-enabled"))
    files = [ours, *(path for folder in folders if folder.is_dir() for path in folder.iterdir())]
    return "\n".join(path.read_text(errors="replace") for path in files if path.is_file())


@dataclass(frozen=True)
class Answer:
    """What the clone said to one request."""

    status: int
    headers: dict[str, str]
    body: str


class Clone:
    """A running clone, asked as a stranger asks."""

    def __init__(self, url: str, host: str, ca: str | None) -> None:
        """Ask at this address, under this name."""
        self._at = urlsplit(url)
        self._host = host or self._at.netloc
        self._trust = ssl.create_default_context(cafile=ca) if self._at.scheme == "https" else None

    def get(self, path: str) -> Answer:
        """Ask for a path, following nothing."""
        name, port = self._at.hostname or "", self._at.port
        connection: http.client.HTTPConnection
        if self._trust is None:
            connection = http.client.HTTPConnection(name, port, timeout=DEADLINE)
        else:
            connection = http.client.HTTPSConnection(
                name, port, timeout=DEADLINE, context=self._trust
            )
        try:
            connection.request("GET", path, headers={"Host": self._host})
            reply = connection.getresponse()
            headers = {key.lower(): value for key, value in reply.getheaders()}
            return Answer(reply.status, headers, reply.read(1 << 20).decode(errors="replace"))
        finally:
            connection.close()


def check_clone(get: Callable[[str], Answer]) -> Iterator[Finding]:
    """Check how a running clone meets a stranger."""
    health = get("/.wpclone/health")
    uid = _uid(health.body)
    yield Finding(
        health.status == HTTPStatus.OK and bool(uid), "the health path answers with the clone's UID"
    )
    yield Finding(health.headers.get("x-wpclone-uid") == uid, "X-WPClone-UID carries the same UID")
    page = get("/")
    shut = page.status == HTTPStatus.UNAUTHORIZED
    yield Finding(shut, "a stranger meets the gate (unless access is Public)")
    yield Finding(
        "x-wpclone-uid" in page.headers and "noindex" in page.headers.get("x-robots-tag", ""),
        "pages carry the UID and tell search engines no",
    )
    for path in ("/wp-admin/install.php", "/wp-admin/setup-config.php"):
        yield Finding(get(path).status in (401, 403), f"{path} is shut")
    yield Finding("Disallow: /\n" in get("/robots.txt").body, "robots.txt shuts everything")
    for path in ("/readme.html", "/wp-includes/js/../../license.txt", "/wp-content/"):
        yield Finding(
            get(path).status == HTTPStatus.UNAUTHORIZED,
            f"files are behind the gate: {path}",
            required=False,
        )
    for path in ("/.git/config", "/x.phps"):
        yield Finding(get(path).status in (401, 403, 404), f"never served: {path}")
    yield Finding(get("/wp-login.php").status in (200, 302), "the login form is open")


def _uid(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("uid", "")) if isinstance(said, dict) else ""


def main(arguments: list[str]) -> int:
    """Check what the command line names; 0 when every required line holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    rootfs = kinds.add_parser("rootfs", help="an unpacked image")
    rootfs.add_argument("folder", type=Path)
    url = kinds.add_parser("url", help="a running clone")
    url.add_argument("address")
    url.add_argument("--host", default="", help="ask under this name instead")
    url.add_argument("--ca", help="trust this certificate authority")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.kind == "rootfs":
            findings = list(check_rootfs(chosen.folder))
        else:
            findings = list(check_clone(Clone(chosen.address, chosen.host, chosen.ca).get))
    except (OSError, http.client.HTTPException) as error:
        print(f"It could not be asked: {error}", file=sys.stderr)
        return 2
    print("\n".join(map(str, findings)))
    broken = [finding for finding in findings if finding.required and not finding.holds]
    weak = [finding for finding in findings if not finding.required and not finding.holds]
    print(f"\n{len(findings)} lines, {len(broken)} broken, {len(weak)} weak")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
