# SPDX-License-Identifier: Apache-2.0
"""Runs the real mover with the tests' source: `python -m tests.integration.mover.driver import`."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path

from tests.integration.mover.databasesource import VARIABLE, DatabaseSource, Plan
from wpclone.mover import __main__ as mover
from wpclone.mover import connection, importing, origin
from wpclone.mover.sources.database.wire import Wire
from wpclone.mover.sources.neighbour import ranges


def main() -> None:
    """Put the source in, run."""
    if VARIABLE in os.environ:
        setattr(origin, "open_source", lambda _config: DatabaseSource(Plan.read()))  # noqa: B010  mypy knows its type
    if outage := os.environ.get("TEST_OUTAGE"):
        patient = functools.partial(connection.Connection, outage=float(outage))
        setattr(importing, "Connection", patient)  # noqa: B010  mypy knows it as a class
    if told := os.environ.get("TEST_RANGES"):
        paced(**json.loads(told))
    sys.exit(mover.main(sys.argv[1:]))


def paced(size: int, pause_before: int = 0, reached: str = "", go_on: str = "") -> None:
    """Cut tables into ranges of this size, and wait before one of them for the test."""
    setattr(ranges, "RANGE_BYTES", size)  # noqa: B010  mypy knows it as final
    ask = ranges.Ranges.end
    asked = 0

    def end(known: ranges.Ranges, wire: Wire, last: int | None) -> int | None:
        nonlocal asked
        asked += 1
        if asked == pause_before:
            Path(reached).write_bytes(b"!")
            Path(go_on).read_bytes()
        return ask(known, wire, last)

    setattr(ranges.Ranges, "end", end)  # noqa: B010  mypy knows its type


if __name__ == "__main__":
    main()
