# SPDX-License-Identifier: Apache-2.0
"""Runs `make demo` as a reader of the README does, on a cluster that no demo of theirs runs on."""

from __future__ import annotations

import base64
import subprocess
import time
from dataclasses import dataclass

import pytest

from local import paths
from local.demo import native
from local.demo.native import SOURCE_SECRET, SOURCE_URL
from local.demo.release import CLONES, Release
from local.sample.profiles import DEMO
from local.sample.site import Login
from tests import cluster as clusters
from tests.cluster import Native
from tests.e2e.stage import Clone, Stage

NAME = "shown"
CLONE = "acme-preview"


@dataclass(frozen=True)
class Shown:
    """What the demo printed, how long it took, and what is there now."""

    text: str
    seconds: float
    clone: Clone

    @property
    def stage(self) -> Stage:
        """The installation that the demo has left running."""
        return self.clone.stage


def run(beside: Native) -> Shown:
    """Run the demo from a cluster that is down, everything built, beside the tests' cluster."""
    assert beside.world.net.name != NAME
    clusters.purge(NAME)
    begun = time.monotonic()
    text = _make("demo", 600)
    seconds = time.monotonic() - begun
    cluster = clusters.started(NAME)
    release = Release(native.tools(cluster.native.cluster))
    stage = Stage(cluster, release, Login(SOURCE_URL, DEMO.admin, _password(release)))
    watch = release.tools.watch("wordpressclone", CLONE, f"--namespace={CLONES}")
    stage.watches.append(watch)
    return Shown(text, seconds, Clone(stage, CLONE, begun, watch))


def end(shown: Shown) -> None:
    """Take the demo away, and all that its cluster remembers."""
    shown.stage.close()
    _make("demo-down", 120)
    clusters.purge(NAME)


def _password(release: Release) -> str:
    found = release.tools.get("secret", SOURCE_SECRET, f"--namespace={CLONES}")
    return base64.b64decode(found["data"]["password"]).decode()


def _make(verb: str, seconds: float) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", verb, f"NAME={NAME}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        cwd=paths.REPOSITORY,
    )
    if done.returncode:
        pytest.fail(f"make {verb}:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout
