# SPDX-License-Identifier: Apache-2.0
"""Furnishes the WordPress of these tests: theme, plugin, drop-in, users; and logs people in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests import site_container
from tests.site_container import Answer, Site

PARTS = Path(__file__).parent / "site"
ADMINISTRATOR = ("boss", "correct horse battery")
READER = ("reader", "staple of readers")


def furnish(site: Site) -> None:
    """Put the site's own code in place, as an import would."""
    content = site.html / "wp-content"
    copy(PARTS / "theme-style.css", content / "themes/plain/style.css")
    copy(PARTS / "theme-index.php", content / "themes/plain/index.php")
    copy(PARTS / "probe.php", content / "mu-plugins/probe.php")
    copy(PARTS / "db.php", content / "db.php")
    write(content / "uploads/2026/photo.jpg", "JPEG")


def copy(source: Path, target: Path) -> None:
    """Copy a file for the container's user."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    give(target)


def write(target: Path, text: str) -> None:
    """Write a file for the container's user."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    give(target)


def give(path: Path) -> None:
    """Let the container's user own a file and the folder it is in."""
    for part in (path, path.parent):
        os.chown(part, site_container.USER, site_container.USER)


def install(site: Site) -> None:
    """Make the tables and the users, from the command line."""
    site.execute(
        "php",
        "-r",
        f"""
        $_SERVER['HTTP_HOST'] = 'acme-preview.clones.test';
        define('WP_INSTALLING', true);
        require '/var/www/html/wp-load.php';
        require ABSPATH . 'wp-admin/includes/upgrade.php';
        wp_install('Acme', '{ADMINISTRATOR[0]}', 'boss@acme.test', true, '', '{ADMINISTRATOR[1]}');
        wp_create_user('{READER[0]}', '{READER[1]}', 'reader@acme.test');
        switch_theme('plain');
        update_option('permalink_structure', '/%postname%/');
        update_option('blog_public', 1);
        update_option('users_can_register', 1);
        """,
    )


def log_in(site: Site, user: str, password: str, *, base: str = "") -> Answer:
    """Send the login form of a site, which may be below a path."""
    form = f"log={user}&pwd={password.replace(' ', '+')}&wp-submit=1&testcookie=1".encode()
    return site.get(
        f"{base}/wp-login.php",
        cookies={"wordpress_test_cookie": "WP%20Cookie%20check"},
        method="POST",
        data=form,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
