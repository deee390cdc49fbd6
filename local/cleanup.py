# SPDX-License-Identifier: Apache-2.0
"""Removes what a cluster left on this machine, found by looking and not by remembering."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from local import network, node
from local.processes import Record, end
from local.shell import run
from local.world import World

# Where the pods' network plugin remembers its results, whatever the cluster.
_CNI_RESULTS = Path("/var/lib/cni/results")


def everything(world: World) -> None:
    """Remove processes, mounts, control groups and the network of a cluster, in this order."""
    end(processes(world), seconds=5)
    unmount_below(world.at.root)
    forget_pods(world)
    _remove_cgroups(world)
    network.down(world.net)


def forget_pods(world: World) -> None:
    """Drop the addresses of pods that are no more, and the runtime's record of their processes."""
    for path in (world.at.var / "cni", world.at.run / "containerd"):
        run(["rm", "-rf", path])
    for file in _CNI_RESULTS.glob(f"{world.net.netns}-*-eth0"):
        # Another cluster's name may begin with ours: what follows must be a container's id.
        if re.fullmatch(rf"{world.net.netns}-[0-9a-f]{{64}}-eth0", file.name):
            file.unlink(missing_ok=True)


def processes(world: World) -> list[Record]:
    """Return all processes of a cluster: in its network namespaces and control groups."""
    ours = {_inode(Path("/run/netns", name)) for name in (world.net.netns, world.net.outside_netns)}
    ours.discard(None)
    pids = node.cgroup_members(world.net.cgroup)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _inode(entry / "ns" / "net") in ours:
            pids.add(int(entry.name))
    pids.discard(os.getpid())
    return [record for record in map(Record.of, sorted(pids)) if record is not None]


def unmount_below(root: Path) -> None:
    """Unmount everything below a directory, the deepest first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    decoded = (
        re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point) for point in points
    )
    below = sorted({point for point in decoded if point.startswith(f"{root}/")}, reverse=True)
    for point in below:
        run(["umount", "--lazy", point])


def mounts_below(root: Path) -> list[str]:
    """Return what is mounted below a directory."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if line.split()[4].startswith(f"{root}/")]


def _remove_cgroups(world: World) -> None:
    """Remove the pods' groups; a group stays busy for a moment after its last process has ended."""
    deadline = time.monotonic() + 10
    while node.cgroup_members(world.net.cgroup) and time.monotonic() < deadline:
        time.sleep(0.1)
    node.remove_cgroups(world.net.cgroup)


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None
