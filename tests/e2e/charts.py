# SPDX-License-Identifier: Apache-2.0
"""Makes charts of another age than the tree's, to upgrade from or to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.e2e.handbook import CHARTS

MARK = "a guard of another age"


def of_another_age(folder: Path, version: str) -> Path:
    """Return a copy of the charts with another version, and with another guard."""
    copy = folder / f"charts-{version}"
    shutil.copytree(CHARTS, copy)
    for chart in copy.iterdir():
        about = chart / "Chart.yaml"
        text = about.read_text(encoding="utf-8")
        about.write_text(re.sub(r"(?m)^(version|appVersion): .*$", rf"\1: {version}", text))
    guard = copy / "wordpress-clone-operator" / "files" / "guard" / "guard.php"
    guard.write_text(f"{guard.read_text(encoding='utf-8')}\n// {MARK}: {version}\n")
    return copy
