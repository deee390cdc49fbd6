# SPDX-License-Identifier: Apache-2.0
"""The program that checks images against the contract, on made-up images and clones."""

from __future__ import annotations

from pathlib import Path

from tools import check_site_image as tool
from tools.check_site_image import Answer


def put(root: Path, name: str, text: str = "", mode: int = 0o644) -> None:
    """Write one file of a made-up image."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def official(root: Path) -> None:
    """Lay out what the official image brings."""
    put(root, "usr/src/wordpress/wp-includes/version.php")
    put(root, "usr/src/wordpress/wp-login.php")
    put(
        root,
        "usr/src/wordpress/wp-config-docker.php",
        "getenv_docker('WORDPRESS_DB_HOST', 'mysql')",
    )
    put(root, "usr/local/bin/docker-entrypoint.sh", "#!/bin/sh", 0o755)
    put(root, "usr/local/include/php/main/php_version.h", '#define PHP_VERSION "8.4.1"')
    put(root, "usr/local/lib/php/extensions/no-debug-non-zts-20240924/mysqli.so")
    put(root, "usr/lib/apache2/modules/libphp.so")


def test_a_foreign_image_holds_with_a_weaker_promise(tmp_path: Path) -> None:
    """The official image fulfils what is required; that the guard is not pinned is a warning."""
    official(tmp_path)
    findings = list(tool.check_rootfs(tmp_path))
    assert all(finding.holds for finding in findings if finding.required)
    assert [finding.line for finding in findings if not finding.holds] == [
        "the server's configuration pins auto_prepend_file",
        "the server's configuration pins sendmail_path",
        "the server keeps strangers from files",
    ]


def test_links_out_of_the_core_are_found(tmp_path: Path) -> None:
    """Debian's links into other packages would dangle on a volume."""
    official(tmp_path)
    (tmp_path / "usr/src/wordpress/lib.js").symlink_to("/usr/share/javascript/lib.js")
    broken = [finding.line for finding in tool.check_rootfs(tmp_path) if not finding.holds]
    assert "core has no links that lead out of it" in broken


def test_an_empty_folder_is_no_image(tmp_path: Path) -> None:
    """Nothing is required that an empty folder could fulfil by accident, links aside."""
    broken = [finding for finding in tool.check_rootfs(tmp_path) if not finding.holds]
    assert sum(finding.required for finding in broken) == 6
    assert tool.main(["rootfs", str(tmp_path)]) == 1


def test_an_open_clone_is_found_out() -> None:
    """A server that answers everything to everybody breaks the contract line by line."""
    broken = [f for f in tool.check_clone(lambda _: Answer(200, {}, "<html>")) if not f.holds]
    assert len([finding for finding in broken if finding.required]) == 9


def test_an_unreachable_clone_is_one_sentence(tmp_path: Path) -> None:
    """No traceback: what could not be asked is said, with a code of its own."""
    assert tool.main(["url", f"http://127.0.0.1:1/{tmp_path.name}"]) == 2
