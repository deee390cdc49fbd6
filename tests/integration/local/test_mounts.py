# SPDX-License-Identifier: Apache-2.0
"""What a start makes of mounts that a killed start has left half done."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import cleanup, paths, rootfs
from local.addresses import Addresses
from local.outside import Host
from local.paths import Layout
from local.world import World
from tests.namespaces import apart


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Return a host on paper whose base is a handful of folders; its mounts go with the test."""
    if os.geteuid() != 0:
        pytest.skip("needs root: only root may mount")
    base = tmp_path / "base"
    for name in ("run", "proc"):
        (base / name).mkdir(parents=True)
    monkeypatch.setattr(rootfs, "tree", lambda: base)
    world = World(Addresses("paper", 3), Layout(tmp_path / "paper"))
    yield Host(world)
    cleanup.unmount_below(world.at.root)


@pytest.mark.parametrize("lacking", [(), ("proc",), ("proc", "run")])
def test_a_start_completes_what_a_killed_one_left(host: Host, lacking: tuple[str, ...]) -> None:
    """Whatever was mounted before the kill, afterwards everything is, once."""
    host._mount()
    for name in lacking:
        subprocess.run(["umount", host.root / name], check=True, timeout=20)
    host._mount()
    points = [host.root, host.root / "proc", host.root / "run"]
    assert sorted(cleanup.mounts_below(host.root.parent)) == [str(point) for point in points]
    assert (host.root / "run" / "mysqld").is_dir()


def test_whoever_works_apart_keeps_no_cluster_busy(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of a cluster's mounts would hold its volumes' devices after it was stopped."""
    monkeypatch.setattr(paths, "state", lambda: tmp_path)
    host._mount()
    assert len(cleanup.mounts_below(tmp_path)) > 1
    seen = subprocess.run(
        apart("cat /proc/self/mountinfo"), check=True, capture_output=True, text=True, timeout=20
    )
    assert " /proc " in seen.stdout
    assert f" {tmp_path}/" not in seen.stdout
    assert len(cleanup.mounts_below(tmp_path)) > 1
