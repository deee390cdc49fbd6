# SPDX-License-Identifier: Apache-2.0
"""What must hold for the guard's files as files: they travel in one ConfigMap."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.unit.guard.php import GUARD, WORDPRESS

FILES = sorted(GUARD.iterdir())


def test_the_guard_fits_into_one_config_map() -> None:
    """Flat names that are valid keys, all together far below a ConfigMap's limit of 1 MiB."""
    assert all(file.is_file() and re.fullmatch(r"[a-z-]+\.php", file.name) for file in FILES)
    assert sum(file.stat().st_size for file in FILES) < 900 * 1024


def test_every_file_is_valid_php_that_says_what_it_is() -> None:
    """Each file compiles, states its duty first and carries its licence."""
    for file in [*FILES, WORDPRESS / "image" / "wp-config.php"]:
        done = subprocess.run(["php", "-l", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        text = file.read_text()
        assert re.match(r"<\?php\n/\*\*\n \* [A-Z].*\n", text), file
        assert "SPDX-License-Identifier: GPL-2.0-or-later" in text, file


def test_the_image_pins_what_the_guard_brings() -> None:
    """Every path of the guard that the image's configuration names exists in the guard."""
    image = WORDPRESS / "image"
    named: set[str] = set()
    for file in ("apache2.conf", "php.ini"):
        named |= set(re.findall(r"/opt/wpclone/([a-z-]+\.php)", (image / file).read_text()))
    assert named == {"guard.php", "endpoint.php", "sendmail.php"}
    assert named <= {file.name for file in FILES}


def test_the_entrypoint_is_a_valid_shell_script() -> None:
    """The entrypoint is executable and parses."""
    entrypoint: Path = WORDPRESS / "image" / "entrypoint.sh"
    assert entrypoint.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", entrypoint], check=True)


def test_nothing_runs_on_the_command_line(tmp_path: Path) -> None:
    """Prepended to a command-line script, the guard returns at once and changes nothing."""
    script = tmp_path / "script.php"
    script.write_text(
        "<?php echo function_exists('WPClone\\Guard\\state') ? 'guarded' : 'left alone';"
    )
    done = subprocess.run(
        ["php", "-n", "-d", f"auto_prepend_file={GUARD / 'guard.php'}", script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "left alone"
