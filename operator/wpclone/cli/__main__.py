# SPDX-License-Identifier: Apache-2.0
"""Starts the command line where no console script is installed: `python -m wpclone.cli`."""

from wpclone.cli import main

if __name__ == "__main__":
    main()
