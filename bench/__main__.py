# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark: `python -m bench [--megabytes N] [--write]`, or checks it: `--check`."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Sequence

from bench import telling
from bench.rewrite import OURS, SED, Figure, figures

# Loose enough for a busy machine: what they catch is a filter that has become several times slower,
# or one that holds what it should pass on.
LEAST_OF_SED = 0.4
# What docs/rewrite.md promises.
MOST_MIB = 64


def problems(seen: Sequence[Figure]) -> list[str]:
    """Say what is slower or larger than it may ever be."""
    by = {(figure.dump, figure.way): figure for figure in seen}
    found = []
    for dump in dict.fromkeys(figure.dump for figure in seen if figure.way == OURS):
        ours, sed = by[dump, OURS], by[dump, SED]
        if ours.rate < LEAST_OF_SED * sed.rate:
            found.append(f"{dump}: {ours.rate:.0f} MB/s, where sed makes {sed.rate:.0f} MB/s")
        if ours.peak > MOST_MIB:
            found.append(f"{dump}: a peak of {ours.peak:.0f} MiB")
    return found


def _circumstances(megabytes: int) -> str:
    day = datetime.datetime.now(datetime.UTC).date()
    return (
        f"{day}, dumps of {megabytes} MB, {os.cpu_count()} processors, {platform.machine()},"
        f" Python {platform.python_version()}, load before: {os.getloadavg()[0]:.1f}."
    )


def main() -> int:
    """Measure, and tell, write or check it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300, help="the size of each dump")
    parser.add_argument("--times", type=int, default=2, help="of so many runs the fastest counts")
    parser.add_argument("--no-databases", action="store_true", help="only the filters")
    parser.add_argument("--write", action="store_true", help="put the figures into the docs")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is out of bounds")
    options = parser.parse_args()
    circumstances = _circumstances(options.megabytes)
    seen: list[Figure] = []
    print(circumstances)
    for figure in figures(
        options.megabytes, times=options.times, databases=not options.no_databases
    ):
        print(
            f"{figure.dump:15} {figure.way:23} {figure.rate:8.0f} MB/s"
            f" {figure.processor:7.2f} s {figure.peak:6.0f} MiB",
            flush=True,
        )
        seen.append(figure)
    if options.write:
        telling.write(seen, circumstances)
    found = problems(seen) if options.check else []
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
