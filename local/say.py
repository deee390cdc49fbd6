# SPDX-License-Identifier: Apache-2.0
"""Tells a person what happens: a line for each part, with what it does and how long it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


class Note:
    """What a step may add to its line while it runs."""

    def __init__(self) -> None:
        """Begin with nothing to add."""
        self.text = ""


def line(text: str) -> None:
    """Print one line, whole, whoever else is printing."""
    with _lock:
        print(text, flush=True)


def problem(text: str) -> None:
    """Print a sentence for the person on the error stream."""
    with _lock:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def step(part: str, what: str) -> Iterator[Note]:
    """Time a step and print its line when it has ended; an exception marks the line and goes on."""
    note, begun = Note(), time.monotonic()
    mark = "failed"
    try:
        yield note
        mark = "ok"
    finally:
        took = time.monotonic() - begun
        line(f"  {mark:<6} {part:<24} {note.text or what:<56} {took:6.1f} s")
