# SPDX-License-Identifier: Apache-2.0
"""The page on the export format is enough to read one: its own programs do."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archives import Held
from wpclone.mover import exporting
from wpclone.mover.sources.archive import form

PAGE = (Path(__file__).parents[3] / "docs/export-format.md").read_text(encoding="utf-8")
SITE = Held(
    {"wp_users": [(b"INSERT INTO `wp_users` VALUES ('a'),('b');\n", 2)], "wp_none": [(b"", 0)]},
    {"wp-content/a.css": b"body {}"},
)


def block(language: str, number: int = 0) -> str:
    """Return a block of code of the page."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found[number])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write an export as the page calls it."""
    out = io.BytesIO()
    exporting.run(SITE, out, lambda _said: None)
    (tmp_path / "site.tar").write_bytes(out.getvalue())
    return tmp_path


def test_the_reader_of_the_page_reads_an_export(folder: Path) -> None:
    """It is twenty lines of Python's own library."""
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2 43 database/0001_wp_users/000001.sql.gz\n"


def test_the_commands_of_the_page_make_a_dump_of_an_export(folder: Path) -> None:
    """Definitions before rows, and the connection told how to read them."""
    script = block("sh").replace("| mariadb acme", "> dump.sql")
    subprocess.run(["sh", "-ec", script], cwd=folder, check=True)
    lines = (folder / "dump.sql").read_text().splitlines()
    assert lines[3] == block("sql").strip()
    assert [line.split()[0] for line in lines] == ["SET", "CREATE", "CREATE", "SET", "INSERT"]


def test_the_lines_of_the_page_are_lines_of_the_format() -> None:
    """A reader of ours understands what the page shows."""
    checksum = "0" * 64
    manifest = form.manifest(block("json").replace("…", checksum).encode())
    assert manifest.tables[0].folder == form.folder(1, "wp_users")
    for line in block("json", 1).replace("…", checksum).splitlines():
        assert set(json.loads(line)) <= {
            *("name", "offset", "size", "sha256", "rows", "mtime", "skipped", "why")
        }
        form.line(line.encode())
