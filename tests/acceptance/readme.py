# SPDX-License-Identifier: Apache-2.0
"""Reads the README: runs what it tells people to run, and gives answers in a form to compare."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from local import paths
from local.demo.native import SOURCE_SECRET
from local.demo.release import CLONES
from tests.acceptance.demo import CLONE
from tests.e2e.stage import Stage

PAGE = paths.REPOSITORY / "README.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SITE = {"credentialsRef": {"name": SOURCE_SECRET}}


@dataclass(frozen=True)
class Example:
    """A command of the page, and the lines of its answer that the page shows."""

    command: str
    answer: tuple[str, ...]

    def missing_in(self, seen: list[str]) -> list[str]:
        """Return the lines that the page shows and a real answer lacks; `...` cuts a line short."""
        return [line for line in self.answer if not any(_shows(line, one) for one in seen)]


@dataclass(frozen=True)
class Readme:
    """The page, read beside a demo that runs, in a folder with the files that it names."""

    NAME: ClassVar = "as-the-page-says"
    stage: Stage
    folder: Path

    @classmethod
    def beside(cls, stage: Stage, folder: Path) -> Readme:
        """Lay out what the page takes for granted: its files, and the clone that stays dark."""
        here = cls(stage, folder)
        both = {"site": {**_SITE, "url": "https://www.acme.test"}, "blank": {"title": "Empty"}}
        two = json.dumps(_manifest("two-sources", both))
        (folder / "two-sources.yaml").write_text(two)
        (folder / "password").write_text(stage.login.password)
        example = paths.REPOSITORY / "examples" / f"{CLONE}.yaml"
        (folder / "examples").mkdir()
        (folder / "examples" / f"{cls.NAME}.yaml").write_text(here._ours(example.read_text()))
        dark = _manifest("in-the-dark", {"site": {**_SITE, "url": "https://169.254.169.254"}})
        stage.cluster.kubectl("apply", "-f-", stdin=json.dumps(dark))
        return here

    @staticmethod
    def examples() -> list[Example]:
        """Return every command of the page whose answer is shown."""
        shown = [text for _, text in _FENCE.findall(_page()) if text.startswith("$ ")]
        parts = [part for text in shown for part in re.split(r"^\$ ", text, flags=re.MULTILINE)]
        return [_example(part) for part in parts if part]

    @property
    def shows(self) -> set[str]:
        """The text of each block of the page, in a form to compare."""
        return {_masked(text) for _, text in _FENCE.findall(_page())}

    def next_step(self) -> str:
        """Return what `Ready` of the demo's clone says, in a form to compare."""
        where = f"--namespace={CLONES}"
        status = self.stage.cluster.get("wordpressclone", CLONE, where)["status"]
        (ready,) = (one for one in status["conditions"] if one["type"] == "Ready")
        return _masked(ready["message"])

    def seen(self, example: Example) -> list[str]:
        """Run a command until its answer holds all that the page shows, or for half a minute."""
        deadline = time.monotonic() + 30
        while True:
            done = self._run(example.command)
            seen = [_masked(line) for line in (done.stdout + done.stderr).splitlines()]
            if not example.missing_in(seen) or time.monotonic() > deadline:
                return seen
            time.sleep(1)

    def use(self) -> str:
        """Run the commands under `Use it` for a clone of our own; return what they say."""
        (_, section) = _page().split("## Use it\n")
        commands = self._ours(_FENCE.findall(section)[0][1])
        done = self._run(f"set -euo pipefail\n{commands}")
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def _ours(self, text: str) -> str:
        """Put names of our own and a login that works into a text of the page."""
        own = {
            CLONE: self.NAME,
            SOURCE_SECRET: f"{self.NAME}-login",
            "ADMINISTRATOR": self.stage.login.username,
            "=FILE": "=password",
        }
        for theirs, ours in own.items():
            text = text.replace(theirs, ours)
        return text

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        cluster = self.stage.cluster
        path = os.pathsep.join([str(Path(cluster.kubectl_path).parent), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
            cwd=self.folder,
            env={**cluster.environment, "PATH": path},
        )


def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def _manifest(name: str, source: dict[str, object]) -> dict[str, object]:
    return {
        "apiVersion": "clones.betaweb.ai/v1alpha1",
        "kind": "WordPressClone",
        "metadata": {"name": name, "namespace": CLONES},
        "spec": {"source": source},
    }


def _example(text: str) -> Example:
    command, _, answer = text.partition("\n")
    lines = [_masked(line) for line in answer.splitlines()]
    return Example(command, tuple(line for line in lines if line not in ("", "...")))


def _shows(line: str, seen: str) -> bool:
    return line == seen or (line.endswith("...") and seen.startswith(line.removesuffix("...")))


def _masked(text: str) -> str:
    """Leave out what differs from run to run: figures, times, ages and names from uids."""
    text = re.sub(r"wpc[0-9a-f]{20}", "wpc#", " ".join(text.split()))
    return re.sub(r"(?<!\S)(#[smhd])+(?!\S)", "#s", re.sub(r"\d+", "#", text))
