# SPDX-License-Identifier: Apache-2.0
"""Prints what is generated from the models: `python -m wpclone.api crd`."""

from __future__ import annotations

import sys

from wpclone.api import crd

USAGE = "usage: python -m wpclone.api crd\n"


def main(arguments: list[str]) -> int:
    """Print the generated document that was asked for."""
    if arguments != ["crd"]:
        sys.stderr.write(USAGE)
        return 64
    sys.stdout.write(crd.text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
