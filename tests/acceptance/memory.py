# SPDX-License-Identifier: Apache-2.0
"""Watches what a pod holds in memory, by its own cgroup: what the kernel cannot take back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Version 1 and version 2 keep the same figures in different places, under different names.
_ROOTS: Final = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
_ANONYMOUS: Final = {"total_rss", "anon"}
_EVERY: Final = 0.1


@dataclass
class Peak:
    """The most that a pod has held so far, and how often it was looked at."""

    bytes: int = 0
    looks: int = 0

    def look(self, group: Path) -> None:
        """Look once; a pod that has ended has no figures."""
        with contextlib.suppress(OSError):
            for line in (group / "memory.stat").read_text().splitlines():
                name, _, value = line.partition(" ")
                if name in _ANONYMOUS:
                    self.bytes = max(self.bytes, int(value))
                    self.looks += 1


@contextlib.contextmanager
def watched(uid: str) -> Iterator[Peak]:
    """Watch a pod for as long as the context lasts."""
    peak, over = Peak(), threading.Event()
    group = _group(uid)

    def watch() -> None:
        while not over.wait(_EVERY):
            peak.look(group)

    thread = threading.Thread(target=watch, name="memory")
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _group(uid: str) -> Path:
    root = next(root for root in _ROOTS if root.is_dir())
    names = {f"pod{uid}", f"kubepods-burstable-pod{uid.replace('-', '_')}.slice"}
    return next(path for path in root.rglob("*pod*") if path.name in names)
