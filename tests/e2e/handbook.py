# SPDX-License-Identifier: Apache-2.0
"""Follows docs/operations.md: runs the commands of a section, and holds it to the answers."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local import paths
from tests.cluster import Cluster

PAGE = paths.REPOSITORY / "docs" / "operations.md"
CHARTS = paths.REPOSITORY / "charts"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: commands, statements, or what is answered."""

    language: str
    text: str


@dataclass
class Handbook:
    """The page, read in a folder of one's own, for names of one's own."""

    cluster: Cluster
    folder: Path
    names: Mapping[str, str] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)

    def use(self, charts: Path) -> None:
        """Have these charts where the page's commands look for them."""
        link = self.folder / "charts"
        link.unlink(missing_ok=True)
        link.symlink_to(charts)

    def blocks(self, title: str) -> list[Block]:
        """Return the blocks of the section with this heading, its subsections left out."""
        self.followed.add(title)
        found = re.split(r"^#+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (section,) = (part for part in found if part.partition("\n")[0] == title)
        for known, ours in self.names.items():
            section = section.replace(known, ours)
        return [Block(*match) for match in _BLOCK.findall(section)]

    def titles(self) -> set[str]:
        """Return the headings of all sections that have something to do."""
        page = PAGE.read_text(encoding="utf-8")
        found = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
        return {title for title in found if self._asks(title)}

    def statements(self, title: str) -> str:
        """Return the SQL of a section."""
        return "".join(block.text for block in self.blocks(title) if block.language == "sql")

    def follow(self, title: str, **environment: str) -> None:
        """Run all commands of a section; each has to succeed."""
        for block in self.blocks(title):
            if block.language == "sh":
                done = self._run(block.text, environment)
                assert done.returncode == 0, f"{title}:\n{done.stdout}{done.stderr}"

    def refused(self, title: str) -> None:
        """Run a section's first command: it has to fail, and to say what the page says."""
        command, answer, *_ = self.blocks(title)
        assert (command.language, answer.language) == ("sh", "text")
        done = self._run(command.text, {})
        assert done.returncode != 0, done.stdout
        assert " ".join(answer.text.split()) in " ".join(done.stderr.split())

    def taken_back(self, title: str, release: str) -> None:
        """Run a section's second command, with the revision that `helm list` shows."""
        where = "--namespace=wpclone-system"
        status = self.cluster.helm("status", release, where)
        assert "STATUS: uninstalling" in status
        (revision,) = re.findall(r"^REVISION: (\d+)$", status, flags=re.MULTILINE)
        *_, back = self.blocks(title)
        environment = {"REVISION": revision}
        done = self._run(re.sub(r"rollback \S+", f"rollback {release}", back.text), environment)
        assert done.returncode == 0, done.stderr
        assert "STATUS: deployed" in self.cluster.helm("status", release, where)

    def _asks(self, title: str) -> bool:
        before = set(self.followed)
        asks = any(block.language in ("sh", "sql") for block in self.blocks(title))
        self.followed = before
        return asks

    def _run(self, text: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        programs = (Path(self.cluster.kubectl_path), Path(self.cluster.helm_path))
        tools = {str(program.parent) for program in programs if program.is_absolute()}
        path = os.pathsep.join([*tools, os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            capture_output=True,
            text=True,
            check=False,
            timeout=700,
            cwd=self.folder,
            env={**self.cluster.environment, "PATH": path, **environment},
        )
