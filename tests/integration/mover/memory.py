# SPDX-License-Identifier: Apache-2.0
"""Watches how much memory of its own a program and its children have: no file's pages."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

# There is no event to wait for: the kernel keeps a peak of all pages only, a file's included.
_BETWEEN_LOOKS = 0.005
_OWN = re.compile(r"^RssAnon:\s+(\d+) kB$", re.MULTILINE)


class Watch:
    """Looks at a process and its children until the context ends; `peak` is in bytes."""

    def __init__(self, process: int) -> None:
        """Watch this process."""
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.peak = 0

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_BETWEEN_LOOKS):
            family = [self._process, *_children(self._process)]
            self.peak = max(self.peak, sum(map(_own, family)))


def _children(process: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        found = [int(n) for task in tasks for n in (task / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        return []
    return found + [below for child in found for below in _children(child)]


def _own(process: int) -> int:
    try:
        found = _OWN.search(Path(f"/proc/{process}/status").read_text("ascii", "replace"))
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
