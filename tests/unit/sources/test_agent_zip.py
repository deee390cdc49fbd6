# SPDX-License-Identifier: Apache-2.0
"""The plugin's zip holds what a site needs, and is the same every time."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wpclone.mover.sources import agent_zip


def names(packed: bytes) -> set[str]:
    """Return the names in a zip."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return set(archive.namelist())


def test_the_zip_is_reproducible() -> None:
    """Two builds are equal, byte for byte."""
    assert agent_zip.build(temporary=True) == agent_zip.build(temporary=True)


def test_only_our_own_copy_removes_itself() -> None:
    """The zip that people upload lacks the mark that makes the plugin temporary."""
    ours, theirs = names(agent_zip.build(temporary=True)), names(agent_zip.build(temporary=False))
    assert ours - theirs == {"wpclone-agent/temporary"}
    assert {"wpclone-agent/wpclone-agent.php", "wpclone-agent/uninstall.php"} <= theirs
    assert all(name.startswith("wpclone-agent/") for name in ours)


def test_a_person_can_write_the_zip(tmp_path: Path) -> None:
    """The module is a program that writes the zip to upload by hand."""
    target = tmp_path / "plugin.zip"
    subprocess.run(
        [sys.executable, "-m", "wpclone.mover.sources.agent_zip", target],
        check=True,
        cwd=Path(agent_zip.__file__).parents[3],
        timeout=30,
    )
    assert target.read_bytes() == agent_zip.build(temporary=False)


def test_every_php_file_parses() -> None:
    """No file of the plugin has a syntax error, and each shuts itself to direct calls."""
    if not shutil.which("php"):
        pytest.skip("php is not installed (Debian: php-cli)")
    files = sorted(agent_zip.folder().rglob("*.php"))
    for file in files:
        one = subprocess.run(["php", "-l", file], check=False, capture_output=True, timeout=60)
        assert one.returncode == 0, one.stdout + one.stderr
        text = file.read_text()
        assert "|| exit;" in text, file
        assert "SPDX-License-Identifier: GPL-2.0-or-later" in text, file
