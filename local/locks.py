# SPDX-License-Identifier: Apache-2.0
"""Keeps two invocations out of each other's way; a killed one holds nothing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import say


@contextmanager
def exclusive(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file; say the sentence `busy` once if another invocation has it, and wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say.line(busy)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
