# SPDX-License-Identifier: Apache-2.0
"""Is one connection, the thread that works with it, and the table that it is finishing."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from wpclone.mover.filling import BeginAgain, Filling

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection
    from wpclone.mover.sources.base import Table


class Lane:
    """One of the ways into the schema, on which one thing is done after another."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection; the thread begins with its first work."""
        self.connection = connection
        self.thread = ThreadPoolExecutor(1, "lane")
        self.table: Table | None = None
        self.finishing: Future[None] | None = None

    def finish(self, table: Table, filling: Filling) -> None:
        """Begin to finish a table."""
        self.table = table
        self.finishing = self.thread.submit(filling.finish)

    @property
    def is_done(self) -> bool:
        """Whether the table is finished, or cannot be."""
        return self.finishing is not None and self.finishing.done()

    def settled(self) -> Table | None:
        """Forget the table that has been finished; return it if it has to be begun again."""
        finishing, self.finishing = self.finishing, None
        try:
            if finishing is not None:
                finishing.result()
        except BeginAgain:
            return self.table
        return None

    def complain(self) -> None:
        """Raise what has gone wrong with the table for good."""
        if self.finishing is not None and self.finishing.done():
            with contextlib.suppress(BeginAgain):  # not now: another table is being read
                self.finishing.result()
