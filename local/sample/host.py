# SPDX-License-Identifier: Apache-2.0
"""States what the sample needs of the host it lives on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Host(Protocol):
    """A machine with a web server, PHP, a database server and WordPress' files."""

    @property
    def root(self) -> Path:
        """Where the host's root file system lies on this machine."""

    @property
    def database(self) -> Sequence[str]:
        """Options with which a database client on the host is the server's administrator."""

    def run(
        self, argv: Sequence[str], *, stdin: str | bytes | None = None, timeout: float = 60
    ) -> str:
        """Run a program on the host and return what it printed."""
