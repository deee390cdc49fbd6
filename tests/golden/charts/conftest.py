# SPDX-License-Identifier: Apache-2.0
"""Renders the charts with the values of one profile."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import paths

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]

Render = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def helm() -> str:
    """Return a helm: the local cluster's own, or one on the PATH."""
    own = paths.cache() / "bin" / "helm"
    found = str(own) if own.exists() else shutil.which("helm")
    if found is None:
        pytest.skip("needs helm: `python -m local build` brings it")
    return found


@pytest.fixture(scope="session")
def attempt(helm: str) -> Render:
    """Return a function that renders a chart with a profile's values, well or not."""

    def render(chart: str, profile: str, *more: str) -> subprocess.CompletedProcess[str]:
        values = HERE / f"{chart}-{profile}.values.yaml"
        return subprocess.run(
            [
                helm,
                "template",
                f"wpclone-{profile}",
                str(REPOSITORY / "charts" / f"wordpress-clone-{chart}"),
                "--namespace=wpclone-system",
                "--api-versions=kro.run/v1alpha1",
                "--kube-version=1.35.0",
                f"--values={values}",
                *more,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return render


@pytest.fixture(scope="session")
def rendered(attempt: Render) -> Callable[[str, str], str]:
    """Return a function that gives the text of a rendered chart."""

    def text(chart: str, profile: str) -> str:
        done = attempt(chart, profile)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return text


@pytest.fixture(scope="session")
def objects(rendered: Callable[[str, str], str]) -> Callable[[str, str], list[dict[str, Any]]]:
    """Return a function that gives the objects of a rendered chart."""

    def values(chart: str, profile: str) -> list[dict[str, Any]]:
        return [one for one in yaml.safe_load_all(rendered(chart, profile)) if one]

    return values
