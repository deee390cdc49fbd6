# SPDX-License-Identifier: Apache-2.0
"""Runs the database servers of the benchmark, and the clients that speak with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests import mariadb

# A value must fit ten times into the redo log: this one holds what an ordinary site has.
REDO_LOG_MIB = 256
LARGEST_PACKET = "--max-allowed-packet=1G"
_SERVER = (LARGEST_PACKET, "--innodb-buffer-pool-size=512M")


@contextmanager
def server(redo: int = REDO_LOG_MIB) -> Iterator[mariadb.Server]:
    """Run a server with a redo log of so many MiB."""
    with mariadb.server(*_SERVER, f"--innodb-log-file-size={redo}M") as running:
        yield running


def client(running: mariadb.Server) -> list[str]:
    """Return the command line of a client, without its schema."""
    return ["mariadb", "--no-defaults", f"--socket={running.socket}", "-uroot", LARGEST_PACKET]
