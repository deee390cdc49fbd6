# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks and says what each figure means: `python -m bench [name] [megabytes]`."""

from __future__ import annotations

import argparse

from bench import rewrite

MEANING = """\
Rewriting SQL dumps: megabytes per second of one processor's time, so that a busy machine counts
for little. `sed` replaces the same spellings of the address in the same run and breaks serialized
values; the ratio says how near the byte-exact rewriter comes to plain text replacement. The aim is
1.00, and in any case more than the database takes in on the same machine.
  realistic       many small values, some posts, one in six with an address of the source
  all_serialized  nothing but serialized PHP with addresses: every length is counted anew
  no_match        the same as realistic, without any address: what merely passes by
"""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=["rewrite"], default="rewrite")
    parser.add_argument("megabytes", nargs="?", type=int, default=50, help="size of each dump")
    options = parser.parse_args()
    print(MEANING)
    rewrite.main(options.megabytes)


if __name__ == "__main__":
    main()
