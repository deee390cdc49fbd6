# SPDX-License-Identifier: Apache-2.0
"""Holds the tree to the rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LONGEST_FILE = 300
LONGEST_FUNCTION = 35


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the repository that match, as git knows them."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run([*command, "--", *patterns], check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


PYTHON = tracked("*.py")
PROGRAMS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]


def test_every_source_file_names_its_licence() -> None:
    """Each Python, PHP and Rust file carries an SPDX line near its top."""
    files = [*PYTHON, *tracked("*.php"), *tracked("*.rs")]
    bare = [p for p in files if "SPDX-License-Identifier:" not in "".join(_head(p))]
    assert bare == []


def test_every_module_opens_with_its_duty() -> None:
    """Each Python module has a docstring whose first line ends as a sentence does."""
    lost = [
        path.relative_to(ROOT)
        for path in PYTHON
        if not (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0].endswith(".")
    ]
    assert lost == []


def test_no_file_has_outgrown_its_noun() -> None:
    """A program's file past three hundred lines hides a second idea."""
    sizes = {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in PROGRAMS}
    others = tracked("*.php", "*.rs")
    sizes |= {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in others}
    assert {path: size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_has_outgrown_a_screen() -> None:
    """A program's function past thirty-five lines hides a step, save for a stated reason."""
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in PROGRAMS
        for lines in [path.read_text().splitlines()]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
        and "noqa: " not in lines[node.lineno - 1]
    }
    assert long == {}


def test_the_architecture_page_shows_the_rooms_there_are() -> None:
    """Each room named in docs/architecture.md exists, and each room of the contracts is named."""
    page = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`wpclone\.([a-z_.]+)`", page))
    for room in named:
        place = ROOT / "operator/wpclone" / room.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").is_file(), room
    folders = {
        p.name for p in (ROOT / "operator/wpclone").iterdir() if (p / "__init__.py").is_file()
    }
    assert folders <= named


@pytest.mark.parametrize("table", ["default", "dev"])
def test_the_lock_belongs_to_the_project(table: str) -> None:
    """Every dependency that the project names is in the committed lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = {p["name"] for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    wanted = project["project"]["dependencies"] if table == "default" else _groups(project)
    assert {re.split(r"[\[=><~! ]", line)[0].lower() for line in wanted} <= lock


def _groups(project: dict[str, dict[str, list[object]]]) -> list[str]:
    groups = project["dependency-groups"].values()
    return [line for group in groups for line in group if isinstance(line, str)]


def _head(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[:20]
