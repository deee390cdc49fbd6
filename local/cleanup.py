# SPDX-License-Identifier: Apache-2.0
"""Removes what a cluster left on this machine, found by looking and not by remembering."""

import os
import re
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from local import network, node
from local.processes import Record, end
from local.shell import run, succeeds
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
    """Unmount everything below a directory, the deepest first, and wait for its loop devices."""
    for point in sorted(mounts_below(root), reverse=True):
        if not succeeds(["umount", point]):
            run(["umount", "--lazy", point])
    # The kernel lets go of a device in its own time; a busy one must not be met by the next start.
    await_gone(lambda: loops_below(root))


def mounts_below(root: Path) -> list[str]:
    """Return what is mounted below a directory."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    decoded = (
        re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point) for point in points
    )
    return [point for point in decoded if point.startswith(f"{root}/")]


def loops_below(root: Path) -> list[str]:
    """Return the files below a directory that loop devices hold."""
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        with suppress(OSError):  # the device may let go between the two looks
            found.append(file.read_text().strip())
    return [path for path in found if path.startswith(f"{root}/")]


def await_gone(rest: Callable[[], Collection[object]], seconds: float = 10) -> None:
    """Wait for something that goes by itself; what stays is for the next step to complain about."""
    deadline = time.monotonic() + seconds
    while rest() and time.monotonic() < deadline:
        time.sleep(0.05)


def _remove_cgroups(world: World) -> None:
    """Remove the pods' groups; a group stays busy for a moment after its last process has ended."""
    await_gone(lambda: node.cgroup_members(world.net.cgroup))
    node.remove_cgroups(world.net.cgroup)


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None
