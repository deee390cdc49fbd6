# SPDX-License-Identifier: Apache-2.0
"""Runs the real mover with the tests' source: `python -m tests.integration.mover.driver import`."""

from __future__ import annotations

import functools
import os
import sys

from tests.integration.mover.databasesource import VARIABLE, DatabaseSource, Plan
from wpclone.mover import __main__ as mover
from wpclone.mover import connection, importing, origin


def main() -> None:
    """Put the source in, run."""
    if VARIABLE in os.environ:
        setattr(origin, "open_source", lambda _config: DatabaseSource(Plan.read()))  # noqa: B010  mypy knows its type
    if outage := os.environ.get("TEST_OUTAGE"):
        patient = functools.partial(connection.Connection, outage=float(outage))
        setattr(importing, "Connection", patient)  # noqa: B010  mypy knows it as a class
    sys.exit(mover.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
