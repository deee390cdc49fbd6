# SPDX-License-Identifier: Apache-2.0
"""What holds whatever a site does to its files: server configuration and start-up."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local import paths
from tests import mariadb, site_container, tls
from tests.integration.guard.conftest import Probe
from tests.integration.guard.furnishing import (
    furnish,
    give,
    install,
    write,
)
from tests.site_container import HEALTH, Site


@pytest.fixture
def htaccess(site: Site) -> Iterator[Path]:
    """Give the path of the site's own .htaccess, which is gone afterwards."""
    path = site.html / ".htaccess"
    yield path
    path.unlink(missing_ok=True)


def test_health_needs_no_database(image_root: Path, database: mariadb.Server) -> None:
    """With no database at all the health path answers, by its UID, within ten milliseconds."""
    nowhere = {"WORDPRESS_DB_HOST": f"127.0.0.1:{site_container.free_port()}"}
    with site_container.site(image_root, database, environment=nowhere) as site:
        answer = site.get(HEALTH, cookies={}, headers={"Host": "10.0.0.7"})
        taken = []
        for _ in range(30):
            begun = time.perf_counter()
            site.get(HEALTH, cookies={})
            taken.append(time.perf_counter() - begun)
        assert json.loads(answer.body) == {"uid": site.uid, "guard": "0.1.0", "mails": 0}
        assert answer.headers["x-wpclone-uid"] == site.uid
        assert statistics.median(taken) < 0.010
        assert HEALTH not in site.log()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("php_value auto_prepend_file none\nphp_flag engine off", "PHP settings"),
        ("php_value sendmail_path /usr/bin/true", "the mail program"),
        ("SetHandler default-handler", "another handler"),
        ("<Files *.php>\nSetHandler default-handler\nForceType text/plain\n</Files>", "a type"),
        ("RemoveHandler .php\nAddType text/plain .php", "a handler taken away"),
        ("Options +Indexes +ExecCGI\nNoSuchDirective x\n</Broken", "nonsense"),
        ("Header always unset X-WPClone-UID\nHeader unset X-Robots-Tag", "headers"),
        (
            "RewriteEngine On\nRewriteRule .* - "
            "[E=WPCLONE_GATE_KEY:x,E=WPCLONE_CLONE_UID:x,E=wpclone_pass:1,E=wpclone_indexing:1]",
            "variables",
        ),
    ],
)
def test_htaccess_cannot_unhook_the_guard(
    site: Site, visitor: Mapping[str, str], htaccess: Path, lines: str, reason: str
) -> None:
    """No line in the site's own .htaccess changes gate, marks or mail."""
    write(htaccess, f"{lines}\n")
    stranger = site.get("/", cookies={})
    assert stranger.status == 401, reason
    assert site.get("/index.php", cookies={}).status == 401
    assert site.get("/wp-content/uploads/2026/photo.jpg", cookies={}).status == 401
    page = site.get("/?probe=constants", cookies=visitor)
    if page.status != 500:  # a server that answers nothing at all is safe as well
        assert page.headers["x-wpclone-uid"] == site.uid
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert json.loads(page.body)["prepend"] == "/opt/wpclone/guard.php"
        assert "sendmail.php" in json.loads(page.body)["sendmail"]


def test_htaccess_may_force_no_handler_on_a_stranger(site: Site, htaccess: Path) -> None:
    """A rewrite rule that serves scripts as text meets no stranger, who never gets that far."""
    write(htaccess, "RewriteEngine On\nRewriteRule ^.*\\.php$ - [H=default-handler]\n")
    for path in ("/index.php", "/wp-content/mu-plugins/probe.php", "/wp-settings.php"):
        answer = site.get(path, cookies={})
        assert answer.status == 401
        assert "<?php" not in answer.body


def test_rewriting_and_access_rules_of_the_site_work(
    site: Site, visitor: Mapping[str, str], htaccess: Path
) -> None:
    """The site keeps its own redirects and the folders it had closed."""
    write(htaccess, "RewriteEngine On\nRewriteRule ^old/?$ /hello-world/ [R=301,L]\n")
    closed = site.html / "wp-content/uploads/closed"
    write(closed / "invoice.pdf", "PDF")
    write(closed / ".htaccess", "deny from all\n")
    moved = site.get("/old/", cookies=visitor)
    assert (moved.status, moved.headers["location"]) == (301, f"{site.url}/hello-world/")
    assert "Hello world!" in site.get("/hello-world/", cookies=visitor).body
    assert site.get("/wp-content/uploads/closed/invoice.pdf", cookies=visitor).status == 403
    shutil.rmtree(closed)


@pytest.mark.parametrize(
    "name", ["shell.php", "shell.PHP", "shell.phtml", "shell.phar", "shell.php5", "a/shell.php/x"]
)
def test_nothing_in_uploads_is_run_or_shown(
    site: Site, visitor: Mapping[str, str], name: str
) -> None:
    """A script that found its way into uploads is neither executed nor served, .htaccess or not."""
    folder = site.html / "wp-content/uploads/scripts"
    write(folder / name.removesuffix("/x"), "<?php echo 6 * 7; // SOURCE")
    write(folder / ".htaccess", "<Files *>\nRequire all granted\n</Files>\nSatisfy Any\n")
    answer = site.get(f"/wp-content/uploads/scripts/{name}", cookies=visitor)
    assert answer.status == 403
    assert "SOURCE" not in answer.body
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", [".htpasswd", ".git/config", "copy.phps", "copy.PHP", "copy.php7"])
def test_hidden_files_and_sources_are_never_served(
    site: Site, visitor: Mapping[str, str], name: str
) -> None:
    """What a site has lying about is not shown, not even to those inside."""
    write(site.html / "lost" / name, "SOURCE")
    assert site.get(f"/lost/{name}", cookies=visitor).status == 403
    shutil.rmtree(site.html / "lost")


def test_a_restart_keeps_what_was_changed(image_root: Path, database: mariadb.Server) -> None:
    """A changed core file and a new plugin survive; nothing is filled in again."""
    with site_container.site(image_root, database) as site:
        write(site.html / "wp-includes/version.php", "<?php $wp_version = '99.9';")
        write(site.html / "wp-content/plugins/new/new.php", "<?php")
        (site.html / "readme.html").unlink()
        assert site.stop() == 0
        site.start()
        assert "99.9" in (site.html / "wp-includes/version.php").read_text()
        assert (site.html / "wp-content/plugins/new/new.php").exists()
        assert not (site.html / "readme.html").exists()


def test_an_interrupted_start_is_repeated(image_root: Path, database: mariadb.Server) -> None:
    """A start killed while it filled the root is completed by the next, around what is there."""
    with site_container.site(image_root, database) as site:
        site.stop()
        (site.html / "wp-includes/version.php").unlink()
        (site.html / "wp-settings.php").unlink()
        write(site.html / "index.php", "<?php // the site's own")
        site.start()
        assert (site.html / "wp-settings.php").exists()
        assert (site.html / "wp-includes/version.php").exists()
        assert (site.html / "index.php").read_text() == "<?php // the site's own"


def test_imported_content_gets_no_company(image_root: Path, database: mariadb.Server) -> None:
    """Into content that an import has brought, the image puts no themes or plugins of its own."""
    with site_container.site(image_root, database) as site:
        site.stop()
        shutil.rmtree(site.html)
        furnish(site)
        give(site.html / "wp-content")
        site.start()
        assert [entry.name for entry in (site.html / "wp-content/themes").iterdir()] == ["plain"]
        assert list((site.html / "wp-content/plugins").iterdir()) == []
        assert (site.html / "wp-admin/index.php").exists()


def test_the_container_writes_nowhere_else(running: Site) -> None:
    """The process is uid 33 with no capabilities, on a root it cannot write."""
    status = running.execute("cat", "/proc/self/status")
    assert "Uid:\t33\t33\t33\t33" in status
    assert "CapEff:\t0000000000000000" in status
    mounts = [line.split() for line in running.execute("cat", "/proc/mounts").splitlines()]
    writable = {place for _, place, _, options, *_ in mounts if options.startswith("rw")}
    assert writable - {"/proc", "/dev"} == {"/tmp", "/var/www/html", "/var/lib/wpclone"}  # noqa: S108
    with pytest.raises(RuntimeError, match=r"Permission denied|Read-only"):
        running.execute("touch", "/var/www/wp-config.php")
    with pytest.raises(RuntimeError, match="Read-only"):
        running.execute("touch", "/opt/wpclone/x")


def test_the_database_is_reached_over_tls_where_offered(
    image_root: Path, tmp_path: Path, probe: Probe
) -> None:
    """A server that offers TLS is talked to in TLS, one that does not is talked to all the same."""
    assert probe("database") == {"cipher": ""}
    certificate = readable(tls.pair(tmp_path, "127.0.0.1"))
    options = (f"--ssl-cert={certificate.certificate}", f"--ssl-key={certificate.key}")
    with mariadb.server(*options) as server, site_container.site(image_root, server) as site:
        furnish(site)
        install(site)
        visitor = site.get(f"/?wpclone-key={site.gate_key}", cookies={}).cookies
        said = json.loads(site.get("/?probe=database", cookies=visitor).body)
        assert said["cipher"].startswith("TLS")


def test_the_check_program_agrees(running: Site) -> None:
    """The published check of the contract passes on the image and on the running clone."""
    tool = paths.REPOSITORY / "tools" / "check_site_image.py"
    running.tell()
    for arguments in (
        ["rootfs", str(running.root)],
        ["url", f"http://127.0.0.1:{running.port}", "--host", running.url.split("/")[2]],
    ):
        done = subprocess.run(
            ["python3", tool, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def readable(certificate: tls.Pair) -> tls.Pair:
    """Let the database server's own user get at a certificate in a test's folder."""
    for path in (certificate.certificate, certificate.key, *certificate.key.parents):
        if "pytest" in str(path):
            path.chmod(0o755)
    return certificate
